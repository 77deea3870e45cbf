#include "diagnose/evaluation/figures.h"

#include <algorithm>
#include <cmath>

namespace mend {
namespace {

std::vector<Scored> ascending(std::span<const Judged> judged) {
  std::vector<Scored> out;
  for (const Judged& one : judged) out.push_back({one.confidence, one.right()});
  std::ranges::stable_sort(out, {}, &Scored::confidence);
  return out;
}

// Those that say something at all.
std::vector<Scored> descending(std::span<const Judged> judged) {
  std::vector<Scored> out;
  for (const Judged& one : judged)
    if (one.verdict != ErrorType::unknown_error) out.push_back({one.confidence, one.right()});
  std::ranges::stable_sort(out, std::ranges::greater{}, &Scored::confidence);
  return out;
}

std::vector<RiskPoint> risk_curve(std::span<const Scored> descending, std::size_t of) {
  std::vector<RiskPoint> out;
  std::size_t wrong = 0;
  for (std::size_t k = 0; k < descending.size(); ++k) {
    wrong += descending[k].right ? 0 : 1;
    // A threshold takes rows of equal confidence all or none.
    if (k + 1 < descending.size() && descending[k + 1].confidence == descending[k].confidence) continue;
    out.push_back({descending[k].confidence, double(k + 1) / double(of), double(wrong) / double(k + 1)});
  }
  return out;
}

std::vector<PlatformFigures> by_platform(std::span<const Judged> judged) {
  std::map<std::string, PlatformFigures> found;
  for (const Judged& one : judged) {
    PlatformFigures& figures = found[one.platform];
    figures.platform = one.platform;
    ++figures.count;
    figures.right += one.right() ? 1 : 0;
    figures.automatic += one.automatic() ? 1 : 0;
    figures.automatic_right += one.automatic() && one.right() ? 1 : 0;
  }
  std::vector<PlatformFigures> out;
  for (auto& [name, figures] : found) out.push_back(std::move(figures));
  std::ranges::stable_sort(out, std::ranges::greater{}, &PlatformFigures::count);
  return out;
}

double percentile(std::span<const double> sorted, double percent) {
  const auto rank = std::size_t(std::ceil(percent / 100 * double(sorted.size())));
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

void add_durations(std::span<const Judged> judged, EvalFigures& out) {
  std::vector<double> durations;
  for (const Judged& one : judged) durations.push_back(one.milliseconds);
  std::ranges::sort(durations);  // summed in this order, so that the rows' order does not show in the last digit
  double sum = 0;
  for (const double one : durations) sum += one;
  out.ms_per_message = sum / double(durations.size());
  out.p50_ms = percentile(durations, 50);
  out.p99_ms = percentile(durations, 99);
}

template <class Before>
std::vector<std::size_t> first_of(std::vector<std::size_t> indices, std::size_t most, Before before) {
  std::ranges::stable_sort(indices, before);
  if (indices.size() > most) indices.resize(most);
  return indices;
}

}  // namespace

EvalFigures compute_figures(std::span<const Judged> judged) {
  EvalFigures out;
  out.count = judged.size();
  if (judged.empty()) return out;
  const double n = double(judged.size());
  TypeMatrix strict{};
  std::size_t right = 0, strictly_right = 0, covered = 0, covered_right = 0;
  for (const Judged& one : judged) {
    ++strict[std::size_t(one.label)][std::size_t(one.verdict)];
    ++out.matrix[std::size_t(one.truth())][std::size_t(one.verdict)];
    right += one.right() ? 1 : 0;
    strictly_right += one.label == one.verdict ? 1 : 0;
    if (!one.right()) ++out.confusion[{one.label, one.verdict}];
    covered += one.automatic() ? 1 : 0;
    covered_right += one.automatic() && one.right() ? 1 : 0;
  }
  out.types = type_figures(out.matrix);
  out.macro_f1 = macro_f1(type_figures(strict));
  out.macro_f1_alt = macro_f1(out.types);
  out.accuracy = double(strictly_right) / n;
  out.accuracy_alt = double(right) / n;
  out.auto_coverage = double(covered) / n;
  out.auto_precision = covered > 0 ? double(covered_right) / double(covered) : 0;

  const auto rising = ascending(judged), falling = descending(judged);
  out.calibration_error = calibration_error(rising);
  out.reliability = reliability_bins(rising);
  out.coverage_at_98 = coverage_at(falling, 0.98, judged.size());
  out.risk_coverage = risk_curve(falling, judged.size());
  out.platforms = by_platform(judged);
  add_durations(judged, out);
  return out;
}

std::vector<std::size_t> most_confidently_wrong(std::span<const Judged> judged, std::size_t most) {
  std::vector<std::size_t> wrong;
  for (std::size_t i = 0; i < judged.size(); ++i)
    if (!judged[i].right()) wrong.push_back(i);
  return first_of(std::move(wrong), most, [&](std::size_t a, std::size_t b) { return judged[a].confidence > judged[b].confidence; });
}

std::vector<std::size_t> slowest(std::span<const Judged> judged, std::size_t most) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < judged.size(); ++i) all.push_back(i);
  return first_of(std::move(all), most, [&](std::size_t a, std::size_t b) { return judged[a].milliseconds > judged[b].milliseconds; });
}

}  // namespace mend
