// How far the figures of an evaluation may be off because the sample is small: 95 % intervals. Pure and deterministic.
#pragma once

#include <cstdint>
#include <span>

#include "diagnose/evaluation/judged.h"

namespace mend {

struct Interval {
  double low = 0, high = 1;
  bool holds(double value) const { return low <= value && value <= high; }
};

// Of a proportion, by Wilson's score (1927): sound at 0 and 1 too, where a bootstrap would say that nothing can be otherwise.
// Of nothing (all = 0): [0, 1]. `some` <= `all`.
Interval wilson(std::uint64_t some, std::uint64_t all);

struct EvalIntervals {
  // By Wilson.
  Interval accuracy, accuracy_alt, auto_coverage, auto_precision;
  // By bootstrap over rows.
  Interval macro_f1, macro_f1_alt, calibration_error, coverage_at_98;
};

inline constexpr std::size_t kResamples = 1000;

// The bootstrap draws as many rows as there are, with replacement, `resamples` times from a fixed seed; the interval is the middle
// 95 % of what the figure is then, moved by the mean difference to the figure itself (the calibration error of a resample is
// larger than that of the rows), cut to [0, 1] and widened to the figure where it still misses it. The rows' order has no
// influence as long as rows of equal confidence have ids that differ.
EvalIntervals compute_intervals(std::span<const Judged> judged, std::size_t resamples = kResamples);

}  // namespace mend
