// The figures of an evaluation on labelled messages. Pure.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "model/error_type.h"

namespace mend {

struct Judged {
  ErrorType label;
  std::optional<ErrorType> alternative;  // counts as right too
  ErrorType verdict;
  double confidence;
  bool right() const { return verdict == label || (alternative && verdict == *alternative); }
};

struct TypeFigures {
  double precision = 0, recall = 0, f1 = 0;
  std::size_t count = 0;
};

struct EvalFigures {
  std::size_t count = 0;
  double accuracy = 0, accuracy_alt = 0;      // strict; with the alternative accepted
  double macro_f1 = 0, macro_f1_alt = 0;      // mean over the types that occur
  double calibration_error = 0;               // expected calibration error over 15 bins of equal mass
  double auto_coverage = 0, auto_precision = 0;  // confidence >= 0.75 and not unknown_error
  double coverage_at_98 = 0;                  // the largest part, most confident first, that is right in 98 of 100
  double ms_per_message = 0;
  std::array<TypeFigures, kErrorTypeCount> types{};  // alternative accepted
  std::map<std::pair<ErrorType, ErrorType>, std::size_t> confusion;  // (label, verdict) of the wrong ones
};

EvalFigures compute_figures(std::span<const Judged> judged);

}  // namespace mend
