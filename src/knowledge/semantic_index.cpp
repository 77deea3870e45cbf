#include "knowledge/semantic_index.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

namespace mend {

VectorKey SemanticIndex::add(Shelf shelf, std::string text) {
  const VectorKey key = vector_key(text);
  std::lock_guard lock(pending_mutex_);
  pending_.push_back({shelf, key, std::move(text)});
  return key;
}

void SemanticIndex::remove(Shelf shelf, VectorKey key) {
  // A fill under way would bring it back.
  std::lock_guard filling(fill_mutex_);
  {
    std::lock_guard lock(pending_mutex_);
    std::erase_if(pending_, [&](const Pending& one) { return one.shelf == shelf && one.key == key; });
  }
  if (opened_) shelves_[std::size_t(shelf)]->remove(key);
}

std::vector<SemanticIndex::Pending> SemanticIndex::take_pending() {
  std::lock_guard lock(pending_mutex_);
  return std::exchange(pending_, {});
}

Result<void> SemanticIndex::open() {
  if (opened_) return {};
  if (open_error_) return std::unexpected(*open_error_);
  auto embedder = source_->open();
  if (!embedder) {
    open_error_ = embedder.error();
    return std::unexpected(*open_error_);
  }
  embedder_ = *embedder;
  for (auto& shelf : shelves_) shelf = std::make_unique<VectorIndex>(embedder_->dimension());
  for (KeptVector& one : source_->kept(embedder_->model(), embedder_->dimension()))
    if (one.vector.size() == embedder_->dimension()) known_.emplace(one.key, std::move(one.vector));
  take_graph();
  opened_ = true;
  return {};
}

// A graph that is damaged or of another time is no loss: its vectors are kept one by one as well.
void SemanticIndex::take_graph() {
  const auto bytes = source_->graph(embedder_->model());
  VectorIndex& cases = *shelves_[std::size_t(Shelf::cases)];
  if (!bytes || !cases.load_graph(*bytes)) return;
  std::unordered_set<VectorKey> asked_for;
  {
    std::lock_guard lock(pending_mutex_);
    for (const Pending& one : pending_)
      if (one.shelf == Shelf::cases) asked_for.insert(one.key);
  }
  std::vector<VectorKey> gone;
  cases.for_each([&](VectorKey key, std::span<const std::uint16_t>) {
    if (!asked_for.contains(key)) gone.push_back(key);
  });
  for (const VectorKey key : gone) cases.remove(key);
}

Result<std::size_t> SemanticIndex::fill(std::size_t most, const Progress& progress) {
  std::lock_guard filling(fill_mutex_);
  MEND_CHECK(open());
  std::vector<Pending> missing;
  for (Pending& one : take_pending()) {
    VectorIndex& shelf = *shelves_[std::size_t(one.shelf)];
    if (shelf.contains(one.key)) continue;
    if (const auto known = known_.find(one.key); known != known_.end()) {
      MEND_CHECK(shelf.add(one.key, known->second));
      known_.erase(known);
    } else {
      missing.push_back(std::move(one));
    }
  }
  std::vector<KeptVector> fresh;
  for (std::size_t i = 0; i < most && !missing.empty(); ++i) {
    const Pending one = std::move(missing.back());
    missing.pop_back();
    VectorIndex& shelf = *shelves_[std::size_t(one.shelf)];
    if (shelf.contains(one.key)) continue;
    const auto embedding = embedder_->embed(one.text);
    if (!embedding) continue;  // this text has no meaning that could be compared; it is still found by its words
    fresh.push_back({one.key, pack(*embedding)});
    MEND_CHECK(shelf.add(one.key, fresh.back().vector));
    constexpr std::size_t kKeptAtOnce = 256;
    if (fresh.size() == kKeptAtOnce) {
      source_->keep(embedder_->model(), fresh);
      fresh.clear();
      if (progress) progress(missing.size());
    }
  }
  if (!fresh.empty()) source_->keep(embedder_->model(), fresh);
  const std::size_t left = missing.size();
  if (left > 0) {
    std::lock_guard lock(pending_mutex_);
    pending_.insert(pending_.begin(), std::make_move_iterator(missing.begin()), std::make_move_iterator(missing.end()));
  }
  return left;
}

Result<PackedVector> SemanticIndex::embed(std::string_view text) {
  if (!opened_) {
    std::lock_guard filling(fill_mutex_);
    MEND_CHECK(open());
  }
  MEND_TRY(const Embedding embedding, embedder_->embed(text));
  return pack(embedding);
}

std::vector<VectorHit> SemanticIndex::search(Shelf shelf, const PackedVector& query, std::size_t most, const AcceptKey& accept) const {
  if (!opened_) return {};
  return shelves_[std::size_t(shelf)]->search(query, most, accept);
}

}  // namespace mend
