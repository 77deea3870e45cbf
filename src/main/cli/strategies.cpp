#include <boost/json.hpp>
#include <fmt/format.h>

#include "main/cli/commands.h"
#include "main/cli/home_access.h"
#include "main/output.h"
#include "main/session.h"
#include "model/json.h"

namespace mend {
namespace {

struct Learned {
  std::vector<StrategyStatistics> statistics;
  Controls controls;
};

// A registry without a home is worth showing: nothing was learned yet.
Result<Learned> learned_here(AppContext& app) {
  Learned out;
  MEND_TRY(const auto store, open_existing_store(app));
  if (!store) return out;
  MEND_TRY(out.statistics, store->strategy_statistics());
  MEND_TRY(out.controls, store->controls());
  return out;
}

struct Figures {
  std::uint64_t tried = 0, helped = 0;
  double expected = 0;  // over all error types together, as expected_success weighs one
  boost::json::array by_type;
};

Figures figures_of(const Strategy& strategy, const std::vector<StrategyStatistics>& statistics) {
  Figures out;
  for (const auto& one : statistics) {
    if (one.strategy != strategy.name) continue;
    out.tried += one.tried;
    out.helped += one.helped;
    out.by_type.push_back({{"error_type", to_string(one.error_type)},
                           {"tried", one.tried},
                           {"helped", one.helped},
                           {"expected_success", expected_success(strategy, one.error_type, statistics)}});
  }
  out.expected = (strategy.prior_success * 10 + double(out.helped)) / double(10 + out.tried);
  return out;
}

std::string capabilities_text(const Strategy& strategy) {
  if (strategy.capabilities.empty()) return "hands over to a person";
  std::vector<std::string_view> names;
  for (const Capability capability : strategy.capabilities) names.push_back(to_string(capability));
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

ExitStatus strategies_command(AppContext& app, const ListOptions& options) {
  const auto registry = load_registry(app);
  if (!registry) return report_error(registry.error());
  const auto learned = learned_here(app);
  if (!learned) return report_error(learned.error());
  boost::json::array json;
  Table table({"STRATEGY", "RISK", "PRIOR", "TRIED", "HELPED", "EXPECTED", "PAUSED", "DOES"});
  for (const Strategy& strategy : registry->all()) {
    Figures figures = figures_of(strategy, learned->statistics);
    const bool paused = learned->controls.find("strategy", strategy.name) != nullptr;
    table.add({strategy.name, std::string(to_string(strategy.risk)), fmt::format("{:.2f}", strategy.prior_success),
               fmt::format("{}", figures.tried), fmt::format("{}", figures.helped), fmt::format("{:.2f}", figures.expected),
               paused ? "paused" : "-", capabilities_text(strategy)});
    boost::json::object one = to_json(strategy);
    one["tried"] = figures.tried;
    one["helped"] = figures.helped;
    one["expected_success"] = figures.expected;
    one["paused"] = paused;
    one["learned"] = std::move(figures.by_type);
    json.push_back(std::move(one));
  }
  if (options.json) print_json(json);
  else print(table.text(app.colours));
  return ExitStatus::ok;
}

}  // namespace mend
