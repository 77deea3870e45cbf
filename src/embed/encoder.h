// The sentence encoder: a text's meaning as a vector, by a small transformer of the BERT family (all-MiniLM-L6-v2) with 8-bit weights.
//
//   auto encoder = Encoder::open(share / "minilm.bin");
//   auto embedding = (*encoder)->embed("permission denied for table orders");
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "embed/forward.h"
#include "embed/model_file.h"
#include "embed/word_piece.h"
#include "ports/embedder.h"

namespace mend {

struct EncoderOptions {
  // Longer texts are cut behind this many tokens, the two that mark begin and end included. 0: what the processor does in about
  // six milliseconds, 80 tokens or 48. Held within 2 and what the model knows.
  std::size_t most_tokens = 0;
  std::string kernels = {};  // "avx512vnni", "avx2", "neon", "scalar"; empty: the fastest that the processor has
};

// Immutable but for spare working memory; any thread may call, at the same time.
class Encoder final : public Embedder {
 public:
  // not_found or corrupt: the file; unavailable: a processor without AVX2 or NEON's dot product, on which an encoder would be too
  // slow to be of use; invalid_input: kernels that are unknown or not for this processor.
  static Result<std::unique_ptr<Encoder>> open(const std::filesystem::path& path, const EncoderOptions& options = {});

  std::size_t dimension() const override { return file_->view().shape.hidden; }
  std::string_view model() const override { return file_->name(); }
  // internal when the numbers did not stay finite.
  Result<Embedding> embed(std::string_view text) const override;

  std::vector<std::uint32_t> tokens(std::string_view text) const { return words_.ids(text, most_tokens_); }
  // As embed, from ids that tokens() gave; invalid_input for any other.
  Result<Embedding> embed_tokens(std::span<const std::uint32_t> ids) const;
  std::size_t most_tokens() const { return most_tokens_; }
  std::string_view kernels() const { return kernels_.name; }

 private:
  Encoder(std::unique_ptr<EncoderFile> file, WordPiece words, const Kernels& kernels, std::size_t most_tokens);
  std::unique_ptr<Workspace> take_workspace() const;
  void give_back(std::unique_ptr<Workspace> work) const;

  std::unique_ptr<EncoderFile> file_;
  WordPiece words_;
  const Kernels& kernels_;
  std::size_t most_tokens_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Workspace>> spare_;  // as many as there were callers at once, about 1 MB each
};

}  // namespace mend
