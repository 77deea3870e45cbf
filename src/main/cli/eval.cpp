#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/file.h"
#include "base/text.h"
#include "diagnose/calibrate.h"
#include "diagnose/evaluation/plot.h"
#include "main/cli/commands.h"
#include "main/cli/eval_report.h"
#include "main/cli/labelled_messages.h"
#include "main/diagnosis_engine.h"
#include "main/output.h"

namespace mend {
namespace {

constexpr std::size_t kMostSlowest = 5;
constexpr std::size_t kMostBeginning = 100;  // characters of a message that is shown

// Fits the fusion's numbers on these messages and writes them as a calibration file.
ExitStatus fit(AppContext& app, const DiagnosisEngine& engine, const std::vector<LabelledMessage>& rows, const EvalOptions& options) {
  std::vector<CalibrationSample> samples;
  for (const LabelledMessage& row : rows)
    samples.push_back({engine.diagnoser->votes({app.redactor->redact(row.message), row.platform, {}}), row.label, row.alternative});
  const FusionNumbers numbers = fit_numbers(samples, engine.diagnoser->model().numbers);
  const std::string how = fmt::format(
      "Fitted by `mendline eval --fit` on {} labelled messages that the model was not trained on (calibrate.h says how).", rows.size());
  if (auto written = write_file_durably(options.fit, to_yaml(numbers, how), 0644); !written) return report_error(written.error());
  print(fmt::format("{}: fitted on {} messages; train again to put it into the model file\n", options.fit, rows.size()));
  return ExitStatus::ok;
}

EvalReport evaluate(AppContext& app, const DiagnosisEngine& engine, const std::vector<LabelledMessage>& rows, std::size_t most_wrong) {
  std::vector<Judged> judged;
  for (const LabelledMessage& row : rows) {
    const SteadyTime begin = app.clock.steady();
    const Diagnosis d = engine.diagnoser->diagnose({app.redactor->redact(row.message), row.platform, {}});
    const double milliseconds = double((app.clock.steady() - begin).count()) / 1000;
    judged.push_back({row.label, row.alternative, d.type, d.confidence, app.redactor->redact(to_valid_utf8(row.platform)), milliseconds,
                      app.redactor->redact(to_valid_utf8(row.id))});
  }
  const auto shown = [&](const std::vector<std::size_t>& indices) {
    std::vector<ShownMessage> out;
    for (const std::size_t i : indices)
      out.push_back({judged[i], one_line(app.redactor->redact(to_valid_utf8(rows[i].message)), kMostBeginning)});
    return out;
  };
  return {compute_figures(judged), compute_intervals(judged), shown(most_confidently_wrong(judged, most_wrong)),
          shown(slowest(judged, kMostSlowest))};
}

}  // namespace

ExitStatus eval_command(AppContext& app, const EvalOptions& options) {
  if (auto ready = app.load_redactor(); !ready) return report_error(ready.error());
  const auto rows = read_labelled_messages(options.file);
  if (!rows) return report_error(rows.error());
  const DiagnosisEngine engine = make_diagnosis_engine(app);
  for (const auto& missing : engine.diagnoser->model().degraded) app.log->warning("{}", missing);
  if (!options.fit.empty()) return fit(app, engine, *rows, options);
  const EvalReport report = evaluate(app, engine, *rows, options.misses);
  if (!options.plot.empty()) {
    // Before anything is printed: a wrong path is told, not buried under tables.
    if (auto written = write_file_durably(options.plot, evaluation_svg(report.figures), 0644); !written)
      return report_error(written.error().in("--plot"));
  }
  if (options.json)
    print_json(to_json(report));
  else
    print(eval_text(report, app.colours));
  return ExitStatus::ok;
}

}  // namespace mend
