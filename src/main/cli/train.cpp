#include <fmt/format.h>

#include "diagnose/model_builder.h"
#include "main/cli/commands.h"
#include "main/output.h"

namespace mend {

ExitStatus train_command(AppContext& app, const TrainOptions& options) {
  const std::filesystem::path catalog = options.catalog.empty() ? app.data / "catalog" : std::filesystem::path(options.catalog);
  const std::filesystem::path out = options.out.empty() ? app.data / "model.bin" : std::filesystem::path(options.out);
  const auto report = build_model(catalog, out, [](std::string_view line) { print_error(fmt::format("train: {}\n", line)); });
  if (!report) {
    print_error(fmt::format("mendline train: {}\n", report.error().message));
    return report.error().kind == ErrorKind::invalid_input ? ExitStatus::usage : ExitStatus::failed;
  }
  print(fmt::format("{}: {} signatures, {} labelled texts ({} samples), {} cases; trained in {:.0f} s\n", out.string(), report->signatures,
                    report->texts, report->samples, report->cases, report->seconds));
  return ExitStatus::ok;
}

}  // namespace mend
