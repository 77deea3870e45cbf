// The encoder's inner loops, once for each instruction set. One file a set, compiled for it alone (kernels_avx2.cpp, ...).
//
// Numbers: a weight is a signed byte with one scale an output; an activation is an unsigned byte with scale and zero point a row:
// value = scale * (byte - zero). Products are summed in 32-bit integers, everything else is in float.
// The structures here have no constructors and the kernel files use no C++ library: an inline function compiled for a newer
// processor must never be the copy that the linker keeps for all.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mend {

// y = W x + bias. Weights are packed in panels of 64 outputs: [outputs / 64][inputs / 4][64][4]. Of each pair of neighbouring
// inputs, an output's positive weights sum to at most 128 and its negative ones to at least -128: so the 16-bit sums that AVX2 makes
// of two products cannot saturate (255 * 128 < 2^15), and every set of kernels sums the same.
struct LinearView {
  std::size_t inputs, outputs;  // multiples of 64
  const std::int8_t* weights;
  const float* scales;       // an output
  const std::int32_t* sums;  // of an output's weights: takes the zero points out of the products
  const float* bias;
};

struct QuantisedRows {
  std::uint8_t* bytes;
  float* scales;
  std::int32_t* zeros;
};

inline constexpr int kLevels = 255;           // the greatest activation byte
inline constexpr int kPairLimit = 128;        // see LinearView
inline constexpr std::size_t kPanel = 64;     // outputs a panel of weights
inline constexpr std::size_t kHeadSize = 32;  // floats an attention head: the only size that the kernels know

// All functions are pure and thread-safe; pointers are aligned to 64 bytes but for rows inside an array.
struct Kernels {
  const char* name;
  std::size_t default_tokens;  // a text's most tokens unless the caller says otherwise: a matter of time
  void (*quantise)(const float* rows, std::size_t count, std::size_t width, const QuantisedRows& out);
  // GELU by the error function, in place, then as quantise.
  void (*gelu_quantise)(float* rows, std::size_t count, std::size_t width, const QuantisedRows& out);
  void (*linear)(const LinearView& linear, const QuantisedRows& in, std::size_t count, float* out);
  // rows = norm(rows + added) * weight + bias; `added` may be null.
  void (*add_norm)(float* rows, const float* added, std::size_t count, std::size_t width, const float* weight, const float* bias);
  // Each row of `qkv` holds query, key and value, each heads * kHeadSize wide, the query scaled already. `scratch` has
  // attention_scratch() floats.
  void (*attention)(const float* qkv, std::size_t count, std::size_t heads, float* scratch, float* out);
};

constexpr std::size_t attention_scratch(std::size_t tokens) { return (kHeadSize + 4) * (tokens + 16); }

// Each is null where the program was built for another processor family.
const Kernels* kernels_scalar();  // the plain meaning of the others; slow, for tests
const Kernels* kernels_avx2();
const Kernels* kernels_avx512vnni();
const Kernels* kernels_neon();

}  // namespace mend
