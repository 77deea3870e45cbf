#include "knowledge/vector_index.h"

#include <algorithm>
#include <mutex>

namespace mend {

std::size_t VectorIndex::size() const {
  std::shared_lock lock(mutex_);
  return keys_.size() + (graph_ ? graph_->size() : 0);
}

bool VectorIndex::contains(VectorKey key) const {
  std::shared_lock lock(mutex_);
  return places_.contains(key) || (graph_ && graph_->contains(key));
}

Result<void> VectorIndex::add(VectorKey key, std::span<const std::uint16_t> vector) {
  if (vector.size() != dimension_) return fail(ErrorKind::internal, "a vector of another length");
  std::unique_lock lock(mutex_);
  if (graph_) return graph_->add(key, vector);
  if (!places_.emplace(key, keys_.size()).second) return {};
  keys_.push_back(key);
  values_.insert(values_.end(), vector.begin(), vector.end());
  return {};
}

bool VectorIndex::remove(VectorKey key) {
  std::unique_lock lock(mutex_);
  const auto found = places_.find(key);
  if (found == places_.end()) return graph_ && graph_->remove(key);
  // The last one takes its place.
  const std::size_t place = found->second, last = keys_.size() - 1;
  places_.erase(found);
  if (place != last) {
    keys_[place] = keys_[last];
    places_[keys_[place]] = place;
    std::copy_n(values_.begin() + std::ptrdiff_t(last * dimension_), dimension_, values_.begin() + std::ptrdiff_t(place * dimension_));
  }
  keys_.pop_back();
  values_.resize(last * dimension_);
  return true;
}

std::vector<VectorHit> VectorIndex::scan(std::span<const std::uint16_t> query, std::size_t most, const AcceptKey& accept) const {
  std::vector<VectorHit> hits;
  for (std::size_t i = 0; i < keys_.size(); ++i)
    if (!accept || accept(keys_[i])) hits.push_back({keys_[i], double(dot(query.data(), values_.data() + i * dimension_, dimension_))});
  return best_first(std::move(hits), most);
}

std::vector<VectorHit> VectorIndex::search(std::span<const std::uint16_t> query, std::size_t most, const AcceptKey& accept) const {
  if (query.size() != dimension_) return {};
  std::shared_lock lock(mutex_);
  auto hits = scan(query, most, accept);
  if (!graph_) return hits;
  std::ranges::copy(graph_->search(query, most, accept), std::back_inserter(hits));
  return best_first(std::move(hits), most);
}

bool VectorIndex::has_graph() const {
  std::shared_lock lock(mutex_);
  return graph_ != nullptr;
}

Result<void> VectorIndex::build_graph() {
  {
    std::unique_lock lock(mutex_);
    if (!graph_) graph_ = std::make_unique<VectorGraph>(dimension_);
  }
  // One vector at a time moves over, so that each is always in exactly one of the two.
  for (;;) {
    std::unique_lock lock(mutex_);
    if (keys_.empty()) return {};
    const std::size_t last = keys_.size() - 1;
    MEND_CHECK(graph_->add(keys_[last], std::span(values_).subspan(last * dimension_, dimension_)));
    places_.erase(keys_[last]);
    keys_.pop_back();
    values_.resize(last * dimension_);
  }
}

Result<std::string> VectorIndex::graph_bytes() const {
  std::shared_lock lock(mutex_);
  if (!graph_) return fail(ErrorKind::not_found, "there is no graph");
  return graph_->bytes();
}

Result<void> VectorIndex::load_graph(std::string_view bytes) {
  MEND_TRY(auto graph, VectorGraph::from_bytes(bytes, dimension_));
  std::unique_lock lock(mutex_);
  if (graph_) return fail(ErrorKind::conflict, "there is a graph already");
  graph_ = std::move(graph);
  // What both have is kept once.
  std::vector<VectorKey> keys;
  std::vector<std::uint16_t> values;
  places_.clear();
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (graph_->contains(keys_[i])) continue;
    places_[keys_[i]] = keys.size();
    keys.push_back(keys_[i]);
    values.insert(values.end(), values_.begin() + std::ptrdiff_t(i * dimension_), values_.begin() + std::ptrdiff_t((i + 1) * dimension_));
  }
  keys_ = std::move(keys);
  values_ = std::move(values);
  return {};
}

void VectorIndex::for_each(const std::function<void(VectorKey, std::span<const std::uint16_t>)>& visit) const {
  std::shared_lock lock(mutex_);
  for (std::size_t i = 0; i < keys_.size(); ++i) visit(keys_[i], std::span(values_).subspan(i * dimension_, dimension_));
  if (graph_) graph_->for_each(visit);
}

}  // namespace mend
