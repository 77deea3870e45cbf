#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "base/time_text.h"
#include "main/cli/commands.h"
#include "main/cli/narrator.h"
#include "main/lab_scenario.h"
#include "main/output.h"
#include "main/session.h"
#include "main/supervise.h"

namespace mend {
namespace {

namespace fs = std::filesystem;

struct ScenarioResult {
  std::string name, expected, outcome, found;
  bool ok = false, data_lost = false, wrong_action = false;
  double seconds = 0;
  std::vector<std::string> actions;
};

// Runs one scenario against the home; every outcome but a broken lab is a result, not an error.
Result<ScenarioResult> run_scenario(AppContext& app, const LabScenario& scenario, const fs::path& work, Narrator& narrator, CallContext& call) {
  ScenarioResult result;
  result.name = scenario.name;
  result.expected = scenario.expected;
  const SteadyTime begin = app.clock.steady();
  MEND_TRY(const auto setup, LabSetup::make(scenario, work, call));
  SessionOptions options;
  options.jobs = &setup->jobs();
  options.observer = &narrator;
  MEND_TRY(const auto session, Session::open(app, options));
  if (setup->jobs().jobs.empty()) return fail(ErrorKind::invalid_input, scenario.name + ": its mendline.yaml has no job");
  const JobSpec& job = setup->jobs().jobs.front();
  if (scenario.good_run_first) {
    MEND_TRY(const Supervised good, supervise(app, session->engine(), session->connector(), job, call));
    if (!good.first.succeeded) return fail(ErrorKind::internal, fmt::format("{}: the good run failed: {}", scenario.name, good.first.error_text));
    MEND_CHECK(setup->break_it(call));
  }
  MEND_TRY(const Supervised done, supervise(app, session->engine(), session->connector(), job, call));
  if (!done.problem.empty()) return fail(ErrorKind::internal, fmt::format("{}: {}", scenario.name, done.problem));
  if (done.healing) {
    result.outcome = std::string(to_string(done.healing->state));
    result.actions = done.healing->actions;
  } else {
    result.outcome = done.first.succeeded ? "succeeded" : "cancelled";
  }
  // The end state is asked of the target itself, not of our own records.
  MEND_TRY(const LabSetup::Check check, setup->check(call));
  result.found = check.found;
  result.data_lost = check.data_lost;
  result.ok = result.outcome == scenario.expected && check.right;
  // Wrong: something was done that was not to be done here, or what was done left a wrong state behind.
  const bool unexpected = scenario.expected == "healed" && std::ranges::any_of(result.actions, [&](const std::string& action) {
    return action != scenario.strategy;
  });
  result.wrong_action = unexpected || (!result.actions.empty() && !check.right);
  result.seconds = double((app.clock.steady() - begin).count()) / 1e6;
  return result;
}

boost::json::object summary_json(const std::vector<ScenarioResult>& results) {
  boost::json::array list;
  std::uint64_t healed = 0, escalated = 0, wrong = 0, lost = 0;
  for (const auto& one : results) {
    boost::json::array actions;
    for (const auto& action : one.actions) actions.emplace_back(action);
    list.push_back({{"name", one.name}, {"outcome", one.outcome}, {"expected", one.expected}, {"ok", one.ok}, {"seconds", one.seconds},
                    {"actions", std::move(actions)}, {"found", one.found}});
    healed += one.outcome == "healed";
    escalated += one.outcome == "escalated" || one.outcome == "awaiting_approval";
    wrong += one.wrong_action;
    lost += one.data_lost;
  }
  return {{"scenarios", std::move(list)}, {"healed", healed}, {"escalated", escalated}, {"wrong_actions", wrong}, {"data_lost", lost}};
}

ExitStatus list_scenarios(const std::vector<LabScenario>& scenarios, bool json, bool colours) {
  boost::json::array list;
  Table table({"NAME", "EXPECTED", "STRATEGY", "WHAT"});
  for (const auto& one : scenarios) {
    list.push_back({{"name", one.name}, {"title", one.title}, {"expected", one.expected}, {"strategy", one.strategy}, {"error_type", one.error_type}});
    table.add({one.name, one.expected, one.strategy.empty() ? "-" : one.strategy, one.title});
  }
  if (json) print_json(list);
  else print(table.text(colours));
  return ExitStatus::ok;
}

}  // namespace

ExitStatus lab_command(AppContext& app, const LabOptions& options) {
  auto scenarios = load_scenarios(options.folder.empty() ? app.data / "lab" : fs::path(options.folder));
  if (!scenarios) return report_error(scenarios.error());
  if (options.list) return list_scenarios(*scenarios, options.json, app.colours);
  for (const auto& name : options.only) {
    std::vector<std::string_view> names;
    for (const auto& one : *scenarios) names.push_back(one.name);
    if (std::ranges::find(names, name) != names.end()) continue;
    const auto near = nearest(name, names);
    print_error(fmt::format("mendline lab: no scenario '{}'{}\n", name, near.empty() ? "; `mendline lab list` shows them" : fmt::format("; did you mean '{}'?", near)));
    return ExitStatus::usage;
  }
  // JSON goes to standard output alone; the story goes to standard error then.
  Narrator narrator(options.json ? STDERR_FILENO : STDOUT_FILENO, app.colours && !options.json, "", options.json && !app.err_terminal);
  CallContext call(app.clock, *app.log, std::stop_token{}, "lab");
  // The lab's failures do not belong among those of real jobs: without a home of its choice it gets one that goes away.
  const bool own_home = !app.home_chosen;
  if (own_home) app.home = fs::temp_directory_path() / make_id("mendline-lab", app.clock.now(), app.random);
  std::vector<ScenarioResult> results;
  const fs::path base = app.home / "lab" / make_id("work", app.clock.now(), app.random);
  for (const auto& scenario : *scenarios) {
    if (!options.only.empty() && std::ranges::find(options.only, scenario.name) == options.only.end()) continue;
    narrator.say(fmt::format("\n{}\n{}\n", paint(fmt::format("== {}: {}", scenario.name, scenario.title), Colour::bold, app.colours && !options.json), scenario.story));
    auto result = run_scenario(app, scenario, base / scenario.name, narrator, call);
    if (!result) return report_error(result.error());
    narrator.say(fmt::format("  target      {}\n  {}   {} after {:.1f} s (expected {})", result->found, result->ok ? "as it should:" : "WRONG:       ", result->outcome,
                             result->seconds, result->expected));
    results.push_back(std::move(*result));
  }
  if (!options.keep) {
    std::error_code ignored;
    fs::remove_all(own_home ? app.home : base, ignored);
  } else {
    narrator.say("working folders are kept in " + base.string());
  }
  const bool all_ok = std::ranges::all_of(results, [](const ScenarioResult& one) { return one.ok && !one.data_lost && !one.wrong_action; });
  const auto summary = summary_json(results);
  if (options.json) {
    print_json(summary);
  } else {
    Table table({"SCENARIO", "OUTCOME", "EXPECTED", "OK", "SECONDS", "ACTIONS"});
    for (const auto& one : results)
      table.add({one.name, one.outcome, one.expected, one.ok ? "yes" : "NO", fmt::format("{:.1f}", one.seconds), fmt::format("{}", fmt::join(one.actions, ", "))});
    print("\n" + table.text(app.colours));
    print(fmt::format("{} healed, {} handed to a person, {} wrong actions, {} times data lost\n", summary.at("healed").to_number<int>(),
                      summary.at("escalated").to_number<int>(), summary.at("wrong_actions").to_number<int>(), summary.at("data_lost").to_number<int>()));
  }
  return all_ok ? ExitStatus::ok : ExitStatus::failed;
}

}  // namespace mend
