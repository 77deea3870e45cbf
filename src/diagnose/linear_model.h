// Logistic regression over hashed features, one against the rest (trained by liblinear, see train.h).
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "diagnose/features.h"
#include "model/error_type.h"

namespace mend {

using Probabilities = std::array<double, kErrorTypeCount>;  // sum 1, by ErrorType

std::size_t index_of_largest(const Probabilities& values);

// A view of weights that live elsewhere (in the mapped model file). Immutable; thread-safe.
class LinearModel {
 public:
  LinearModel() = default;
  // corrupt when the size does not fit the features of this version.
  static Result<LinearModel> from_bytes(std::string_view bytes);
  static std::string to_bytes(std::span<const float> weights, std::span<const float> bias);

  bool present() const { return weights_ != nullptr; }
  // Sigmoids of the scores, divided by their sum.
  Probabilities predict(std::span<const Feature> features) const;

 private:
  const float* weights_ = nullptr;  // kFeatureCount rows of kErrorTypeCount
  const float* bias_ = nullptr;     // kErrorTypeCount
};

}  // namespace mend
