#include "knowledge/vector_graph.h"

#include <fmt/format.h>
#include <hnswlib/hnswlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/file.h"
#include "base/text.h"

namespace mend {
namespace {

constexpr std::size_t kLinks = 16;         // per node and level; twice as many on the lowest
constexpr std::size_t kBuildWidth = 160;   // candidates looked at when a node is linked
constexpr std::size_t kSearchWidth = 160;  // and in a search: chosen for a recall above .98 at a million
constexpr std::size_t kFirstRoom = 1024;
constexpr std::string_view kMagic = "MENDHNS1";
constexpr std::size_t kChecksum = 64;

// Anonymous memory with a name that hnswlib, which reads and writes files only, can open: nothing reaches the disk.
Result<FileHandle> memory_file() {
  FileHandle file(::memfd_create("mendline-vectors", MFD_CLOEXEC));
  if (!file.valid()) return fail_errno("memory for the vector index", errno);
  return file;
}

std::string name_of(const FileHandle& file) { return fmt::format("/proc/self/fd/{}", file.get()); }

}  // namespace

std::vector<VectorHit> best_first(std::vector<VectorHit> hits, std::size_t most) {
  const auto better = [](const VectorHit& a, const VectorHit& b) { return a.cosine != b.cosine ? a.cosine > b.cosine : a.key < b.key; };
  const std::size_t keep = std::min(most, hits.size());
  std::partial_sort(hits.begin(), hits.begin() + std::ptrdiff_t(keep), hits.end(), better);
  hits.resize(keep);
  return hits;
}

struct VectorGraph::Space final : hnswlib::SpaceInterface<float> {
  explicit Space(std::size_t dimension) : count(dimension) {}
  std::size_t get_data_size() override { return count * sizeof(std::uint16_t); }
  hnswlib::DISTFUNC<float> get_dist_func() override {
    return [](const void* a, const void* b, const void* count) {
      return 1.0F -
             dot(static_cast<const std::uint16_t*>(a), static_cast<const std::uint16_t*>(b), *static_cast<const std::size_t*>(count));
    };
  }
  void* get_dist_func_param() override { return &count; }
  std::size_t count;
};

struct VectorGraph::Graph {
  explicit Graph(std::size_t dimension) : space(dimension), index(&space, kFirstRoom, kLinks, kBuildWidth) { index.setEf(kSearchWidth); }
  Graph(std::size_t dimension, const std::string& file) : space(dimension), index(&space, file) { index.setEf(kSearchWidth); }

  const std::uint16_t* vector(hnswlib::tableint id) const { return reinterpret_cast<const std::uint16_t*>(index.getDataByInternalId(id)); }
  bool live(VectorKey key) const {
    const auto found = index.label_lookup_.find(key);
    return found != index.label_lookup_.end() && !index.isMarkedDeleted(found->second);
  }

  Space space;
  hnswlib::HierarchicalNSW<float> index;
  std::size_t removed = 0;
};

VectorGraph::VectorGraph(std::size_t dimension) : dimension_(dimension), graph_(std::make_unique<Graph>(dimension)) {}
VectorGraph::~VectorGraph() = default;

std::size_t VectorGraph::size() const { return graph_->index.cur_element_count - graph_->removed; }
bool VectorGraph::contains(VectorKey key) const { return graph_->live(key); }

Result<void> VectorGraph::add(VectorKey key, std::span<const std::uint16_t> vector) {
  if (vector.size() != dimension_) return fail(ErrorKind::internal, "a vector of another length");
  if (graph_->live(key)) return {};
  auto& index = graph_->index;
  try {
    if (index.label_lookup_.contains(key)) {  // was removed, and the key says that it is the same text again
      index.unmarkDelete(key);
      --graph_->removed;
      return {};
    }
    if (index.cur_element_count == index.max_elements_) index.resizeIndex(index.max_elements_ + index.max_elements_ / 2);
    index.addPoint(vector.data(), key);
  } catch (const std::exception& problem) {
    return fail(ErrorKind::exhausted, fmt::format("the vector index: {}", problem.what()));
  }
  return {};
}

bool VectorGraph::remove(VectorKey key) {
  if (!graph_->live(key)) return false;
  graph_->index.markDelete(key);
  ++graph_->removed;
  return true;
}

void VectorGraph::for_each(const std::function<void(VectorKey, std::span<const std::uint16_t>)>& visit) const {
  const auto& index = graph_->index;
  for (hnswlib::tableint id = 0; id < index.cur_element_count; ++id)
    if (!index.isMarkedDeleted(id)) visit(index.getExternalLabel(id), {graph_->vector(id), dimension_});
}

std::vector<VectorHit> VectorGraph::search(std::span<const std::uint16_t> query, std::size_t most, const AcceptKey& accept) const {
  if (size() == 0 || most == 0 || query.size() != dimension_) return {};
  for (std::size_t wanted = accept ? std::max(most * 4, kSearchWidth) : most;; wanted *= 4) {
    // Looking at all in order is quicker than walking to a large part of them.
    if (accept && wanted > size() / 4) return exact(query, most, accept);
    auto near = graph_->index.searchKnn(query.data(), wanted);
    std::vector<VectorHit> hits;
    for (; !near.empty(); near.pop()) hits.push_back({near.top().second, 1.0 - double(near.top().first)});
    if (accept) std::erase_if(hits, [&](const VectorHit& hit) { return !accept(hit.key); });
    if (!accept || hits.size() >= most) return best_first(std::move(hits), most);
  }
}

std::vector<VectorHit> VectorGraph::exact(std::span<const std::uint16_t> query, std::size_t most, const AcceptKey& accept) const {
  if (query.size() != dimension_) return {};
  std::vector<VectorHit> hits;
  for_each([&](VectorKey key, std::span<const std::uint16_t> vector) {
    if (!accept || accept(key)) hits.push_back({key, double(dot(query.data(), vector.data(), dimension_))});
  });
  return best_first(std::move(hits), most);
}

Result<std::string> VectorGraph::bytes() const {
  MEND_TRY(const FileHandle file, memory_file());
  try {
    graph_->index.saveIndex(name_of(file));
  } catch (const std::exception& problem) {
    return fail(ErrorKind::exhausted, fmt::format("the vector index: {}", problem.what()));
  }
  const off_t length = ::lseek(file.get(), 0, SEEK_END);
  if (length < 0) return fail_errno("the vector index", errno);
  std::string body(std::size_t(length), '\0');
  for (std::size_t done = 0; done < body.size();) {
    const ssize_t count = ::pread(file.get(), body.data() + done, body.size() - done, off_t(done));
    if (count <= 0) return fail(ErrorKind::exhausted, "the vector index could not be written");
    done += std::size_t(count);
  }
  return std::string(kMagic) + blake2b_hex(body) + body;
}

Result<std::unique_ptr<VectorGraph>> VectorGraph::from_bytes(std::string_view bytes, std::size_t dimension) {
  const auto corrupt = [](std::string_view why) { return fail(ErrorKind::corrupt, fmt::format("the vector index is damaged: {}", why)); };
  if (!bytes.starts_with(kMagic) || bytes.size() < kMagic.size() + kChecksum) return corrupt("its head is not right");
  const std::string_view body = bytes.substr(kMagic.size() + kChecksum);
  // hnswlib follows the links it reads without a check: only what was written by bytes() may reach it.
  if (blake2b_hex(body) != bytes.substr(kMagic.size(), kChecksum)) return corrupt("the checksum is not right");
  MEND_TRY(const FileHandle file, memory_file());
  for (std::size_t done = 0; done < body.size();) {
    const ssize_t count = ::write(file.get(), body.data() + done, body.size() - done);
    if (count < 0) return fail_errno("memory for the vector index", errno);
    done += std::size_t(count);
  }
  std::unique_ptr<VectorGraph> out(new VectorGraph(dimension));
  try {
    auto graph = std::make_unique<Graph>(dimension, name_of(file));
    if (graph->index.label_offset_ - graph->index.offsetData_ != dimension * sizeof(std::uint16_t))
      return corrupt("it has another dimension");
    for (hnswlib::tableint id = 0; id < graph->index.cur_element_count; ++id) graph->removed += graph->index.isMarkedDeleted(id);
    out->graph_ = std::move(graph);
  } catch (const std::exception& problem) {
    return corrupt(problem.what());
  }
  return out;
}

}  // namespace mend
