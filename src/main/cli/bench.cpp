#include <boost/json.hpp>
#include <fmt/format.h>

#include "main/cli/commands.h"
#include "main/measure.h"
#include "main/output.h"

namespace mend {

ExitStatus bench_command(AppContext& app, const BenchOptions& options) {
  boost::json::array list;
  Table table({"MEASURED", "VALUE", "UNIT", "COUNT", "SECONDS"});
  for (const auto measure : {measure_classify, measure_cached, measure_ingest}) {
    if (app.err_terminal) print_error("measuring ...\r");
    const auto one = measure(app, options.seconds);
    if (!one) return report_error(one.error());
    list.push_back({{"name", one->name}, {"value", one->value}, {"unit", one->unit}, {"count", one->count}, {"seconds", one->seconds}});
    table.add({one->name, fmt::format("{:.1f}", one->value), one->unit, fmt::format("{}", one->count), fmt::format("{:.2f}", one->seconds)});
  }
  if (options.json) print_json(list);
  else print(table.text(app.colours));
  return ExitStatus::ok;
}

}  // namespace mend
