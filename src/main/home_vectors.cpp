#include "main/home_vectors.h"

#include <fmt/format.h>

#include <limits>

#include "embed/encoder.h"
#include "knowledge/vector_file.h"

namespace mend {
namespace {

class HomeVectors final : public VectorSource {
 public:
  HomeVectors(const AppContext& app, Store* store) : app_(app), store_(store) {}

  Result<const Embedder*> open() override {
    MEND_TRY(encoder_, Encoder::open(encoder_file(app_)));
    return encoder_.get();
  }

  std::vector<KeptVector> kept(std::string_view model, std::size_t dimension) override {
    std::vector<KeptVector> out;
    if (auto shipped = read_vectors(vectors_file(app_))) {
      if (shipped->model == model && shipped->dimension == dimension) out = std::move(shipped->vectors);
    } else if (shipped.error().kind != ErrorKind::not_found) {
      app_.log->warning("{}; they are made again", shipped.error().message);
    }
    if (!store_) return out;
    auto own = store_->vectors(model);
    if (!own)
      app_.log->warning("the vectors in the store cannot be read: {}", own.error().message);
    else
      for (const StoredVector& one : *own)
        if (auto vector = vector_from_bytes(one.bytes, dimension)) out.push_back({one.key, std::move(*vector)});
    return out;
  }

  std::optional<std::string> graph(std::string_view model) override {
    if (!store_) return std::nullopt;
    auto bytes = store_->vector_graph(model);
    return bytes ? std::move(*bytes) : std::nullopt;
  }

  void keep(std::string_view model, std::span<const KeptVector> vectors) override {
    if (!store_) return;
    const auto kept = store_->write([&](StoreTransaction& tx) -> Result<void> {
      for (const KeptVector& one : vectors) MEND_CHECK(tx.put_vector(model, {one.key, vector_bytes(one.vector)}));
      return {};
    });
    if (!kept) app_.log->warning("vectors could not be kept: {}", kept.error().message);
  }

 private:
  const AppContext& app_;
  Store* store_;
  std::unique_ptr<Encoder> encoder_;
};

}  // namespace

std::filesystem::path encoder_file(const AppContext& app) { return app.data / "minilm.bin"; }
std::filesystem::path vectors_file(const AppContext& app) { return app.data / "vectors.bin"; }

std::unique_ptr<VectorSource> make_home_vectors(const AppContext& app, Store* store) { return std::make_unique<HomeVectors>(app, store); }

std::vector<std::string> vector_problems(const AppContext& app) {
  const auto encoder = Encoder::open(encoder_file(app));
  if (!encoder) return {fmt::format("similar cases and runbooks are found by their words alone: {}", encoder.error().message)};
  const auto vectors = read_vectors(vectors_file(app));
  if (!vectors)
    return {fmt::format("the vectors of the shipped cases and runbooks are made when they are needed: {}", vectors.error().message)};
  if (vectors->model != (*encoder)->model())
    return {"the vectors of the shipped cases and runbooks are of another model and made when they are needed"};
  return {};
}

Result<std::size_t> index_knowledge(SemanticIndex& semantic, Store& store, const SemanticIndex::Progress& progress) {
  MEND_CHECK(semantic.fill(std::numeric_limits<std::size_t>::max(), progress));
  VectorIndex& cases = *semantic.index(Shelf::cases);
  std::string graph;
  if (cases.size() >= kWorthAGraph) {
    MEND_CHECK(cases.build_graph());
    MEND_TRY(graph, cases.graph_bytes());
  }
  MEND_CHECK(store.write([&](StoreTransaction& tx) -> Result<void> {
    MEND_CHECK(tx.remove_vectors_but(semantic.model()));
    return graph.empty() ? Result<void>() : tx.put_vector_graph(semantic.model(), graph);
  }));
  return cases.size() + semantic.index(Shelf::passages)->size();
}

}  // namespace mend
