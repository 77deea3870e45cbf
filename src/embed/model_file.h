// The encoder's model as one file: 8-bit weights in the order in which the kernels read them, and the vocabulary. Written once in
// the build, mapped read-only afterwards; nothing of it is copied or unpacked.
//
// Layout (little-endian): EncoderHeader, then the arrays in the order of visit_arrays() in model_file.cpp, each beginning at a
// multiple of 64 bytes. Sizes follow from the header's shape alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "base/result.h"
#include "embed/kernels.h"

namespace mend {

struct EncoderShape {
  std::uint32_t layers = 0, hidden = 0, heads = 0, inner = 0;  // inner: width between the two feed-forward layers
  std::uint32_t positions = 0;                                 // the most tokens of a text
  std::uint32_t words = 0, word_bytes = 0, word_slots = 0;     // vocabulary: entries, bytes of all of them, hash slots
  bool operator==(const EncoderShape&) const = default;
};

struct NormView {
  std::span<const float> weight, bias;
};

struct LayerView {
  LinearView query_key_value, mix, widen, narrow;  // mix: after attention; widen, narrow: feed-forward
  NormView mix_norm, narrow_norm;
};

struct VocabularyView {
  std::span<const char> bytes;             // all entries, one after the other
  std::span<const std::uint32_t> offsets;  // words + 1: entry i is bytes [offsets[i], offsets[i + 1])
  std::span<const std::uint32_t> slots;    // open addressing by hash64: id + 1, 0 for free; the count is a power of two
};

struct EncoderView {
  EncoderShape shape;
  VocabularyView vocabulary;
  std::span<const std::int8_t> word_rows;  // words * hidden, each row with its scale
  std::span<const float> word_scales;
  std::span<const float> position_rows;  // positions * hidden
  NormView first_norm;
  std::vector<LayerView> layers;
};

// Immutable; views into it live as long as it does.
class EncoderFile {
 public:
  // not_found; corrupt naming what is wrong (not such a file, another version, cut off, changed). Reads the whole file once.
  static Result<std::unique_ptr<EncoderFile>> open(const std::filesystem::path& path);
  const EncoderView& view() const { return view_; }
  const std::string& name() const { return name_; }  // as embedder.h model()

 private:
  std::unique_ptr<MappedFile> file_;
  EncoderView view_;
  std::string name_;
};

// The file's bytes for arrays that the caller holds; internal when one does not have the size that the shape asks for.
Result<std::string> encoder_file_bytes(std::string_view name, const EncoderView& view);

}  // namespace mend
