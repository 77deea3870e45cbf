// The measures that figures and intervals are made of. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "diagnose/evaluation/judged.h"

namespace mend {

// counts[truth][verdict].
using TypeMatrix = std::array<std::array<std::uint64_t, kErrorTypeCount>, kErrorTypeCount>;

struct TypeFigures {
  double precision = 0, recall = 0, f1 = 0;  // 0 where there is nothing to divide by
  std::size_t count = 0;                     // messages that are of the type
  std::size_t said = 0;                      // messages that were taken for it
  std::size_t hits = 0;                      // both
};
std::array<TypeFigures, kErrorTypeCount> type_figures(const TypeMatrix& counts);
// Mean of F1 over the types that occur; 0 when none does.
double macro_f1(const std::array<TypeFigures, kErrorTypeCount>& types);

struct Scored {
  double confidence = 0;
  bool right = false;
};

// A bin of the reliability diagram: neighbours in confidence, as many as in the other bins.
struct ReliabilityBin {
  std::size_t count = 0;
  double confidence = 0;       // mean
  double accuracy = 0;         // part that is right
  double least = 0, most = 0;  // confidence
};
inline constexpr std::size_t kReliabilityBins = 15;
// `ascending` by confidence. Bins that would be empty are left out.
std::vector<ReliabilityBin> reliability_bins(std::span<const Scored> ascending);
// Expected calibration error over these bins: mean of |confidence - accuracy|, weighted by count.
double calibration_error(std::span<const Scored> ascending);

// The largest part of `of` messages, the most confident first, of which `precision` is right. `descending` by confidence.
double coverage_at(std::span<const Scored> descending, double precision, std::size_t of);

}  // namespace mend
