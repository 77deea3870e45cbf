#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/time_text.h"
#include "main/cli/commands.h"
#include "main/cli/home_access.h"
#include "main/home_vectors.h"
#include "main/output.h"
#include "main/session.h"
#include "model/json.h"

namespace mend {
namespace {

struct StatusFacts {
  std::string store = "none yet";
  bool daemon = false;
  std::uint64_t events = 0;
  std::map<std::string, std::uint64_t> incidents;
  Controls controls;
  std::optional<AuditRecord> last_audit;
  std::string model;
  std::vector<std::string> degraded;

  const Pause* kill_switch() const { return controls.find("global"); }
};

Result<StatusFacts> gather(AppContext& app) {
  StatusFacts facts;
  const DiagnosisEngine engine = make_diagnosis_engine(app);
  facts.model = engine.diagnoser->model().version();
  facts.degraded = engine.diagnoser->model().degraded;
  for (auto& problem : vector_problems(app)) facts.degraded.push_back(std::move(problem));
  facts.daemon = daemon_runs(app.home);
  MEND_TRY(const auto store, open_existing_store(app));
  if (!store) return facts;
  facts.store = store->description();
  MEND_TRY(facts.events, store->event_count());
  MEND_TRY(facts.incidents, store->incident_counts());
  MEND_TRY(facts.controls, store->controls());
  AuditFilter last;
  last.limit = 1;
  MEND_TRY(auto records, store->audit(last));
  if (!records.empty()) facts.last_audit = std::move(records.front());
  return facts;
}

void print_as_json(const AppContext& app, const StatusFacts& facts) {
  boost::json::object incidents;
  for (const auto& [state, count] : facts.incidents) incidents[state] = count;
  boost::json::array pauses, degraded;
  for (const Pause& pause : facts.controls.pauses) pauses.push_back(to_json(pause));
  for (const auto& part : facts.degraded) degraded.emplace_back(part);
  print_json(boost::json::object{{"home", app.home.string()},
                                 {"store", facts.store},
                                 {"mode", facts.kill_switch() ? "paused" : "auto"},
                                 {"daemon", facts.daemon},
                                 {"events", facts.events},
                                 {"incidents", std::move(incidents)},
                                 {"pauses", std::move(pauses)},
                                 {"model", facts.model},
                                 {"degraded", std::move(degraded)},
                                 {"audit_records", facts.last_audit ? facts.last_audit->sequence : 0}});
}

std::string pause_text(const Pause& pause) {
  const std::string what = pause.scope == "global" ? "everything" : fmt::format("{} {}", pause.scope, pause.name);
  return fmt::format("{} since {} by {}{}", what, format_rfc3339(pause.since), pause.by,
                     pause.reason.empty() ? "" : ": " + one_line(pause.reason, 100));
}

void print_for_people(const AppContext& app, const StatusFacts& facts) {
  const bool colours = app.colours;
  const auto line = [&](std::string_view name, std::string_view value) { print(fmt::format("{:<11} {}\n", name, value)); };
  line("home", app.home.string());
  line("store", facts.store);
  line("mode", facts.kill_switch() ? paint("paused: nothing is repaired (mendline resume)", Colour::red, colours)
                                   : paint("auto", Colour::green, colours));
  for (const Pause& pause : facts.controls.pauses) line("paused", paint(pause_text(pause), Colour::yellow, colours));
  line("daemon", facts.daemon ? "serves this home" : "none runs");
  line("events", fmt::format("{}", facts.events));
  line("model", facts.model);
  for (const auto& part : facts.degraded) line("degraded", paint(part, Colour::red, colours));
  if (facts.last_audit)
    line("audit", fmt::format("{} records, the last at {}: {} {}", facts.last_audit->sequence, format_rfc3339(facts.last_audit->timestamp),
                              facts.last_audit->action, one_line(facts.last_audit->detail, 80)));
  if (facts.incidents.empty()) {
    line("incidents", "none");
    return;
  }
  print("\n");
  Table table({"INCIDENTS", "STATE"});
  for (const auto& [state, count] : facts.incidents) table.add({fmt::format("{}", count), state});
  print(table.text(colours));
}

}  // namespace

ExitStatus status_command(AppContext& app, const ListOptions& options) {
  const auto facts = gather(app);
  if (!facts) return report_error(facts.error());
  if (options.json) {
    print_as_json(app, *facts);
    return ExitStatus::ok;
  }
  if (facts->store == StatusFacts{}.store) print(no_home_error(app).message + "\n\n");
  print_for_people(app, *facts);
  return ExitStatus::ok;
}

}  // namespace mend
