#include "main/cli/eval_report.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "main/output.h"

namespace mend {
namespace {

namespace js = boost::json;

constexpr std::size_t kMostPlatforms = 15;  // on a terminal; --json has all

js::array json_of(const Interval& interval) { return {interval.low, interval.high}; }

js::object types_json(const EvalFigures& f) {
  js::object out;
  for (const ErrorType type : kErrorTypes) {
    const TypeFigures& one = f.types[std::size_t(type)];
    out[to_string(type)] = js::object{{"precision", one.precision},
                                      {"recall", one.recall},
                                      {"f1", one.f1},
                                      {"n", one.count},
                                      {"precision_interval", json_of(wilson(one.hits, one.said))},
                                      {"recall_interval", json_of(wilson(one.hits, one.count))}};
  }
  return out;
}

js::array platforms_json(const EvalFigures& f) {
  js::array out;
  for (const PlatformFigures& one : f.platforms)
    out.push_back({{"platform", one.platform},
                   {"n", one.count},
                   {"accuracy_alt", one.accuracy()},
                   {"accuracy_alt_interval", json_of(wilson(one.right, one.count))},
                   {"auto_coverage", one.auto_coverage()},
                   {"auto_precision", one.automatic > 0 ? js::value(one.auto_precision()) : js::value(nullptr)}});
  return out;
}

js::array reliability_json(const EvalFigures& f) {
  js::array out;
  for (const ReliabilityBin& bin : f.reliability)
    out.push_back({{"n", bin.count}, {"confidence", bin.confidence}, {"accuracy", bin.accuracy}, {"least", bin.least}, {"most", bin.most}});
  return out;
}

js::array curve_json(const EvalFigures& f) {
  js::array out;
  for (const RiskPoint& point : f.risk_coverage)
    out.push_back({{"confidence", point.confidence}, {"coverage", point.coverage}, {"risk", point.risk}});
  return out;
}

js::array messages_json(const std::vector<ShownMessage>& messages) {
  js::array out;
  for (const ShownMessage& one : messages)
    out.push_back({{"id", one.judged.id},
                   {"label", to_string(one.judged.label)},
                   {"said", to_string(one.judged.verdict)},
                   {"confidence", one.judged.confidence},
                   {"ms", one.judged.milliseconds},
                   {"message", one.beginning}});
  return out;
}

std::string figures_text(const EvalReport& report) {
  const EvalFigures& f = report.figures;
  std::string out = fmt::format("{:<18} {}\n", "n", f.count);
  const auto line = [&](std::string_view name, double value) { out += fmt::format("{:<18} {:.4f}\n", name, value); };
  const auto between = [&](std::string_view name, double value, const Interval& interval) {
    out += fmt::format("{:<18} {:.4f}  [{:.4f}, {:.4f}]\n", name, value, interval.low, interval.high);
  };
  between("accuracy", f.accuracy, report.intervals.accuracy);
  between("accuracy_alt", f.accuracy_alt, report.intervals.accuracy_alt);
  between("macro_f1", f.macro_f1, report.intervals.macro_f1);
  between("macro_f1_alt", f.macro_f1_alt, report.intervals.macro_f1_alt);
  between("ece", f.calibration_error, report.intervals.calibration_error);
  between("auto_coverage", f.auto_coverage, report.intervals.auto_coverage);
  between("auto_precision", f.auto_precision, report.intervals.auto_precision);
  between("coverage_at_p98", f.coverage_at_98, report.intervals.coverage_at_98);
  line("ms_per_message", f.ms_per_message);
  line("p50_ms", f.p50_ms);
  line("p99_ms", f.p99_ms);
  return out + "in brackets: where the figure lies with a certainty of 95 %, the messages being a sample\n";
}

std::string types_text(const EvalFigures& f, bool colours) {
  Table table({"type (alt accepted)", "precision", "recall", "f1", "n"});
  for (const ErrorType type : kErrorTypes) {
    const TypeFigures& one = f.types[std::size_t(type)];
    table.add({std::string(to_string(type)), fmt::format("{:.3f}", one.precision), fmt::format("{:.3f}", one.recall),
               fmt::format("{:.3f}", one.f1), fmt::format("{}", one.count)});
  }
  return table.text(colours);
}

std::string confusion_text(const EvalFigures& f, bool colours) {
  if (f.confusion.empty()) return {};
  Table table({"taken for", "instead of", "times"});
  for (const auto& [pair, count] : f.confusion)
    table.add({std::string(to_string(pair.second)), std::string(to_string(pair.first)), fmt::format("{}", count)});
  return "\n" + table.text(colours);
}

std::string platforms_text(const EvalFigures& f, bool colours) {
  Table table({"platform", "n", "accuracy_alt", "auto_coverage", "auto_precision"});
  for (std::size_t i = 0; i < f.platforms.size() && i < kMostPlatforms; ++i) {
    const PlatformFigures& one = f.platforms[i];
    table.add({one.platform.empty() ? "(none given)" : one_line(one.platform, 40), fmt::format("{}", one.count),
               fmt::format("{:.3f}", one.accuracy()), fmt::format("{:.3f}", one.auto_coverage()),
               one.automatic > 0 ? fmt::format("{:.3f}", one.auto_precision()) : "-"});
  }
  std::string out = table.text(colours);
  if (f.platforms.size() > kMostPlatforms)
    out += fmt::format("and {} more with fewer messages (--json has all)\n", f.platforms.size() - kMostPlatforms);
  return out;
}

std::string reliability_text(const EvalFigures& f, bool colours) {
  Table table({"confidence", "mean", "right", "n"});
  for (const ReliabilityBin& bin : f.reliability)
    table.add({fmt::format("{:.3f} to {:.3f}", bin.least, bin.most), fmt::format("{:.3f}", bin.confidence),
               fmt::format("{:.3f}", bin.accuracy), fmt::format("{}", bin.count)});
  return table.text(colours);
}

// At round thresholds: how much is acted on from there on, and how much of that is wrong.
std::string curve_text(const EvalFigures& f, bool colours) {
  Table table({"acting from", "coverage", "wrong"});
  for (const double from : {0.50, 0.60, 0.70, kAutoFrom, 0.80, 0.90, 0.95}) {
    const RiskPoint* last = nullptr;
    for (const RiskPoint& point : f.risk_coverage)
      if (point.confidence >= from) last = &point;
    table.add({fmt::format("{:.2f}{}", from, from == kAutoFrom ? " (auto)" : ""), fmt::format("{:.3f}", last ? last->coverage : 0),
               last ? fmt::format("{:.3f}", last->risk) : "-"});
  }
  return table.text(colours);
}

std::string wrong_text(const EvalReport& report, bool colours) {
  if (report.wrong.empty()) return {};
  Table table({"sure", "id", "is", "was said", "message"});
  for (const ShownMessage& one : report.wrong)
    table.add({fmt::format("{:.2f}", one.judged.confidence), one_line(one.judged.id, 40), std::string(to_string(one.judged.label)),
               std::string(to_string(one.judged.verdict)), one.beginning});
  return "\nmost confidently wrong\n" + table.text(colours);
}

std::string slowest_text(const EvalReport& report, bool colours) {
  if (report.slowest.empty()) return {};
  Table table({"ms", "id", "message"});
  for (const ShownMessage& one : report.slowest)
    table.add({fmt::format("{:.1f}", one.judged.milliseconds), one_line(one.judged.id, 40), one.beginning});
  return "\nslowest\n" + table.text(colours);
}

}  // namespace

js::object to_json(const EvalReport& report) {
  const EvalFigures& f = report.figures;
  const EvalIntervals& i = report.intervals;
  js::object confusion;
  for (const auto& [pair, count] : f.confusion) confusion[fmt::format("{} -> {}", to_string(pair.first), to_string(pair.second))] = count;
  const js::object intervals{{"accuracy", json_of(i.accuracy)},
                             {"accuracy_alt", json_of(i.accuracy_alt)},
                             {"macro_f1", json_of(i.macro_f1)},
                             {"macro_f1_alt", json_of(i.macro_f1_alt)},
                             {"ece", json_of(i.calibration_error)},
                             {"auto_coverage", json_of(i.auto_coverage)},
                             {"auto_precision", json_of(i.auto_precision)},
                             {"coverage_at_p98", json_of(i.coverage_at_98)}};
  return {{"n", f.count},
          {"accuracy", f.accuracy},
          {"accuracy_alt", f.accuracy_alt},
          {"macro_f1", f.macro_f1},
          {"macro_f1_alt", f.macro_f1_alt},
          {"ece", f.calibration_error},
          {"auto_coverage", f.auto_coverage},
          {"auto_precision", f.auto_precision},
          {"coverage_at_p98", f.coverage_at_98},
          {"ms_per_message", f.ms_per_message},
          {"p50_ms", f.p50_ms},
          {"p99_ms", f.p99_ms},
          {"intervals", intervals},
          {"types", types_json(f)},
          {"platforms", platforms_json(f)},
          {"confusion", confusion},
          {"reliability", reliability_json(f)},
          {"risk_coverage", curve_json(f)},
          {"confidently_wrong", messages_json(report.wrong)},
          {"slowest", messages_json(report.slowest)}};
}

std::string eval_text(const EvalReport& report, bool colours) {
  const EvalFigures& f = report.figures;
  return figures_text(report) + "\n" + types_text(f, colours) + confusion_text(f, colours) + "\n" + platforms_text(f, colours) + "\n" +
         reliability_text(f, colours) + "\n" + curve_text(f, colours) + wrong_text(report, colours) + slowest_text(report, colours);
}

}  // namespace mend
