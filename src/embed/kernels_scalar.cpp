// What the kernels mean, as plainly as it can be said: the tests hold the others against it.
#include <algorithm>
#include <cmath>

#include "embed/kernels.h"

namespace mend {
namespace {

void quantise(const float* rows, std::size_t count, std::size_t width, const QuantisedRows& out) {
  for (std::size_t r = 0; r < count; ++r) {
    const float* row = rows + r * width;
    float low = 0, high = 0;  // zero is always in the range, so that the zero point is a byte
    for (std::size_t i = 0; i < width; ++i) {
      low = std::min(low, row[i]);
      high = std::max(high, row[i]);
    }
    const float scale = high > low ? (high - low) / float(kLevels) : 1.0F;
    const auto zero = std::int32_t(std::nearbyint(-low / scale));
    out.scales[r] = scale;
    out.zeros[r] = zero;
    for (std::size_t i = 0; i < width; ++i)
      out.bytes[r * width + i] = std::uint8_t(std::clamp(std::int32_t(std::nearbyint(row[i] / scale)) + zero, 0, kLevels));
  }
}

void gelu_quantise(float* rows, std::size_t count, std::size_t width, const QuantisedRows& out) {
  for (std::size_t i = 0; i < count * width; ++i) rows[i] = float(rows[i] * 0.5 * (1.0 + std::erf(rows[i] / std::sqrt(2.0))));
  quantise(rows, count, width, out);
}

void linear(const LinearView& linear, const QuantisedRows& in, std::size_t count, float* out) {
  for (std::size_t r = 0; r < count; ++r) {
    for (std::size_t panel = 0; panel < linear.outputs; panel += kPanel) {
      const std::int8_t* weights = linear.weights + panel * linear.inputs;
      std::int32_t sums[kPanel] = {};
      for (std::size_t i = 0; i < linear.inputs; i += 4, weights += kPanel * 4) {
        const std::uint8_t* x = in.bytes + r * linear.inputs + i;
        for (std::size_t o = 0; o < kPanel; ++o)
          for (std::size_t k = 0; k < 4; ++k) sums[o] += x[k] * weights[o * 4 + k];
      }
      for (std::size_t o = 0; o < kPanel; ++o) {
        const float sum = float(sums[o] - in.zeros[r] * linear.sums[panel + o]);
        out[r * linear.outputs + panel + o] = sum * (in.scales[r] * linear.scales[panel + o]) + linear.bias[panel + o];
      }
    }
  }
}

void add_norm(float* rows, const float* added, std::size_t count, std::size_t width, const float* weight, const float* bias) {
  for (std::size_t r = 0; r < count; ++r) {
    float* row = rows + r * width;
    double mean = 0, variance = 0;
    for (std::size_t i = 0; i < width; ++i) {
      if (added != nullptr) row[i] += added[r * width + i];
      mean += row[i];
    }
    mean /= double(width);
    for (std::size_t i = 0; i < width; ++i) variance += (row[i] - mean) * (row[i] - mean);
    const double factor = 1.0 / std::sqrt(variance / double(width) + 1e-12);
    for (std::size_t i = 0; i < width; ++i) row[i] = float((row[i] - mean) * factor * weight[i] + bias[i]);
  }
}

void attention(const float* qkv, std::size_t count, std::size_t heads, float* scratch, float* out) {
  const std::size_t width = heads * kHeadSize;
  for (std::size_t h = 0; h < heads; ++h) {
    for (std::size_t q = 0; q < count; ++q) {
      const float* query = qkv + q * 3 * width + h * kHeadSize;
      float most = -INFINITY;
      for (std::size_t k = 0; k < count; ++k) {
        const float* key = qkv + k * 3 * width + width + h * kHeadSize;
        scratch[k] = 0;
        for (std::size_t i = 0; i < kHeadSize; ++i) scratch[k] += query[i] * key[i];
        most = std::max(most, scratch[k]);
      }
      double sum = 0;
      for (std::size_t k = 0; k < count; ++k) sum += scratch[k] = std::exp(scratch[k] - most);
      for (std::size_t i = 0; i < kHeadSize; ++i) {
        double mixed = 0;
        for (std::size_t k = 0; k < count; ++k) mixed += scratch[k] * qkv[k * 3 * width + 2 * width + h * kHeadSize + i];
        out[q * width + h * kHeadSize + i] = float(mixed / sum);
      }
    }
  }
}

}  // namespace

const Kernels* kernels_scalar() {
  static constexpr Kernels kKernels{"scalar", 80, quantise, gelu_quantise, linear, add_norm, attention};
  return &kKernels;
}

}  // namespace mend
