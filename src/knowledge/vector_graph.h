// A graph over vectors in which a search finds near neighbours without looking at all (HNSW, Malkov and Yashunin 2018; hnswlib).
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "knowledge/packed_vector.h"

namespace mend {

struct VectorHit {
  VectorKey key = 0;
  double cosine = 0;
};
// Whether a search may give this key; empty: any.
using AcceptKey = std::function<bool(VectorKey)>;

// Not thread-safe while add or remove runs; any number of threads may search.
class VectorGraph {
 public:
  explicit VectorGraph(std::size_t dimension);
  ~VectorGraph();
  VectorGraph(const VectorGraph&) = delete;
  VectorGraph& operator=(const VectorGraph&) = delete;

  std::size_t size() const;  // without removed ones
  bool contains(VectorKey key) const;
  // `vector` has the dimension's length. A key that is there stays as it is. exhausted: no memory.
  Result<void> add(VectorKey key, std::span<const std::uint16_t> vector);
  // Removed ones are passed through by a search and never given; their place is not used again. False: not there.
  bool remove(VectorKey key);
  void for_each(const std::function<void(VectorKey, std::span<const std::uint16_t>)>& visit) const;

  // Best first, nearly always the nearest. With `accept` it looks at ever more candidates until `most` are found, at last at all.
  std::vector<VectorHit> search(std::span<const std::uint16_t> query, std::size_t most, const AcceptKey& accept = {}) const;
  std::vector<VectorHit> exact(std::span<const std::uint16_t> query, std::size_t most, const AcceptKey& accept = {}) const;

  // Everything as bytes with a checksum, and back; corrupt when they are not what bytes() gave.
  Result<std::string> bytes() const;
  static Result<std::unique_ptr<VectorGraph>> from_bytes(std::string_view bytes, std::size_t dimension);

 private:
  struct Space;
  struct Graph;
  std::size_t dimension_;
  std::unique_ptr<Graph> graph_;
};

// The `most` best of these, best first; of equals the smaller key.
std::vector<VectorHit> best_first(std::vector<VectorHit> hits, std::size_t most);

}  // namespace mend
