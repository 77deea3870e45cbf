// Vectors for tests: random ones, and an embedder that knows meanings by heart.
#pragma once

#include <atomic>
#include <cmath>
#include <map>
#include <mutex>
#include <random>

#include "knowledge/packed_vector.h"
#include "knowledge/semantic_index.h"

namespace mend {

inline std::vector<float> unit(std::vector<float> values) {
  double length = 0;
  for (const float value : values) length += double(value) * double(value);
  for (float& value : values) value = float(double(value) / std::sqrt(std::max(length, 1e-12)));
  return values;
}

// Points around a number of centres, as embeddings of texts lie.
class RandomVectors {
 public:
  RandomVectors(std::size_t dimension, std::size_t centres, unsigned seed) : random_(seed) {
    for (std::size_t i = 0; i < centres; ++i) centres_.push_back(noise(dimension));
  }
  PackedVector next() {
    const auto& centre = centres_[random_() % centres_.size()];
    auto values = noise(centre.size());
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = centre[i] + 0.8F * values[i];
    return pack(unit(std::move(values)));
  }

 private:
  std::vector<float> noise(std::size_t dimension) {
    std::normal_distribution<float> normal;
    std::vector<float> out(dimension);
    for (float& value : out) value = normal(random_);
    return unit(std::move(out));
  }
  std::mt19937 random_;
  std::vector<std::vector<float>> centres_;
};

// Every word group is a direction of its own; texts share meaning by sharing groups, whatever their words are.
class GroupEmbedder final : public Embedder {
 public:
  explicit GroupEmbedder(std::map<std::string, std::size_t> groups, std::string model = "groups-1")
      : groups_(std::move(groups)), model_(std::move(model)) {}
  std::size_t dimension() const override { return 16; }
  std::string_view model() const override { return model_; }
  Result<Embedding> embed(std::string_view text) const override {
    ++calls;
    if (text.find("unspeakable") != std::string_view::npos) return fail(ErrorKind::internal, "no number");
    Embedding out(dimension(), 0.01F);
    for (const auto& [word, group] : groups_)
      if (text.find(word) != std::string_view::npos) out[group] += 1;
    return unit(std::move(out));
  }
  mutable std::atomic<int> calls = 0;

 private:
  std::map<std::string, std::size_t> groups_;
  std::string model_;
};

// What a store keeps, in memory, shared by the sources of several "processes".
struct KeptVectors {
  std::mutex mutex;
  std::map<std::string, std::map<VectorKey, PackedVector>> by_model;
  std::map<std::string, std::string> graphs;
};

class FakeSource final : public VectorSource {
 public:
  FakeSource(const Embedder* embedder, KeptVectors* kept) : embedder_(embedder), kept_(kept) {}
  Result<const Embedder*> open() override {
    if (!embedder_) return fail(ErrorKind::not_found, "minilm.bin: no such file");
    return embedder_;
  }
  std::vector<KeptVector> kept(std::string_view model, std::size_t) override {
    std::vector<KeptVector> out;
    if (!kept_) return out;
    std::lock_guard lock(kept_->mutex);
    for (const auto& [key, vector] : kept_->by_model[std::string(model)]) out.push_back({key, vector});
    return out;
  }
  std::optional<std::string> graph(std::string_view model) override {
    if (!kept_ || !kept_->graphs.contains(std::string(model))) return std::nullopt;
    return kept_->graphs[std::string(model)];
  }
  void keep(std::string_view model, std::span<const KeptVector> vectors) override {
    if (!kept_) return;
    std::lock_guard lock(kept_->mutex);
    for (const KeptVector& one : vectors) kept_->by_model[std::string(model)][one.key] = one.vector;
  }

 private:
  const Embedder* embedder_;
  KeptVectors* kept_;
};

}  // namespace mend
