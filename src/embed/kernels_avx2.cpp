// AVX2 with FMA: bytes are multiplied and summed by twos into 16 bits, then by twos into 32. The first sum could saturate, but for
// what LinearView says of the weights.
#include "embed/kernel_loops.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace mend {
namespace {

struct Simd {
  using V = __m256;
  static constexpr std::size_t kLanes = 8;
  static constexpr int kRows = 5;  // 10 sums, 2 registers of weights, 1 of activations, ones, a product: 15 of 16
  static constexpr std::size_t kColumns = 16;
  static V load(const float* p) { return _mm256_loadu_ps(p); }
  static void store(float* p, V x) { _mm256_storeu_ps(p, x); }
  static V set(float x) { return _mm256_set1_ps(x); }
  static V add(V a, V b) { return _mm256_add_ps(a, b); }
  static V sub(V a, V b) { return _mm256_sub_ps(a, b); }
  static V mul(V a, V b) { return _mm256_mul_ps(a, b); }
  static V fma(V a, V b, V c) { return _mm256_fmadd_ps(a, b, c); }
  static V min(V a, V b) { return _mm256_min_ps(a, b); }
  static V max(V a, V b) { return _mm256_max_ps(a, b); }
  static float sum(V x) {
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
  }
  static float most(V x) {
    const __m128 four = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
  }
  static float least(V x) { return -most(_mm256_sub_ps(_mm256_setzero_ps(), x)); }
  static V round(V x) { return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
  static V pow2(V n) { return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23)); }
  static void store_bytes(std::uint8_t* p, V x) {
    const __m256i numbers = _mm256_cvtps_epi32(x);
    const __m128i halves = _mm_packus_epi32(_mm256_castsi256_si128(numbers), _mm256_extracti128_si256(numbers, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_packus_epi16(halves, halves));
  }

  template <int R>
  static void tile(const LinearView& linear, const QuantisedRows& in, std::size_t row, std::size_t column, float* out) {
    const std::size_t inputs = linear.inputs;
    const std::int8_t* weights = kernel_loops::weights_at(linear, column);
    const std::uint8_t* bytes = in.bytes + row * inputs;
    const __m256i ones = _mm256_set1_epi16(1);
    __m256i sums[R][2];
    for (int r = 0; r < R; ++r) sums[r][0] = sums[r][1] = _mm256_setzero_si256();
    for (std::size_t i = 0; i < inputs; i += 4, weights += 4 * kPanel) {
      const __m256i left = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights));
      const __m256i right = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights + 32));
      for (int r = 0; r < R; ++r) {
        int four;
        __builtin_memcpy(&four, bytes + r * inputs + i, 4);
        const __m256i x = _mm256_set1_epi32(four);
        sums[r][0] = _mm256_add_epi32(sums[r][0], _mm256_madd_epi16(_mm256_maddubs_epi16(x, left), ones));
        sums[r][1] = _mm256_add_epi32(sums[r][1], _mm256_madd_epi16(_mm256_maddubs_epi16(x, right), ones));
      }
    }
    for (int c = 0; c < 2; ++c) {
      const std::size_t at = column + std::size_t(c) * 8;
      const V scale = load(linear.scales + at), bias = load(linear.bias + at);
      const __m256i of_weights = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(linear.sums + at));
      for (int r = 0; r < R; ++r) {
        const __m256i shift = _mm256_mullo_epi32(_mm256_set1_epi32(in.zeros[row + r]), of_weights);
        const V value = _mm256_cvtepi32_ps(_mm256_sub_epi32(sums[r][c], shift));
        store(out + (row + r) * linear.outputs + at, fma(value, mul(set(in.scales[row + r]), scale), bias));
      }
    }
  }
};

}  // namespace

const Kernels* kernels_avx2() {
  static constexpr Kernels kKernels = kernel_loops::make<Simd>("avx2", 48);
  return &kKernels;
}

}  // namespace mend

#else
namespace mend {
const Kernels* kernels_avx2() { return nullptr; }
}  // namespace mend
#endif
