#include "embed/quantise.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "embed/model_file.h"
#include "embed/safetensors.h"
#include "embed/word_piece.h"

namespace mend {
namespace {

constexpr std::size_t kLayers = 6, kHidden = 384, kHeads = 12, kInner = 1536, kTrainedPositions = 512;
// What the sentence model was made for; the positions above it are BERT's.
constexpr std::size_t kPositions = 256;

struct Rows {
  std::vector<std::int8_t> bytes;
  std::vector<float> scales;
};

float greatest(std::span<const float> row) {
  float most = 0;
  for (const float x : row) most = std::max(most, std::fabs(x));
  return most;
}

// The greatest sum of the positive or of the negative values of two neighbours. Scaled to 127 it stays within kPairLimit whatever
// way the two are rounded. It costs the weights a third of a bit; activations of seven bits instead would cost the result far more
// (cosine to the reference 0.9926 at the least instead of 0.998).
float greatest_pair(std::span<const float> row) {
  float most = 0;
  for (std::size_t i = 0; i + 1 < row.size(); i += 2) {
    most = std::max(most, std::max(row[i], 0.0F) + std::max(row[i + 1], 0.0F));
    most = std::max(most, std::max(-row[i], 0.0F) + std::max(-row[i + 1], 0.0F));
  }
  return most;
}
static_assert(127 + 1 <= kPairLimit && kPairLimit * kLevels < 1 << 15);

// Symmetric: what `measure` finds in a row becomes 127.
template <class Measure>
Rows quantise_rows(std::span<const float> values, std::size_t width, Measure measure) {
  Rows rows;
  rows.bytes.reserve(values.size());
  for (std::size_t at = 0; at < values.size(); at += width) {
    const auto row = values.subspan(at, width);
    const float most = measure(row);
    const float scale = most > 0 ? most / 127.0F : 1.0F;
    rows.scales.push_back(scale);
    for (const float x : row) rows.bytes.push_back(std::int8_t(std::clamp(std::nearbyint(x / scale), -127.0F, 127.0F)));
  }
  return rows;
}

// Owns what a LinearView shows. Inputs of one output are together in `rows`; the kernels want panels (kernels.h).
class Linear {
 public:
  Linear(const std::vector<float>& weights, std::vector<float> bias, std::size_t inputs)
      : inputs_(inputs), outputs_(bias.size()), packed_(weights.size()), sums_(bias.size()), bias_(std::move(bias)) {
    Rows rows = quantise_rows(weights, inputs, greatest_pair);
    scales_ = std::move(rows.scales);
    for (std::size_t o = 0; o < outputs_; ++o) {
      for (std::size_t i = 0; i < inputs; ++i) {
        const std::int8_t weight = rows.bytes[o * inputs + i];
        sums_[o] += weight;
        packed_[(o / kPanel) * kPanel * inputs + (i / 4) * kPanel * 4 + (o % kPanel) * 4 + i % 4] = weight;
      }
    }
  }
  LinearView view() const { return {inputs_, outputs_, packed_.data(), scales_.data(), sums_.data(), bias_.data()}; }

 private:
  std::size_t inputs_, outputs_;
  std::vector<std::int8_t> packed_;
  std::vector<float> scales_;
  std::vector<std::int32_t> sums_;
  std::vector<float> bias_;
};

// Several linear layers of the same input as one, each multiplied by its factor.
struct Part {
  std::string name;
  float factor = 1;
};
Result<Linear> read_linear(const Safetensors& tensors, const std::vector<Part>& parts, std::size_t inputs, std::size_t outputs) {
  std::vector<float> weights, bias;
  for (const Part& part : parts) {
    MEND_TRY(const auto w, tensors.floats(part.name + ".weight", {outputs, inputs}));
    MEND_TRY(const auto b, tensors.floats(part.name + ".bias", {outputs}));
    for (const float x : w) weights.push_back(x * part.factor);
    for (const float x : b) bias.push_back(x * part.factor);
  }
  return Linear(weights, std::move(bias), inputs);
}

Result<NormView> read_norm(const Safetensors& tensors, const std::string& name) {
  MEND_TRY(const auto weight, tensors.floats(name + ".weight", {kHidden}));
  MEND_TRY(const auto bias, tensors.floats(name + ".bias", {kHidden}));
  return NormView{weight, bias};
}

struct Vocabulary {
  std::string bytes;
  std::vector<std::uint32_t> offsets{0}, slots;
  VocabularyView view() const { return {bytes, offsets, slots}; }
};
Result<Vocabulary> read_vocabulary(const std::filesystem::path& path) {
  MEND_TRY(const std::string text, read_file(path));
  Vocabulary made;
  for (const std::string_view word : split_lines(text)) {
    made.bytes += word;
    made.offsets.push_back(std::uint32_t(made.bytes.size()));
  }
  if (made.offsets.size() < 2) return fail(ErrorKind::corrupt, path.string() + ": no entries");
  made.slots = vocabulary_slots(made.view());
  return made;
}

}  // namespace

Result<std::string> quantise_minilm(const std::filesystem::path& folder) {
  MEND_TRY(const auto tensors, Safetensors::open(folder / "model.safetensors"));
  MEND_TRY(const Vocabulary vocabulary, read_vocabulary(folder / "vocab.txt"));
  const std::size_t words = vocabulary.offsets.size() - 1;

  EncoderView view;
  view.shape = {kLayers,
                kHidden,
                kHeads,
                kInner,
                kPositions,
                std::uint32_t(words),
                std::uint32_t(vocabulary.bytes.size()),
                std::uint32_t(vocabulary.slots.size())};
  view.vocabulary = vocabulary.view();
  MEND_TRY(const auto word_rows, tensors->floats("embeddings.word_embeddings.weight", {words, kHidden}));
  const Rows rows = quantise_rows(word_rows, kHidden, greatest);
  view.word_rows = rows.bytes;
  view.word_scales = rows.scales;
  // A text alone is always of the first kind: its row is added to the positions once and for all.
  MEND_TRY(const auto positions, tensors->floats("embeddings.position_embeddings.weight", {kTrainedPositions, kHidden}));
  MEND_TRY(const auto kinds, tensors->floats("embeddings.token_type_embeddings.weight", {2, kHidden}));
  std::vector<float> position_rows(kPositions * kHidden);
  for (std::size_t i = 0; i < position_rows.size(); ++i) position_rows[i] = positions[i] + kinds[i % kHidden];
  view.position_rows = position_rows;
  MEND_TRY(view.first_norm, read_norm(*tensors, "embeddings.LayerNorm"));

  const float query_factor = 1.0F / std::sqrt(float(kHeadSize));
  std::vector<Linear> linears;
  linears.reserve(kLayers * 4);
  for (std::size_t i = 0; i < kLayers; ++i) {
    const std::string at = fmt::format("encoder.layer.{}.", i);
    LayerView layer;
    const auto add = [&](LinearView& target, const std::vector<Part>& parts, std::size_t inputs, std::size_t outputs) -> Result<void> {
      MEND_TRY(Linear linear, read_linear(*tensors, parts, inputs, outputs));
      target = linears.emplace_back(std::move(linear)).view();
      return {};
    };
    MEND_CHECK(add(layer.query_key_value,
                   {{at + "attention.self.query", query_factor}, {at + "attention.self.key"}, {at + "attention.self.value"}}, kHidden,
                   kHidden));
    MEND_CHECK(add(layer.mix, {{at + "attention.output.dense"}}, kHidden, kHidden));
    MEND_CHECK(add(layer.widen, {{at + "intermediate.dense"}}, kHidden, kInner));
    MEND_CHECK(add(layer.narrow, {{at + "output.dense"}}, kInner, kHidden));
    MEND_TRY(layer.mix_norm, read_norm(*tensors, at + "attention.output.LayerNorm"));
    MEND_TRY(layer.narrow_norm, read_norm(*tensors, at + "output.LayerNorm"));
    view.layers.push_back(layer);
  }
  return encoder_file_bytes("all-MiniLM-L6-v2", view);
}

}  // namespace mend
