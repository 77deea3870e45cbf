#include "diagnose/evaluation/intervals.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>
#include <vector>

#include "base/random.h"
#include "base/text.h"
#include "diagnose/evaluation/figures.h"

namespace mend {
namespace {

constexpr std::uint64_t kSeed = 20261124;
constexpr double kZ = 1.959963984540054;  // of 95 %, two-sided

// One order whatever order the rows came in. Among equal confidence it is as good as random (by the id's hash): were the right ones
// first, the bins of the calibration error would be purer than those of the figure.
std::vector<const Judged*> in_fixed_order(std::span<const Judged> judged) {
  std::vector<std::pair<std::uint64_t, const Judged*>> keyed;
  for (const Judged& one : judged) keyed.emplace_back(hash64(one.id, kSeed), &one);
  std::ranges::stable_sort(keyed, {}, [](const auto& entry) {
    const Judged& one = *entry.second;
    return std::tuple(one.confidence, entry.first, one.right(), one.verdict, one.label);
  });
  std::vector<const Judged*> out;
  for (const auto& [hash, one] : keyed) out.push_back(one);
  return out;
}

// What the bootstrap looks at.
struct Resampled {
  std::vector<double> macro_f1, macro_f1_alt, calibration_error, coverage_at_98;
};

void look_at(const std::vector<const Judged*>& rows, const std::vector<std::uint32_t>& times, Resampled& out) {
  TypeMatrix strict{}, lenient{};
  std::vector<Scored> rising, falling;
  rising.reserve(rows.size());
  falling.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (times[i] == 0) continue;
    const Judged& one = *rows[i];
    strict[std::size_t(one.label)][std::size_t(one.verdict)] += times[i];
    lenient[std::size_t(one.truth())][std::size_t(one.verdict)] += times[i];
    const Scored scored{one.confidence, one.right()};
    rising.insert(rising.end(), times[i], scored);
    if (one.verdict != ErrorType::unknown_error) falling.insert(falling.end(), times[i], scored);
  }
  std::ranges::reverse(falling);
  out.macro_f1.push_back(macro_f1(type_figures(strict)));
  out.macro_f1_alt.push_back(macro_f1(type_figures(lenient)));
  out.calibration_error.push_back(calibration_error(rising));
  out.coverage_at_98.push_back(coverage_at(falling, 0.98, rows.size()));
}

Interval middle(std::vector<double> values, double figure) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  const double shift = figure - std::accumulate(values.begin(), values.end(), 0.0) / double(values.size());
  const auto at = [&](double part) { return values[std::size_t(std::round(part * double(values.size() - 1)))]; };
  const double low = std::clamp(at(0.025) + shift, 0.0, 1.0), high = std::clamp(at(0.975) + shift, 0.0, 1.0);
  return {std::min(low, figure), std::max(high, figure)};
}

}  // namespace

Interval wilson(std::uint64_t some, std::uint64_t all) {
  if (all == 0) return {};
  const double n = double(all), p = double(some) / n, z2 = kZ * kZ;
  const double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const double half = kZ * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n);
  // At 0 and 1 rounding would leave the proportion just outside.
  return {some == 0 ? 0 : std::max(centre - half, 0.0), some == all ? 1 : std::min(centre + half, 1.0)};
}

EvalIntervals compute_intervals(std::span<const Judged> judged, std::size_t resamples) {
  EvalIntervals out;
  if (judged.empty()) return out;
  std::uint64_t strictly_right = 0, right = 0, covered = 0, covered_right = 0;
  for (const Judged& one : judged) {
    strictly_right += one.label == one.verdict ? 1 : 0;
    right += one.right() ? 1 : 0;
    covered += one.automatic() ? 1 : 0;
    covered_right += one.automatic() && one.right() ? 1 : 0;
  }
  out.accuracy = wilson(strictly_right, judged.size());
  out.accuracy_alt = wilson(right, judged.size());
  out.auto_coverage = wilson(covered, judged.size());
  out.auto_precision = wilson(covered_right, covered);

  const auto rows = in_fixed_order(judged);
  SeededRandom random(kSeed);
  Resampled drawn;
  std::vector<std::uint32_t> times(rows.size());
  for (std::size_t k = 0; k < resamples; ++k) {
    std::ranges::fill(times, 0U);
    for (std::size_t i = 0; i < rows.size(); ++i) ++times[random.next() % rows.size()];
    look_at(rows, times, drawn);
  }
  const EvalFigures figures = compute_figures(judged);
  out.macro_f1 = middle(std::move(drawn.macro_f1), figures.macro_f1);
  out.macro_f1_alt = middle(std::move(drawn.macro_f1_alt), figures.macro_f1_alt);
  out.calibration_error = middle(std::move(drawn.calibration_error), figures.calibration_error);
  out.coverage_at_98 = middle(std::move(drawn.coverage_at_98), figures.coverage_at_98);
  return out;
}

}  // namespace mend
