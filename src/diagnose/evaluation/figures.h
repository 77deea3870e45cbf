// The figures of an evaluation on labelled messages. Pure: the same rows give the same figures. Rows of equal confidence keep their
// order; nothing else depends on the order of the rows.
#pragma once

#include <array>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "diagnose/evaluation/measures.h"

namespace mend {

struct PlatformFigures {
  std::string platform;
  std::size_t count = 0;
  std::size_t right = 0;  // with the alternative accepted
  std::size_t automatic = 0;
  std::size_t automatic_right = 0;
  double accuracy() const { return count > 0 ? double(right) / double(count) : 0; }
  double auto_coverage() const { return count > 0 ? double(automatic) / double(count) : 0; }
  double auto_precision() const { return automatic > 0 ? double(automatic_right) / double(automatic) : 0; }
};

// Of the messages whose verdict is not unknown_error, all with at least `confidence`: how many there are and how many are wrong.
struct RiskPoint {
  double confidence = 0;
  double coverage = 0;  // part of all messages
  double risk = 0;      // part of the covered ones that is wrong
};

struct EvalFigures {
  std::size_t count = 0;
  double accuracy = 0, accuracy_alt = 0;                             // strict; with the alternative accepted
  double macro_f1 = 0, macro_f1_alt = 0;                             // mean over the types that occur
  double calibration_error = 0;                                      // expected calibration error over 15 bins of equal mass
  double auto_coverage = 0, auto_precision = 0;                      // confidence >= 0.75 and not unknown_error
  double coverage_at_98 = 0;                                         // the largest part, most confident first, that is right in 98 of 100
  double ms_per_message = 0;                                         // mean
  double p50_ms = 0, p99_ms = 0;                                     // of one message, nearest rank
  std::array<TypeFigures, kErrorTypeCount> types{};                  // alternative accepted
  TypeMatrix matrix{};                                               // [truth][verdict], alternative accepted
  std::map<std::pair<ErrorType, ErrorType>, std::size_t> confusion;  // (label, verdict) of the wrong ones
  std::vector<PlatformFigures> platforms;                            // the most messages first, then by name
  std::vector<ReliabilityBin> reliability;                           // by rising confidence
  std::vector<RiskPoint> risk_coverage;                              // by falling confidence; one point for rows of equal confidence
};

EvalFigures compute_figures(std::span<const Judged> judged);

// Indices of the wrong ones, the most confident first, at most `most`; of the slowest, the slowest first.
std::vector<std::size_t> most_confidently_wrong(std::span<const Judged> judged, std::size_t most);
std::vector<std::size_t> slowest(std::span<const Judged> judged, std::size_t most);

}  // namespace mend
