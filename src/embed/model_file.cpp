#include "embed/model_file.h"

#include <fmt/format.h>

#include <bit>
#include <cstddef>
#include <cstring>
#include <type_traits>

#include "base/text.h"

namespace mend {
namespace {

static_assert(std::endian::native == std::endian::little, "the file's numbers are used as they lie there");
constexpr std::string_view kMagic{"MENDENC\n", 8};
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kAlign = 64;
std::size_t aligned(std::size_t size) { return (size + kAlign - 1) / kAlign * kAlign; }

struct EncoderHeader {
  char magic[8];
  std::uint32_t version;
  std::uint32_t reserved;
  std::uint64_t hash;  // hash64 of all that follows this field
  std::uint64_t size;  // of the file
  EncoderShape shape;
  char name[64];  // of the weights, filled up with zeros
};
static_assert(sizeof(EncoderHeader) == 128 && std::is_trivially_copyable_v<EncoderHeader>);
constexpr std::size_t kHashed = offsetof(EncoderHeader, size);

bool sensible(const EncoderShape& s) {
  return s.layers > 0 && s.layers <= 64 && s.hidden > 0 && s.hidden <= 4096 && s.hidden % kPanel == 0 && s.heads * kHeadSize == s.hidden &&
         s.inner > 0 && s.inner <= 16384 && s.inner % kPanel == 0 && s.positions >= 2 && s.positions <= 4096 && s.words > 0 &&
         s.words <= (1U << 20U) && s.word_bytes <= (1U << 26U) && std::has_single_bit(s.word_slots) && s.word_slots > s.words &&
         s.word_slots <= (1U << 22U);
}

// The arrays of the file, in their order: `visit` gets each (a span or a pointer) and its number of elements.
template <class View, class Visit>
void visit_linear(View& linear, std::size_t inputs, std::size_t outputs, Visit& visit) {
  visit(linear.weights, inputs * outputs);
  visit(linear.scales, outputs);
  visit(linear.sums, outputs);
  visit(linear.bias, outputs);
}
template <class View, class Visit>
void visit_norm(View& norm, std::size_t width, Visit& visit) {
  visit(norm.weight, width);
  visit(norm.bias, width);
}
template <class View, class Visit>
void visit_arrays(View& view, Visit& visit) {
  const EncoderShape& s = view.shape;
  const std::size_t hidden = s.hidden, inner = s.inner;
  visit(view.vocabulary.bytes, std::size_t(s.word_bytes));
  visit(view.vocabulary.offsets, std::size_t(s.words) + 1);
  visit(view.vocabulary.slots, std::size_t(s.word_slots));
  visit(view.word_rows, s.words * hidden);
  visit(view.word_scales, std::size_t(s.words));
  visit(view.position_rows, s.positions * hidden);
  visit_norm(view.first_norm, hidden, visit);
  for (auto& layer : view.layers) {
    visit_linear(layer.query_key_value, hidden, 3 * hidden, visit);
    visit_linear(layer.mix, hidden, hidden, visit);
    visit_norm(layer.mix_norm, hidden, visit);
    visit_linear(layer.widen, hidden, inner, visit);
    visit_linear(layer.narrow, inner, hidden, visit);
    visit_norm(layer.narrow_norm, hidden, visit);
  }
}

void set_sizes(LayerView& layer, const EncoderShape& shape) {
  const std::size_t hidden = shape.hidden, inner = shape.inner;
  const auto set = [](LinearView& linear, std::size_t inputs, std::size_t outputs) { linear.inputs = inputs, linear.outputs = outputs; };
  set(layer.query_key_value, hidden, 3 * hidden);
  set(layer.mix, hidden, hidden);
  set(layer.widen, hidden, inner);
  set(layer.narrow, inner, hidden);
}

template <class T>
void point(std::span<const T>& target, const char* data, std::size_t count) {
  target = {reinterpret_cast<const T*>(data), count};
}
template <class T>
void point(const T*& target, const char* data, std::size_t) {
  target = reinterpret_cast<const T*>(data);
}
template <class T>
std::size_t element_size(std::span<const T>) {
  return sizeof(T);
}
template <class T>
std::size_t element_size(const T*) {
  return sizeof(T);
}

struct Reader {
  std::string_view bytes;
  std::size_t at = sizeof(EncoderHeader);
  bool cut_off = false;
  template <class Target>
  void operator()(Target& target, std::size_t count) {
    const std::size_t size = count * element_size(target);
    if (cut_off || at > bytes.size() || size > bytes.size() - at)
      cut_off = true;
    else
      point(target, bytes.data() + at, count);
    at = aligned(at + size);
  }
};

struct Writer {
  std::string out;
  bool wrong_size = false;
  void add(const void* data, std::size_t size) {
    out.append(static_cast<const char*>(data), size);
    out.resize(aligned(out.size()), '\0');
  }
  template <class T>
  void operator()(const std::span<const T>& source, std::size_t count) {
    wrong_size = wrong_size || source.size() != count;
    add(source.data(), source.size_bytes());
  }
  template <class T>
  void operator()(const T* source, std::size_t count) {
    add(source, count * sizeof(T));
  }
};

// The hash tells accidents, not malice; nothing here may be read outside of the file whatever it holds.
bool vocabulary_is_sound(const VocabularyView& vocabulary) {
  for (std::size_t i = 1; i < vocabulary.offsets.size(); ++i)
    if (vocabulary.offsets[i - 1] > vocabulary.offsets[i]) return false;
  if (vocabulary.offsets.front() != 0 || vocabulary.offsets.back() != vocabulary.bytes.size()) return false;
  bool has_free_slot = false;  // or a search would never end
  for (const std::uint32_t slot : vocabulary.slots) {
    if (slot >= vocabulary.offsets.size()) return false;
    has_free_slot = has_free_slot || slot == 0;
  }
  return has_free_slot;
}

}  // namespace

Result<std::unique_ptr<EncoderFile>> EncoderFile::open(const std::filesystem::path& path) {
  auto model = std::make_unique<EncoderFile>();
  MEND_TRY(model->file_, MappedFile::open(path));
  const std::string_view bytes = model->file_->bytes();
  const auto damaged = [&](std::string_view why) { return fail(ErrorKind::corrupt, fmt::format("{}: {}", path.string(), why)); };
  EncoderHeader header{};
  if (!bytes.starts_with(kMagic.substr(0, bytes.size()))) return damaged("not a sentence encoder's model");
  if (bytes.size() < sizeof header) return damaged("cut off");
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.version != kVersion)
    return damaged(fmt::format("format {} of the sentence encoder's model, this program reads {}", header.version, kVersion));
  if (header.size != bytes.size())
    return damaged(
        fmt::format("{} of {} bytes: {}", bytes.size(), header.size, bytes.size() < header.size ? "cut off" : "something follows"));
  if (hash64(bytes.substr(kHashed)) != header.hash) return damaged("it was changed: its hash differs");
  if (!sensible(header.shape)) return damaged("its header is damaged");
  model->view_.shape = header.shape;
  model->view_.layers.resize(header.shape.layers);
  for (LayerView& layer : model->view_.layers) set_sizes(layer, header.shape);
  Reader reader{bytes};
  visit_arrays(model->view_, reader);
  if (reader.cut_off || reader.at != bytes.size()) return damaged("its size does not fit its header");
  if (!vocabulary_is_sound(model->view_.vocabulary)) return damaged("its vocabulary is damaged");
  // The check above touched every page; most of the vocabulary's rows are never needed again.
  model->file_->release_pages();
  model->name_ = fmt::format("{}-int8-{:016x}", std::string_view(header.name, ::strnlen(header.name, sizeof header.name)), header.hash);
  return model;
}

Result<std::string> encoder_file_bytes(std::string_view name, const EncoderView& view) {
  EncoderHeader header{};
  if (!sensible(view.shape) || view.layers.size() != view.shape.layers || name.size() >= sizeof header.name)
    return fail(ErrorKind::internal, "a sentence encoder of this shape cannot be written");
  std::memcpy(header.magic, kMagic.data(), kMagic.size());
  header.version = kVersion;
  header.shape = view.shape;
  std::memcpy(header.name, name.data(), name.size());
  Writer writer;
  writer.add(&header, sizeof header);
  visit_arrays(view, writer);
  if (writer.wrong_size) return fail(ErrorKind::internal, "an array of the sentence encoder has another size than its shape says");
  header.size = writer.out.size();
  std::memcpy(writer.out.data(), &header, sizeof header);
  header.hash = hash64(std::string_view(writer.out).substr(kHashed));
  std::memcpy(writer.out.data(), &header, sizeof header);
  return std::move(writer.out);
}

}  // namespace mend
