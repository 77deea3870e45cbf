// AVX-512 with VNNI: one instruction multiplies 64 bytes and sums them by fours, without saturating.
#include "embed/kernel_loops.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace mend {
namespace {

struct Simd {
  using V = __m512;
  static constexpr std::size_t kLanes = 16;
  static constexpr int kRows = 6;  // 24 sums, 4 registers of weights, 1 of activations: 29 of 32
  static constexpr std::size_t kColumns = 64;
  static V load(const float* p) { return _mm512_loadu_ps(p); }
  static void store(float* p, V x) { _mm512_storeu_ps(p, x); }
  static V set(float x) { return _mm512_set1_ps(x); }
  static V add(V a, V b) { return _mm512_add_ps(a, b); }
  static V sub(V a, V b) { return _mm512_sub_ps(a, b); }
  static V mul(V a, V b) { return _mm512_mul_ps(a, b); }
  static V fma(V a, V b, V c) { return _mm512_fmadd_ps(a, b, c); }
  static V min(V a, V b) { return _mm512_min_ps(a, b); }
  static V max(V a, V b) { return _mm512_max_ps(a, b); }
  static float sum(V x) { return _mm512_reduce_add_ps(x); }
  static float most(V x) { return _mm512_reduce_max_ps(x); }
  static float least(V x) { return _mm512_reduce_min_ps(x); }
  static V round(V x) { return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
  static V pow2(V n) { return _mm512_scalef_ps(_mm512_set1_ps(1.0F), n); }
  static void store_bytes(std::uint8_t* p, V x) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtusepi32_epi8(_mm512_cvtps_epi32(x)));
  }

  template <int R>
  static void tile(const LinearView& linear, const QuantisedRows& in, std::size_t row, std::size_t column, float* out) {
    const std::size_t inputs = linear.inputs;
    const std::int8_t* weights = kernel_loops::weights_at(linear, column);
    const std::uint8_t* bytes = in.bytes + row * inputs;
    __m512i sums[R][4];
    for (int r = 0; r < R; ++r)
      for (int c = 0; c < 4; ++c) sums[r][c] = _mm512_setzero_si512();
    for (std::size_t i = 0; i < inputs; i += 4, weights += 4 * kPanel) {
      __m512i w[4];
      for (int c = 0; c < 4; ++c) w[c] = _mm512_loadu_si512(weights + c * 64);
      for (int r = 0; r < R; ++r) {
        int four;
        __builtin_memcpy(&four, bytes + r * inputs + i, 4);
        const __m512i x = _mm512_set1_epi32(four);
        for (int c = 0; c < 4; ++c) sums[r][c] = _mm512_dpbusd_epi32(sums[r][c], x, w[c]);
      }
    }
    for (int c = 0; c < 4; ++c) {
      const std::size_t at = column + std::size_t(c) * 16;
      const V scale = load(linear.scales + at), bias = load(linear.bias + at);
      const __m512i of_weights = _mm512_loadu_si512(linear.sums + at);
      for (int r = 0; r < R; ++r) {
        const __m512i shift = _mm512_mullo_epi32(_mm512_set1_epi32(in.zeros[row + r]), of_weights);
        const V value = _mm512_cvtepi32_ps(_mm512_sub_epi32(sums[r][c], shift));
        store(out + (row + r) * linear.outputs + at, fma(value, mul(set(in.scales[row + r]), scale), bias));
      }
    }
  }
};

}  // namespace

const Kernels* kernels_avx512vnni() {
  static constexpr Kernels kKernels = kernel_loops::make<Simd>("avx512vnni", 80);
  return &kKernels;
}

}  // namespace mend

#else
namespace mend {
const Kernels* kernels_avx512vnni() { return nullptr; }
}  // namespace mend
#endif
