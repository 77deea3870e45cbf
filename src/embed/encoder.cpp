#include "embed/encoder.h"

#include <fmt/format.h>

#include <algorithm>

#include "embed/dispatch.h"

namespace mend {
namespace {

Result<const Kernels*> choose(const std::string& wanted) {
  if (!wanted.empty()) {
    const Kernels* found = find_kernels(wanted);
    if (found == nullptr) return fail(ErrorKind::invalid_input, fmt::format("this processor has no encoder kernels \"{}\"", wanted));
    return found;
  }
  const auto usable = usable_kernels();
  if (usable.empty())
    return fail(ErrorKind::unavailable, "the sentence encoder needs a processor with AVX2 and FMA, or with NEON's dot product");
  return usable.front();
}

}  // namespace

Encoder::Encoder(std::unique_ptr<EncoderFile> file, WordPiece words, const Kernels& kernels, std::size_t most_tokens)
    : file_(std::move(file)), words_(words), kernels_(kernels), most_tokens_(most_tokens) {}

Result<std::unique_ptr<Encoder>> Encoder::open(const std::filesystem::path& path, const EncoderOptions& options) {
  MEND_TRY(const Kernels* kernels, choose(options.kernels));
  MEND_TRY(auto file, EncoderFile::open(path));
  auto words = WordPiece::make(file->view().vocabulary);
  if (!words) return std::unexpected(words.error().in(path.string()));
  const std::size_t wanted = options.most_tokens == 0 ? kernels->default_tokens : options.most_tokens;
  const std::size_t most = std::clamp<std::size_t>(wanted, 2, file->view().shape.positions);
  return std::unique_ptr<Encoder>(new Encoder(std::move(file), *words, *kernels, most));
}

Result<Embedding> Encoder::embed(std::string_view text) const { return embed_tokens(tokens(text)); }

Result<Embedding> Encoder::embed_tokens(std::span<const std::uint32_t> ids) const {
  const EncoderView& model = file_->view();
  if (ids.empty() || ids.size() > most_tokens_ || std::ranges::any_of(ids, [&](std::uint32_t id) { return id >= model.shape.words; }))
    return fail(ErrorKind::invalid_input, "these are no token ids of this encoder, or too many");
  auto work = take_workspace();
  Embedding out(dimension());
  const bool finite = encode(model, kernels_, ids, *work, out);
  give_back(std::move(work));
  if (!finite) return fail(ErrorKind::internal, "the sentence encoder's result is not a finite number");
  return out;
}

// Kept between calls: a fresh megabyte would cost hundreds of page faults each time.
std::unique_ptr<Workspace> Encoder::take_workspace() const {
  {
    const std::scoped_lock lock(mutex_);
    if (!spare_.empty()) {
      auto work = std::move(spare_.back());
      spare_.pop_back();
      return work;
    }
  }
  return std::make_unique<Workspace>(file_->view().shape, most_tokens_);
}

void Encoder::give_back(std::unique_ptr<Workspace> work) const {
  const std::scoped_lock lock(mutex_);
  spare_.push_back(std::move(work));
}

}  // namespace mend
