// Fits the few numbers of the fusion (fuse.h) on labelled messages that no part of the model was trained on.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "diagnose/fuse.h"

namespace mend {

struct CalibrationSample {
  Votes votes;
  ErrorType label = ErrorType::unknown_error;
  std::optional<ErrorType> alternative;  // counts as right too
};

// First the voters' weights: coordinate descent on the mean log-loss of the fused probabilities (a grid of factors around each
// weight, eight rounds). Then the calibration: logistic regression of "the verdict is right" on logit(p), margin, agreement,
// no_hit and the type, with an L2 penalty (the types' offsets stronger), by gradient descent. Deterministic.
FusionNumbers fit_numbers(std::span<const CalibrationSample> samples, FusionNumbers start);

// As catalog/calibration.yaml; `how` becomes the comment on top.
std::string to_yaml(const FusionNumbers& numbers, std::string_view how);

}  // namespace mend
