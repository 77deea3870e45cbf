#include "diagnose/linear_model.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

namespace mend {

std::size_t index_of_largest(const Probabilities& values) {
  return std::size_t(std::ranges::max_element(values) - values.begin());
}

Result<LinearModel> LinearModel::from_bytes(std::string_view bytes) {
  constexpr std::size_t kSize = (std::size_t(kFeatureCount) + 1) * kErrorTypeCount * sizeof(float);
  if (bytes.size() != kSize)
    return fail(ErrorKind::corrupt, fmt::format("the linear model has {} bytes, this version wants {}", bytes.size(), kSize));
  LinearModel model;
  model.bias_ = reinterpret_cast<const float*>(bytes.data());
  model.weights_ = model.bias_ + kErrorTypeCount;
  return model;
}

std::string LinearModel::to_bytes(std::span<const float> weights, std::span<const float> bias) {
  std::string out((weights.size() + bias.size()) * sizeof(float), '\0');
  std::memcpy(out.data(), bias.data(), bias.size_bytes());
  std::memcpy(out.data() + bias.size_bytes(), weights.data(), weights.size_bytes());
  return out;
}

Probabilities LinearModel::predict(std::span<const Feature> features) const {
  std::array<float, kErrorTypeCount> scores{};
  for (std::size_t t = 0; t < kErrorTypeCount; ++t) scores[t] = bias_[t];
  for (const Feature& feature : features) {
    const float* row = weights_ + std::size_t(feature.index) * kErrorTypeCount;
    for (std::size_t t = 0; t < kErrorTypeCount; ++t) scores[t] += feature.value * row[t];
  }
  Probabilities out{};
  double sum = 0;
  for (std::size_t t = 0; t < kErrorTypeCount; ++t) sum += out[t] = 1.0 / (1.0 + std::exp(-double(scores[t])));
  for (double& p : out) p /= sum;
  return out;
}

}  // namespace mend
