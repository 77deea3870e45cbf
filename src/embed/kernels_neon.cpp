// NEON with the dot product of ARMv8.2: one instruction multiplies 16 signed bytes and sums them by fours. Activations are made
// signed by flipping their top bit, which moves the zero point by 128.
#include "embed/kernel_loops.h"

#if defined(__aarch64__)
#include <arm_neon.h>

namespace mend {
namespace {

struct Simd {
  using V = float32x4_t;
  static constexpr std::size_t kLanes = 4;
  static constexpr int kRows = 5;  // 20 sums, 5 registers of activations, 4 of weights: 29 of 32
  static constexpr std::size_t kColumns = 16;
  static V load(const float* p) { return vld1q_f32(p); }
  static void store(float* p, V x) { vst1q_f32(p, x); }
  static V set(float x) { return vdupq_n_f32(x); }
  static V add(V a, V b) { return vaddq_f32(a, b); }
  static V sub(V a, V b) { return vsubq_f32(a, b); }
  static V mul(V a, V b) { return vmulq_f32(a, b); }
  static V fma(V a, V b, V c) { return vfmaq_f32(c, a, b); }
  static V min(V a, V b) { return vminq_f32(a, b); }
  static V max(V a, V b) { return vmaxq_f32(a, b); }
  static float sum(V x) { return vaddvq_f32(x); }
  static float most(V x) { return vmaxvq_f32(x); }
  static float least(V x) { return vminvq_f32(x); }
  static V round(V x) { return vrndnq_f32(x); }
  static V pow2(V n) { return vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(vcvtq_s32_f32(n), vdupq_n_s32(127)), 23)); }
  static void store_bytes(std::uint8_t* p, V x) {
    const uint16x4_t halves = vqmovn_u32(vcvtnq_u32_f32(x));
    const uint8x8_t bytes = vqmovn_u16(vcombine_u16(halves, halves));
    const std::uint32_t four = vget_lane_u32(vreinterpret_u32_u8(bytes), 0);
    __builtin_memcpy(p, &four, 4);
  }

  // Four inputs of every row: `step` is their place among the sixteen that the registers hold.
  template <int R, int step>
  static void multiply(int32x4_t (&sums)[R][4], const int8x16_t (&x)[R], const std::int8_t* weights) {
    for (int c = 0; c < 4; ++c) {
      const int8x16_t w = vld1q_s8(weights + step * 4 * kPanel + c * 16);
      for (int r = 0; r < R; ++r) sums[r][c] = vdotq_laneq_s32(sums[r][c], w, x[r], step);
    }
  }

  template <int R>
  static void tile(const LinearView& linear, const QuantisedRows& in, std::size_t row, std::size_t column, float* out) {
    const std::size_t inputs = linear.inputs;
    const std::int8_t* weights = kernel_loops::weights_at(linear, column);
    const std::uint8_t* bytes = in.bytes + row * inputs;
    int32x4_t sums[R][4];
    for (int r = 0; r < R; ++r)
      for (int c = 0; c < 4; ++c) sums[r][c] = vdupq_n_s32(0);
    for (std::size_t i = 0; i < inputs; i += 16, weights += 16 * kPanel) {
      int8x16_t x[R];
      for (int r = 0; r < R; ++r) x[r] = vreinterpretq_s8_u8(veorq_u8(vld1q_u8(bytes + r * inputs + i), vdupq_n_u8(0x80)));
      multiply<R, 0>(sums, x, weights);
      multiply<R, 1>(sums, x, weights);
      multiply<R, 2>(sums, x, weights);
      multiply<R, 3>(sums, x, weights);
    }
    for (int c = 0; c < 4; ++c) {
      const std::size_t at = column + std::size_t(c) * 4;
      const V scale = load(linear.scales + at), bias = load(linear.bias + at);
      const int32x4_t of_weights = vld1q_s32(linear.sums + at);
      for (int r = 0; r < R; ++r) {
        const V value = vcvtq_f32_s32(vmlsq_s32(sums[r][c], vdupq_n_s32(in.zeros[row + r] - 128), of_weights));
        store(out + (row + r) * linear.outputs + at, fma(value, mul(set(in.scales[row + r]), scale), bias));
      }
    }
  }
};

}  // namespace

const Kernels* kernels_neon() {
  static constexpr Kernels kKernels = kernel_loops::make<Simd>("neon", 48);
  return &kKernels;
}

}  // namespace mend

#else
namespace mend {
const Kernels* kernels_neon() { return nullptr; }
}  // namespace mend
#endif
