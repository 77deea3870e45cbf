// Texts found by their meaning: what is added is embedded when it is first needed, or taken from what was embedded before.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "knowledge/vector_file.h"
#include "knowledge/vector_index.h"
#include "ports/embedder.h"

namespace mend {

enum class Shelf : std::uint8_t { cases, passages };

// Where vectors come from and are kept. Calls come one at a time.
class VectorSource {
 public:
  virtual ~VectorSource() = default;
  // Called once, on the first search. The embedder lives as long as the source.
  virtual Result<const Embedder*> open() = 0;
  // What is kept of this model; what cannot be read is left out, and made again.
  virtual std::vector<KeptVector> kept(std::string_view model, std::size_t dimension) = 0;
  virtual std::optional<std::string> graph(std::string_view model) = 0;  // of the cases
  // Best effort: what is not kept is made again by the next process.
  virtual void keep(std::string_view model, std::span<const KeptVector> vectors) = 0;
};

// Thread-safe. Lexical search goes on without it: every failure is an Error that says why meanings cannot be compared.
class SemanticIndex {
 public:
  explicit SemanticIndex(std::unique_ptr<VectorSource> source) : source_(std::move(source)) {}

  // Cheap: only remembered. The key stands for the text from now on.
  VectorKey add(Shelf shelf, std::string text);
  void remove(Shelf shelf, VectorKey key);

  // Reads what is kept, then embeds at most `most` texts that have no vector yet, the newest first. Returns how many are left.
  using Progress = std::function<void(std::size_t left)>;
  Result<std::size_t> fill(std::size_t most, const Progress& progress = {});
  // A query's vector: some milliseconds.
  Result<PackedVector> embed(std::string_view text);
  std::vector<VectorHit> search(Shelf shelf, const PackedVector& query, std::size_t most, const AcceptKey& accept = {}) const;

  // Null or empty before the first fill or embed that went well.
  std::string_view model() const { return opened_ ? embedder_->model() : std::string_view(); }
  VectorIndex* index(Shelf shelf) { return opened_ ? shelves_[std::size_t(shelf)].get() : nullptr; }

 private:
  struct Pending {
    Shelf shelf;
    VectorKey key;
    std::string text;
  };
  Result<void> open();  // with fill_mutex_ held
  void take_graph();
  std::vector<Pending> take_pending();

  std::unique_ptr<VectorSource> source_;
  std::mutex fill_mutex_;  // one opens and fills at a time
  std::optional<Error> open_error_;
  const Embedder* embedder_ = nullptr;
  std::atomic<bool> opened_ = false;  // embedder_ and shelves_ do not change after it
  std::array<std::unique_ptr<VectorIndex>, 2> shelves_;
  std::unordered_map<VectorKey, PackedVector> known_;  // guarded by fill_mutex_: kept ones that no text has asked for yet
  mutable std::mutex pending_mutex_;
  std::vector<Pending> pending_;
};

}  // namespace mend
