#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <fmt/format.h>
#include <map>

#include "base/file.h"
#include "base/text.h"
#include "diagnose/calibrate.h"
#include "main/cli/commands.h"
#include "main/cli/eval_figures.h"
#include "main/diagnosis_engine.h"
#include "main/output.h"
#include "model/json.h"

namespace mend {
namespace {

namespace js = boost::json;

struct Labelled {
  std::string id, platform, message;
  ErrorType label = ErrorType::unknown_error;
  std::optional<ErrorType> alternative;
};

Result<std::vector<Labelled>> read_labelled(const std::string& file) {
  MEND_TRY(const std::string text, read_file(file));
  std::vector<Labelled> out;
  std::size_t number = 0;
  for (const auto line : split_lines(text)) {
    ++number;
    if (trim(line).empty()) continue;
    const auto wrong = [&](std::string_view why) { return fail(ErrorKind::invalid_input, fmt::format("{}:{}: {}", file, number, why)); };
    const auto json = parse_json(line);
    if (!json || !json->is_object()) return wrong("not a JSON object");
    const auto get = [&](const char* key) {
      const auto* value = json->get_object().if_contains(key);
      return value && value->is_string() ? std::string(value->get_string()) : std::string();
    };
    Labelled row;
    row.id = get("id");
    row.platform = get("platform");
    row.message = get("message");
    std::string label = get("label");
    if (label.empty()) label = get("type");  // the catalog's own corpus
    const auto type = parse_error_type(label);
    if (!type) return wrong(fmt::format("field 'label': no error type '{}'", label));
    if (row.message.empty()) return wrong("field 'message' is missing");
    row.label = *type;
    if (const std::string alternative = get("alt"); !alternative.empty()) {
      row.alternative = parse_error_type(alternative);
      if (!row.alternative) return wrong(fmt::format("field 'alt': no error type '{}'", alternative));
    }
    out.push_back(std::move(row));
  }
  if (out.empty()) return fail(ErrorKind::invalid_input, file + ": no labelled messages");
  return out;
}

js::object figures_json(const EvalFigures& f) {
  js::object types;
  for (const ErrorType type : kErrorTypes) {
    const TypeFigures& one = f.types[std::size_t(type)];
    types[to_string(type)] = js::object{{"precision", one.precision}, {"recall", one.recall}, {"f1", one.f1}, {"n", one.count}};
  }
  js::object confusion;
  for (const auto& [pair, count] : f.confusion) confusion[fmt::format("{} -> {}", to_string(pair.first), to_string(pair.second))] = count;
  return {{"n", f.count}, {"accuracy", f.accuracy}, {"accuracy_alt", f.accuracy_alt}, {"macro_f1", f.macro_f1}, {"macro_f1_alt", f.macro_f1_alt},
          {"ece", f.calibration_error}, {"auto_coverage", f.auto_coverage}, {"auto_precision", f.auto_precision},
          {"coverage_at_p98", f.coverage_at_98}, {"ms_per_message", f.ms_per_message}, {"types", types}, {"confusion", confusion}};
}

std::string figures_text(const EvalFigures& f, bool colours) {
  std::string out;
  const auto line = [&](std::string_view name, double value) { out += fmt::format("{:<18} {:.4f}\n", name, value); };
  out += fmt::format("{:<18} {}\n", "n", f.count);
  line("accuracy", f.accuracy);
  line("accuracy_alt", f.accuracy_alt);
  line("macro_f1", f.macro_f1);
  line("macro_f1_alt", f.macro_f1_alt);
  line("ece", f.calibration_error);
  line("auto_coverage", f.auto_coverage);
  line("auto_precision", f.auto_precision);
  line("coverage_at_p98", f.coverage_at_98);
  line("ms_per_message", f.ms_per_message);
  Table table({"type (alt accepted)", "precision", "recall", "f1", "n"});
  for (const ErrorType type : kErrorTypes) {
    const TypeFigures& one = f.types[std::size_t(type)];
    table.add({std::string(to_string(type)), fmt::format("{:.3f}", one.precision), fmt::format("{:.3f}", one.recall), fmt::format("{:.3f}", one.f1),
               fmt::format("{}", one.count)});
  }
  out += "\n" + table.text(colours);
  if (!f.confusion.empty()) {
    Table mixed({"taken for", "instead of", "times"});
    for (const auto& [pair, count] : f.confusion)
      mixed.add({std::string(to_string(pair.second)), std::string(to_string(pair.first)), fmt::format("{}", count)});
    out += "\n" + mixed.text(colours);
  }
  return out;
}

// Fits the fusion's numbers on these messages and writes them as a calibration file.
ExitStatus fit(AppContext& app, const DiagnosisEngine& engine, const std::vector<Labelled>& rows, const EvalOptions& options) {
  std::vector<CalibrationSample> samples;
  for (const Labelled& row : rows)
    samples.push_back({engine.diagnoser->votes({app.redactor->redact(row.message), row.platform, {}}), row.label, row.alternative});
  const FusionNumbers numbers = fit_numbers(samples, engine.diagnoser->model().numbers);
  const std::string how = fmt::format("Fitted by `mendline eval --fit` on {} labelled messages that the model was not trained on (calibrate.h says how).",
                                      rows.size());
  if (auto written = write_file_durably(options.fit, to_yaml(numbers, how), 0644); !written) return report_error(written.error());
  print(fmt::format("{}: fitted on {} messages; train again to put it into the model file\n", options.fit, rows.size()));
  return ExitStatus::ok;
}

}  // namespace

ExitStatus eval_command(AppContext& app, const EvalOptions& options) {
  if (auto ready = app.load_redactor(); !ready) return report_error(ready.error());
  const auto rows = read_labelled(options.file);
  if (!rows) return report_error(rows.error());
  const DiagnosisEngine engine = make_diagnosis_engine(app);
  for (const auto& missing : engine.diagnoser->model().degraded) app.log->warning("{}", missing);
  if (!options.fit.empty()) return fit(app, engine, *rows, options);
  std::vector<Judged> judged;
  const SteadyTime begin = app.clock.steady();
  for (const Labelled& row : *rows) {
    const Diagnosis d = engine.diagnoser->diagnose({app.redactor->redact(row.message), row.platform, {}});
    judged.push_back({row.label, row.alternative, d.type, d.confidence});
  }
  EvalFigures figures = compute_figures(judged);
  figures.ms_per_message = double((app.clock.steady() - begin).count()) / 1000 / double(rows->size());
  if (options.json) print_json(figures_json(figures));
  else print(figures_text(figures, app.colours));
  if (options.misses > 0 && !options.json) {
    std::vector<std::size_t> wrong;
    for (std::size_t i = 0; i < judged.size(); ++i)
      if (!judged[i].right()) wrong.push_back(i);
    std::ranges::stable_sort(wrong, [&](std::size_t a, std::size_t b) { return judged[a].confidence > judged[b].confidence; });
    for (std::size_t i = 0; i < wrong.size() && i < std::size_t(options.misses); ++i) {
      const Judged& one = judged[wrong[i]];
      print(fmt::format("{:.2f} {} want {} got {}\n", one.confidence, (*rows)[wrong[i]].id, to_string(one.label), to_string(one.verdict)));
    }
  }
  return ExitStatus::ok;
}

}  // namespace mend
