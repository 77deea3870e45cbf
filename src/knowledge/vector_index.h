// Vectors that are searched by cosine: all of them one by one while they are few, through a graph once that was built.
#pragma once

#include <memory>
#include <shared_mutex>
#include <unordered_map>

#include "knowledge/vector_graph.h"

namespace mend {

// Thread-safe: adding, removing and searching may go on at the same time. An added vector is found from the next search on, a
// removed one no more.
class VectorIndex {
 public:
  explicit VectorIndex(std::size_t dimension) : dimension_(dimension) {}

  std::size_t dimension() const { return dimension_; }
  std::size_t size() const;
  bool contains(VectorKey key) const;
  // A key that is there stays as it is. internal: not of the dimension's length; exhausted: no memory.
  Result<void> add(VectorKey key, std::span<const std::uint16_t> vector);
  bool remove(VectorKey key);  // false: not there

  // Best first. `accept` must not call this object.
  std::vector<VectorHit> search(std::span<const std::uint16_t> query, std::size_t most, const AcceptKey& accept = {}) const;

  bool has_graph() const;
  // Links every vector into a graph; takes about a millisecond each, during which searches wait for one vector at most.
  Result<void> build_graph();
  // Of the graph; not_found without one.
  Result<std::string> graph_bytes() const;
  // Takes a saved graph over, with its vectors; what was added here stays. corrupt: nothing is changed.
  Result<void> load_graph(std::string_view bytes);
  // Every vector once, in no order. `visit` must not call this object.
  void for_each(const std::function<void(VectorKey, std::span<const std::uint16_t>)>& visit) const;

 private:
  std::vector<VectorHit> scan(std::span<const std::uint16_t> query, std::size_t most, const AcceptKey& accept) const;

  const std::size_t dimension_;
  mutable std::shared_mutex mutex_;
  // Without a graph: vectors one behind the other.
  std::vector<std::uint16_t> values_;
  std::vector<VectorKey> keys_;
  std::unordered_map<VectorKey, std::size_t> places_;
  std::unique_ptr<VectorGraph> graph_;
};

}  // namespace mend
