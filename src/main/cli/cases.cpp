#include <boost/json.hpp>
#include <fmt/format.h>

#include "main/cli/commands.h"
#include "main/cli/home_access.h"
#include "main/output.h"
#include "model/json.h"

namespace mend {
namespace {

// Learned ones, newest first; with --all the catalogue's behind them.
Result<std::vector<Case>> collect(AppContext& app, Store* store, const ListOptions& options) {
  std::vector<Case> out;
  const std::size_t most = options.limit + 1;
  if (store) {
    MEND_TRY(out, store->cases(options.job.empty() ? most : std::size_t{100'000}));
    if (!options.job.empty()) std::erase_if(out, [&](const Case& one) { return one.job.str() != options.job; });
  }
  if (options.all && options.job.empty() && out.size() < most) {
    MEND_TRY(auto seed, seed_cases(app));
    for (Case& one : seed) {
      if (out.size() == most) break;
      out.push_back(std::move(one));
    }
  }
  return out;
}

}  // namespace

ExitStatus cases_command(AppContext& app, const ListOptions& options) {
  const auto store = open_existing_store(app);
  if (!store) return report_error(store.error());
  if (!*store && !options.all) return nothing_here(app, options.json);
  auto cases = collect(app, store->get(), options);
  if (!cases) return report_error(cases.error());
  cut_to_limit(*cases, options.limit, "cases");
  if (options.json) {
    boost::json::array out;
    for (const Case& one : *cases) out.push_back(to_json(one));
    print_json(out);
    return ExitStatus::ok;
  }
  if (cases->empty()) {
    print("nothing was learned yet (--all shows the cases that Mendline came with)\n");
    return ExitStatus::ok;
  }
  Table table({"ID", "JOB", "TYPE", "STRATEGY", "HELPED", "AGE", "ERROR"});
  const WallTime now = app.clock.now();
  for (const Case& one : *cases)
    table.add({one.id.str(), one.job.empty() ? "-" : one.job.str(), std::string(to_string(one.error_type)), one.resolution_strategy,
               one.success ? "yes" : "no", age_text(one.recorded_at, now), one_line(one.error_message, 80)});
  print(table.text(app.colours));
  return ExitStatus::ok;
}

}  // namespace mend
