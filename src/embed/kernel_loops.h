// The kernels' loops, written once over a structure S that says what a vector register is and can do. Included by the vector
// kernel files only; their S lies in an anonymous namespace, so that every function made here belongs to one file.
//
// S has: V, kLanes, kRows and kColumns (a tile of the matrix product), load, store, set, add, sub, mul, fma (a * b + c), min, max,
// sum, most, least, round, pow2 (of a whole number), store_bytes (rounded floats of 0 to 255), tile<rows>.
#pragma once

#include <cstddef>
#include <cstdint>

#include "embed/kernels.h"

namespace mend::kernel_loops {

using Size = std::size_t;

// e^x for x <= 0, to about 2e-7: 2^n times the series of 2^f around 0.
template <class S>
typename S::V exp_of_negative(typename S::V x) {
  const auto t = S::max(S::mul(x, S::set(1.44269504F)), S::set(-126.0F));
  const auto n = S::round(t);
  const auto f = S::sub(t, n);
  auto p = S::set(1.54035304e-4F);
  p = S::fma(p, f, S::set(1.33335581e-3F));
  p = S::fma(p, f, S::set(9.61812911e-3F));
  p = S::fma(p, f, S::set(5.55041087e-2F));
  p = S::fma(p, f, S::set(2.40226507e-1F));
  p = S::fma(p, f, S::set(6.93147181e-1F));
  p = S::fma(p, f, S::set(1.0F));
  return S::mul(p, S::pow2(n));
}

// x/2 (1 + erf(x/sqrt 2)). erf is x times a polynomial in x^2, fitted by us to the least greatest error on [-2.9, 2.9] (1.1e-5) and
// constant beyond (4e-5): far below one step of the 8-bit number that the result becomes.
template <class S>
typename S::V gelu(typename S::V x) {
  const auto u = S::max(S::min(S::mul(x, S::set(0.707106781F)), S::set(2.9F)), S::set(-2.9F));
  const auto s = S::mul(u, u);
  auto p = S::set(-4.66941952e-9F);
  p = S::fma(p, s, S::set(2.35066963e-7F));
  p = S::fma(p, s, S::set(-5.34771652e-6F));
  p = S::fma(p, s, S::set(7.36168731e-5F));
  p = S::fma(p, s, S::set(-6.95886323e-4F));
  p = S::fma(p, s, S::set(4.86854604e-3F));
  p = S::fma(p, s, S::set(-2.63732504e-2F));
  p = S::fma(p, s, S::set(1.12455010e-1F));
  p = S::fma(p, s, S::set(-3.75988513e-1F));
  p = S::fma(p, s, S::set(1.12836444F));
  const auto half = S::mul(x, S::set(0.5F));
  return S::fma(half, S::mul(u, p), half);
}

template <class S>
void quantise_row(const float* row, Size width, float low, float high, const QuantisedRows& out, Size r) {
  const float scale = high > low ? (high - low) / float(kLevels) : 1.0F;
  const float zero = __builtin_rintf(-low / scale);
  out.scales[r] = scale;
  out.zeros[r] = std::int32_t(zero);
  const auto factor = S::set(1.0F / scale), shift = S::set(zero), least = S::set(0.0F), most = S::set(float(kLevels));
  std::uint8_t* bytes = out.bytes + r * width;
  for (Size i = 0; i < width; i += S::kLanes)
    S::store_bytes(bytes + i, S::min(S::max(S::fma(S::load(row + i), factor, shift), least), most));
}

template <class S>
void quantise(const float* rows, Size count, Size width, const QuantisedRows& out) {
  for (Size r = 0; r < count; ++r) {
    const float* row = rows + r * width;
    auto low = S::set(0.0F), high = S::set(0.0F);
    for (Size i = 0; i < width; i += S::kLanes) {
      const auto x = S::load(row + i);
      low = S::min(low, x);
      high = S::max(high, x);
    }
    quantise_row<S>(row, width, S::least(low), S::most(high), out, r);
  }
}

template <class S>
void gelu_quantise(float* rows, Size count, Size width, const QuantisedRows& out) {
  for (Size r = 0; r < count; ++r) {
    float* row = rows + r * width;
    auto low = S::set(0.0F), high = S::set(0.0F);
    for (Size i = 0; i < width; i += S::kLanes) {
      const auto x = gelu<S>(S::load(row + i));
      S::store(row + i, x);
      low = S::min(low, x);
      high = S::max(high, x);
    }
    quantise_row<S>(row, width, S::least(low), S::most(high), out, r);
  }
}

template <class S>
void add_norm(float* rows, const float* added, Size count, Size width, const float* weight, const float* bias) {
  for (Size r = 0; r < count; ++r) {
    float* row = rows + r * width;
    auto sum = S::set(0.0F);
    for (Size i = 0; i < width; i += S::kLanes) {
      auto x = S::load(row + i);
      if (added != nullptr) x = S::add(x, S::load(added + r * width + i));
      S::store(row + i, x);
      sum = S::add(sum, x);
    }
    const auto mean = S::set(S::sum(sum) / float(width));
    auto squares = S::set(0.0F);
    for (Size i = 0; i < width; i += S::kLanes) {
      const auto x = S::sub(S::load(row + i), mean);
      squares = S::fma(x, x, squares);
    }
    const auto factor = S::set(1.0F / __builtin_sqrtf(S::sum(squares) / float(width) + 1e-12F));
    for (Size i = 0; i < width; i += S::kLanes) {
      const auto x = S::mul(S::sub(S::load(row + i), mean), factor);
      S::store(row + i, S::fma(x, S::load(weight + i), S::load(bias + i)));
    }
  }
}

// One head, R query rows beginning at `query`: every key and value that is loaded serves all of them.
template <class S, int R>
void attend(const float* query, Size stride, const float* keys, Size padded, const float* values, Size count, float* scores, float* out,
            Size out_stride) {
  using V = typename S::V;
  V most[R];
  for (int r = 0; r < R; ++r) most[r] = S::set(-3e38F);
  for (Size k = 0; k < padded; k += S::kLanes) {
    V sums[R];
    for (int r = 0; r < R; ++r) sums[r] = S::set(0.0F);
    for (Size i = 0; i < kHeadSize; ++i) {
      const V key = S::load(keys + i * padded + k);
      for (int r = 0; r < R; ++r) sums[r] = S::fma(S::set(query[r * stride + i]), key, sums[r]);
    }
    for (int r = 0; r < R; ++r) S::store(scores + r * padded + k, sums[r]);
    // Lanes behind the last key must not count.
    for (Size lane = count; lane < k + S::kLanes && lane >= k; ++lane)
      for (int r = 0; r < R; ++r) scores[r * padded + lane] = -3e38F;
    for (int r = 0; r < R; ++r) most[r] = S::max(most[r], S::load(scores + r * padded + k));
  }
  float share[R];
  for (int r = 0; r < R; ++r) {
    const V top = S::set(S::most(most[r]));
    V sum = S::set(0.0F);
    for (Size k = 0; k < padded; k += S::kLanes) {
      const V e = exp_of_negative<S>(S::sub(S::load(scores + r * padded + k), top));
      S::store(scores + r * padded + k, e);
      sum = S::add(sum, e);
    }
    share[r] = 1.0F / S::sum(sum);
  }
  for (Size i = 0; i < kHeadSize; i += 2 * S::kLanes) {
    V left[R], right[R];
    for (int r = 0; r < R; ++r) left[r] = right[r] = S::set(0.0F);
    for (Size k = 0; k < count; ++k) {
      const V a = S::load(values + k * stride + i), b = S::load(values + k * stride + i + S::kLanes);
      for (int r = 0; r < R; ++r) {
        const V weight = S::set(scores[r * padded + k]);
        left[r] = S::fma(weight, a, left[r]);
        right[r] = S::fma(weight, b, right[r]);
      }
    }
    for (int r = 0; r < R; ++r) {
      S::store(out + r * out_stride + i, S::mul(left[r], S::set(share[r])));
      S::store(out + r * out_stride + i + S::kLanes, S::mul(right[r], S::set(share[r])));
    }
  }
}

template <class S>
void attention(const float* qkv, Size count, Size heads, float* scratch, float* out) {
  const Size width = heads * kHeadSize, stride = 3 * width;
  const Size padded = (count + S::kLanes - 1) / S::kLanes * S::kLanes;
  float* keys = scratch;  // the head's keys, turned: one row a float of the head, one column a token
  float* scores = scratch + kHeadSize * padded;
  for (Size h = 0; h < heads; ++h) {
    const float* queries = qkv + h * kHeadSize;
    const float* values = queries + 2 * width;
    for (Size k = 0; k < count; ++k)
      for (Size i = 0; i < kHeadSize; ++i) keys[i * padded + k] = queries[k * stride + width + i];
    for (Size i = 0; i < kHeadSize; ++i)
      for (Size k = count; k < padded; ++k) keys[i * padded + k] = 0;
    Size q = 0;
    for (; q + 4 <= count; q += 4)
      attend<S, 4>(queries + q * stride, stride, keys, padded, values, count, scores, out + q * width + h * kHeadSize, width);
    for (; q < count; ++q)
      attend<S, 1>(queries + q * stride, stride, keys, padded, values, count, scores, out + q * width + h * kHeadSize, width);
  }
}

// The last rows, fewer than a full tile, have a tile of their own height.
template <class S, int R>
void last_tile(const LinearView& linear, const QuantisedRows& in, Size rest, Size row, Size column, float* out) {
  if constexpr (R > 0) {
    if (rest == R)
      S::template tile<R>(linear, in, row, column, out);
    else
      last_tile<S, R - 1>(linear, in, rest, row, column, out);
  }
}

template <class S>
void linear(const LinearView& linear, const QuantisedRows& in, Size count, float* out) {
  for (Size column = 0; column < linear.outputs; column += S::kColumns) {
    Size row = 0;
    for (; row + S::kRows <= count; row += S::kRows) S::template tile<S::kRows>(linear, in, row, column, out);
    last_tile<S, S::kRows - 1>(linear, in, count - row, row, column, out);
  }
}

// Where the weights of `column` begin inside its panel.
static inline const std::int8_t* weights_at(const LinearView& linear, Size column) {
  return linear.weights + (column / kPanel) * kPanel * linear.inputs + (column % kPanel) * 4;
}

template <class S>
constexpr Kernels make(const char* name, Size default_tokens) {
  return {name, default_tokens, quantise<S>, gelu_quantise<S>, linear<S>, add_norm<S>, attention<S>};
}

}  // namespace mend::kernel_loops
