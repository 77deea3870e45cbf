#include "knowledge/packed_vector.h"

#include <bit>
#include <cstdlib>
#include <string>

#include "base/text.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace mend {
namespace {

float widen(std::uint16_t value) { return std::bit_cast<float>(std::uint32_t(value) << 16U); }

float dot_plain(const std::uint16_t* a, const std::uint16_t* b, std::size_t count) {
  constexpr std::size_t kLanes = 8;  // sums that do not wait for each other
  float sums[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += widen(a[i + lane]) * widen(b[i + lane]);
  for (; i < count; ++i) sums[0] += widen(a[i]) * widen(b[i]);
  float sum = 0;
  for (const float one : sums) sum += one;
  return sum;
}

#if defined(__x86_64__)
// Compiled for AVX2 alone, and called only where the processor has it. A lane of 32 bits holds two values: the even one shifted up,
// the odd one with the lower half cleared.
__attribute__((target("avx2,fma"))) float dot_avx2(const std::uint16_t* a, const std::uint16_t* b, std::size_t count) {
  const __m256i upper = _mm256_set1_epi32(int(0xFFFF0000U));
  __m256 even = _mm256_setzero_ps(), odd = _mm256_setzero_ps();
  std::size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(a + i));
    const __m256i y = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b + i));
    even = _mm256_fmadd_ps(_mm256_castsi256_ps(_mm256_slli_epi32(x, 16)), _mm256_castsi256_ps(_mm256_slli_epi32(y, 16)), even);
    odd = _mm256_fmadd_ps(_mm256_castsi256_ps(_mm256_and_si256(x, upper)), _mm256_castsi256_ps(_mm256_and_si256(y, upper)), odd);
  }
  const __m256 both = _mm256_add_ps(even, odd);
  const __m128 half = _mm_add_ps(_mm256_castps256_ps128(both), _mm256_extractf128_ps(both, 1));
  const __m128 quarter = _mm_add_ps(half, _mm_movehl_ps(half, half));
  float sum = _mm_cvtss_f32(_mm_add_ss(quarter, _mm_shuffle_ps(quarter, quarter, 1)));
  for (; i < count; ++i) sum += widen(a[i]) * widen(b[i]);
  return sum;
}
#endif

using Dot = float (*)(const std::uint16_t*, const std::uint16_t*, std::size_t);

Dot choose_dot() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return dot_avx2;
#endif
  return dot_plain;
}

}  // namespace

VectorKey vector_key(std::string_view text) {
  constexpr std::size_t kBytes = 16;  // BLAKE2b's least; half of it is used
  return std::strtoull(blake2b_hex(text, kBytes).substr(0, 16).c_str(), nullptr, 16);
}

PackedVector pack(std::span<const float> values) {
  PackedVector out;
  out.reserve(values.size());
  for (const float value : values) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    out.push_back(std::uint16_t((bits + 0x7FFFU + ((bits >> 16U) & 1U)) >> 16U));
  }
  return out;
}

std::vector<float> unpack(std::span<const std::uint16_t> values) {
  std::vector<float> out;
  out.reserve(values.size());
  for (const std::uint16_t value : values) out.push_back(widen(value));
  return out;
}

float dot(const std::uint16_t* a, const std::uint16_t* b, std::size_t count) {
  static const Dot chosen = choose_dot();
  return chosen(a, b, count);
}

}  // namespace mend
