#include "embed/forward.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace mend {
namespace {

constexpr std::size_t kAlign = 64;
std::size_t aligned(std::size_t size) { return (size + kAlign - 1) / kAlign * kAlign; }

void look_up(const EncoderView& model, std::span<const std::uint32_t> ids, float* rows) {
  const std::size_t hidden = model.shape.hidden;
  for (std::size_t t = 0; t < ids.size(); ++t) {
    const std::int8_t* word = model.word_rows.data() + ids[t] * hidden;
    const float* position = model.position_rows.data() + t * hidden;
    const float scale = model.word_scales[ids[t]];
    for (std::size_t i = 0; i < hidden; ++i) rows[t * hidden + i] = float(word[i]) * scale + position[i];
  }
}

}  // namespace

Workspace::Workspace(const EncoderShape& shape, std::size_t most_tokens) {
  const std::size_t hidden = shape.hidden, inner = shape.inner;
  const std::size_t sizes[] = {most_tokens * hidden * 4,
                               most_tokens * hidden * 4,
                               most_tokens * std::max(4 * hidden, inner) * 4,
                               attention_scratch(most_tokens) * 4,
                               most_tokens * std::max(hidden, inner),
                               most_tokens * 4,
                               most_tokens * 4};
  std::size_t total = kAlign;
  for (const std::size_t size : sizes) total += aligned(size);
  memory_.resize(total);
  auto at = aligned(reinterpret_cast<std::uintptr_t>(memory_.data()));
  std::byte* places[std::size(sizes)];
  for (std::size_t i = 0; i < std::size(sizes); at += aligned(sizes[i++])) places[i] = reinterpret_cast<std::byte*>(at);
  state = reinterpret_cast<float*>(places[0]);
  added = reinterpret_cast<float*>(places[1]);
  wide = reinterpret_cast<float*>(places[2]);
  scratch = reinterpret_cast<float*>(places[3]);
  bytes = {reinterpret_cast<std::uint8_t*>(places[4]), reinterpret_cast<float*>(places[5]), reinterpret_cast<std::int32_t*>(places[6])};
}

bool encode(const EncoderView& model, const Kernels& k, std::span<const std::uint32_t> ids, Workspace& work, std::span<float> out) {
  const std::size_t count = ids.size(), hidden = model.shape.hidden, inner = model.shape.inner;
  look_up(model, ids, work.state);
  k.add_norm(work.state, nullptr, count, hidden, model.first_norm.weight.data(), model.first_norm.bias.data());
  float* attended = work.wide + count * 3 * hidden;
  for (const LayerView& layer : model.layers) {
    k.quantise(work.state, count, hidden, work.bytes);
    k.linear(layer.query_key_value, work.bytes, count, work.wide);
    k.attention(work.wide, count, model.shape.heads, work.scratch, attended);
    k.quantise(attended, count, hidden, work.bytes);
    k.linear(layer.mix, work.bytes, count, work.added);
    k.add_norm(work.state, work.added, count, hidden, layer.mix_norm.weight.data(), layer.mix_norm.bias.data());
    k.quantise(work.state, count, hidden, work.bytes);
    k.linear(layer.widen, work.bytes, count, work.wide);
    k.gelu_quantise(work.wide, count, inner, work.bytes);
    k.linear(layer.narrow, work.bytes, count, work.added);
    k.add_norm(work.state, work.added, count, hidden, layer.narrow_norm.weight.data(), layer.narrow_norm.bias.data());
  }
  std::fill(out.begin(), out.end(), 0.0F);
  for (std::size_t t = 0; t < count; ++t)
    for (std::size_t i = 0; i < hidden; ++i) out[i] += work.state[t * hidden + i];
  double squares = 0;
  for (const float x : out) squares += double(x) * x;
  if (!std::isfinite(squares) || squares <= 0) return false;
  const auto factor = float(1.0 / std::sqrt(squares));
  for (float& x : out) x *= factor;
  return true;
}

}  // namespace mend
