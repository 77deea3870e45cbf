#include "main/cli/eval_figures.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace mend {
namespace {

using Pairs = std::vector<std::pair<ErrorType, ErrorType>>;  // wanted, got

double macro_f1(const Pairs& pairs, std::array<TypeFigures, kErrorTypeCount>& types) {
  std::array<double, kErrorTypeCount> hit{}, wrong{}, missed{};
  for (const auto& [want, got] : pairs) {
    if (want == got) {
      ++hit[std::size_t(want)];
    } else {
      ++wrong[std::size_t(got)];
      ++missed[std::size_t(want)];
    }
  }
  double sum = 0;
  int seen = 0;
  for (std::size_t t = 0; t < kErrorTypeCount; ++t) {
    TypeFigures& one = types[t];
    one.precision = hit[t] + wrong[t] > 0 ? hit[t] / (hit[t] + wrong[t]) : 0;
    one.recall = hit[t] + missed[t] > 0 ? hit[t] / (hit[t] + missed[t]) : 0;
    one.f1 = one.precision + one.recall > 0 ? 2 * one.precision * one.recall / (one.precision + one.recall) : 0;
    one.count = std::size_t(hit[t] + missed[t]);
    if (one.count > 0) {
      sum += one.f1;
      ++seen;
    }
  }
  return seen ? sum / seen : 0;
}

double calibration_error(std::span<const Judged> judged) {
  constexpr std::size_t kBins = 15;
  std::vector<std::size_t> order(judged.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return judged[a].confidence < judged[b].confidence; });
  double total = 0;
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    double difference = 0;
    for (std::size_t i = bin * order.size() / kBins; i < (bin + 1) * order.size() / kBins; ++i)
      difference += judged[order[i]].confidence - (judged[order[i]].right() ? 1.0 : 0.0);
    total += std::abs(difference) / double(judged.size());
  }
  return total;
}

}  // namespace

EvalFigures compute_figures(std::span<const Judged> judged) {
  EvalFigures out;
  out.count = judged.size();
  if (judged.empty()) return out;
  const double n = double(judged.size());
  Pairs strict, lenient;
  double right = 0, strictly_right = 0, covered = 0, covered_right = 0;
  for (const Judged& one : judged) {
    strict.emplace_back(one.label, one.verdict);
    lenient.emplace_back(one.right() ? one.verdict : one.label, one.verdict);
    right += one.right();
    strictly_right += one.label == one.verdict;
    if (!one.right()) ++out.confusion[{one.label, one.verdict}];
    if (one.confidence >= kAutoFrom && one.verdict != ErrorType::unknown_error) {
      ++covered;
      covered_right += one.right();
    }
  }
  std::array<TypeFigures, kErrorTypeCount> unused{};
  out.macro_f1 = macro_f1(strict, unused);
  out.macro_f1_alt = macro_f1(lenient, out.types);
  out.accuracy = strictly_right / n;
  out.accuracy_alt = right / n;
  out.calibration_error = calibration_error(judged);
  out.auto_coverage = covered / n;
  out.auto_precision = covered > 0 ? covered_right / covered : 0;

  std::vector<const Judged*> sure;
  for (const Judged& one : judged)
    if (one.verdict != ErrorType::unknown_error) sure.push_back(&one);
  std::ranges::stable_sort(sure, [](const Judged* a, const Judged* b) { return a->confidence > b->confidence; });
  double good = 0;
  for (std::size_t k = 0; k < sure.size(); ++k) {
    good += sure[k]->right();
    if (good / double(k + 1) >= 0.98) out.coverage_at_98 = double(k + 1) / n;
  }
  return out;
}

}  // namespace mend
