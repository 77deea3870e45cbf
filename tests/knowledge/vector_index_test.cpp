#include "knowledge/vector_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "knowledge/vector_file.h"
#include "knowledge/vectors.h"
#include "support/property.h"

// hnswlib takes the locks of two neighbours in either order; here nothing else holds them then: additions have the index alone.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
extern "C" const char* __tsan_default_suppressions() { return "deadlock:hnswlib\n"; }
#endif
#endif

namespace mend {
namespace {

constexpr std::size_t kDimension = 64;

TEST(PackedVector, TheDotProductIsThatOfTheNumbers) {
  RandomVectors random(384, 3, 1);
  for (int i = 0; i < 50; ++i) {
    const PackedVector a = random.next(), b = random.next();
    const auto x = unpack(a), y = unpack(b);
    for (const std::size_t count : {std::size_t(384), std::size_t(383), std::size_t(17), std::size_t(15), std::size_t(0)}) {
      double expected = 0;
      for (std::size_t k = 0; k < count; ++k) expected += double(x[k]) * double(y[k]);
      EXPECT_NEAR(dot(a.data(), b.data(), count), expected, 1e-5) << count;
    }
    EXPECT_NEAR(dot(a.data(), a.data(), 384), 1, 0.01);
  }
}

TEST(PackedVector, RoundsToTheNearest) {
  EXPECT_EQ(pack(std::vector<float>{1.0F, -2.0F, 0.0F}), (PackedVector{0x3f80, 0xc000, 0}));
  EXPECT_EQ(pack(std::vector<float>{1.0F + 1.0F / 256}), PackedVector{0x3f80}) << "half way goes to the even one";
  EXPECT_EQ(pack(std::vector<float>{1.0F + 1.5F / 128}), PackedVector{0x3f82});
}

double recall(const VectorIndex& index, RandomVectors& random, const std::vector<PackedVector>& all, const AcceptKey& accept = {}) {
  std::size_t found = 0, wanted = 0;
  for (int q = 0; q < 100; ++q) {
    const PackedVector query = random.next();
    std::vector<VectorHit> exact;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (!accept || accept(i)) exact.push_back({i, double(dot(query.data(), all[i].data(), kDimension))});
    exact = best_first(std::move(exact), 10);
    std::set<VectorKey> keys;
    for (const auto& hit : exact) keys.insert(hit.key);
    wanted += keys.size();
    for (const auto& hit : index.search(query, 10, accept)) found += keys.contains(hit.key);
  }
  return double(found) / double(wanted);
}

class Indexed : public ::testing::Test {
 protected:
  Indexed() {
    for (std::size_t i = 0; i < 5000; ++i) {
      all.push_back(random.next());
      EXPECT_TRUE(index.add(i, all.back()));
    }
  }
  RandomVectors random{kDimension, 40, 7};
  std::vector<PackedVector> all;
  VectorIndex index{kDimension};
};

TEST_F(Indexed, WithoutAGraphItIsExact) { EXPECT_EQ(recall(index, random, all), 1.0); }

TEST_F(Indexed, TheGraphFindsNearlyAllThatAnExactSearchDoes) {
  ASSERT_TRUE(index.build_graph());
  EXPECT_TRUE(index.has_graph());
  EXPECT_EQ(index.size(), all.size());
  EXPECT_GE(recall(index, random, all), 0.98);
}

TEST_F(Indexed, FiltersLoseNothing) {
  ASSERT_TRUE(index.build_graph());
  EXPECT_GE(recall(index, random, all, [](VectorKey key) { return key % 3 == 0; }), 0.98);
  EXPECT_EQ(recall(index, random, all, [](VectorKey key) { return key % 500 == 0; }), 1.0) << "few are left: all are looked at";
  EXPECT_TRUE(index.search(all[0], 5, [](VectorKey) { return false; }).empty());
}

TEST_F(Indexed, ARemovedOneIsNotFoundAndComesBackWhenItIsAdded) {
  for (const bool graph : {false, true}) {
    if (graph) ASSERT_TRUE(index.build_graph());
    for (std::size_t i = 0; i < all.size(); i += 2) EXPECT_TRUE(index.remove(i));
    EXPECT_FALSE(index.remove(0));
    EXPECT_EQ(index.size(), all.size() / 2);
    for (std::size_t i = 0; i < 200; i += 2) {
      EXPECT_FALSE(index.contains(i));
      for (const auto& hit : index.search(all[i], 10)) EXPECT_EQ(hit.key % 2, 1U);
    }
    for (std::size_t i = 0; i < all.size(); i += 2) EXPECT_TRUE(index.add(i, all[i]));
    EXPECT_EQ(index.size(), all.size());
    EXPECT_EQ(index.search(all[4], 1)[0].key, 4U);
  }
  EXPECT_GE(recall(index, random, all), 0.98);
}

TEST_F(Indexed, SavedLoadedAndGoneOnWith) {
  EXPECT_EQ(index.graph_bytes().error().kind, ErrorKind::not_found);
  ASSERT_TRUE(index.build_graph());
  index.remove(17);
  const auto bytes = index.graph_bytes();
  ASSERT_TRUE(bytes);
  VectorIndex other(kDimension);
  ASSERT_TRUE(other.add(3, all[3]));  // both have it
  const PackedVector extra = random.next();
  ASSERT_TRUE(other.add(99'999, extra));
  ASSERT_TRUE(other.load_graph(*bytes));
  EXPECT_EQ(other.size(), all.size() - 1 + 1);
  EXPECT_FALSE(other.contains(17));
  EXPECT_EQ(other.search(extra, 1)[0].key, 99'999U);
  ASSERT_TRUE(other.build_graph()) << "what an interrupted build left is added to what was saved";
  EXPECT_EQ(other.size(), all.size());
  ASSERT_TRUE(other.add(17, all[17]));
  EXPECT_GE(recall(other, random, all), 0.98);
  EXPECT_EQ(other.load_graph(*bytes).error().kind, ErrorKind::conflict);
}

TEST_F(Indexed, DamageIsSeenAndChangesNothing) {
  ASSERT_TRUE(index.build_graph());
  const std::string bytes = index.graph_bytes().value();
  VectorIndex other(kDimension);
  ASSERT_TRUE(other.add(1, all[1]));
  std::vector<std::string> damaged = {"", "MENDHNS1", bytes.substr(0, bytes.size() / 2), bytes + "x", "x" + bytes.substr(1)};
  for (const std::size_t at : {std::size_t(9), std::size_t(100), bytes.size() / 2, bytes.size() - 1}) {
    damaged.push_back(bytes);
    damaged.back()[at] ^= 1;
  }
  for (const std::string& one : damaged) {
    const auto loaded = other.load_graph(one);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().kind, ErrorKind::corrupt);
  }
  VectorIndex wider(kDimension * 2);
  EXPECT_EQ(wider.load_graph(bytes).error().kind, ErrorKind::corrupt);
  EXPECT_EQ(other.size(), 1U);
  EXPECT_FALSE(other.has_graph());
}

TEST(VectorIndex, EmptyAndOddQueries) {
  VectorIndex index(kDimension);
  const PackedVector query(kDimension, 0x3f80);
  EXPECT_TRUE(index.search(query, 5).empty());
  ASSERT_TRUE(index.build_graph());
  EXPECT_TRUE(index.search(query, 5).empty());
  ASSERT_TRUE(index.add(1, query));
  EXPECT_EQ(index.search(query, 5).size(), 1U);
  EXPECT_TRUE(index.search(query, 0).empty());
  EXPECT_TRUE(index.search(PackedVector(3), 5).empty());
  EXPECT_FALSE(index.add(2, PackedVector(3)));
  EXPECT_TRUE(index.remove(1));
  EXPECT_TRUE(index.search(query, 5).empty());
}

TEST(VectorIndex, AddingRemovingAndSearchingGoOnAtTheSameTime) {
  RandomVectors random(kDimension, 10, 3);
  std::vector<PackedVector> vectors;
  for (int i = 0; i < 2000; ++i) vectors.push_back(random.next());
  VectorIndex index(kDimension);
  const PackedVector anchor = random.next();
  ASSERT_TRUE(index.add(1'000'000, anchor));
  std::atomic<bool> wrong = false;
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < 2; ++t)
      threads.emplace_back([&, t] {
        for (std::size_t i = t; i < vectors.size(); i += 2) {
          if (!index.add(i, vectors[i])) wrong = true;
          if (i % 3 == 0 && !index.remove(i)) wrong = true;
        }
      });
    threads.emplace_back([&] {
      if (!index.build_graph()) wrong = true;
    });
    for (int t = 0; t < 2; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 300; ++i) {
          const auto found = index.search(anchor, 3);
          if (found.empty() || found[0].key != 1'000'000) wrong = true;
          (void)index.contains(VectorKey(i));
        }
      });
  }
  EXPECT_FALSE(wrong);
  EXPECT_EQ(index.size(), 1 + vectors.size() - (vectors.size() + 2) / 3);
}

VectorFile small_file() {
  RandomVectors random(24, 2, 5);
  VectorFile file{"model-1", 24, {}};
  for (const VectorKey key : {9U, 3U, 7U}) file.vectors.push_back({key, random.next()});
  file.vectors.push_back({~VectorKey{0}, random.next()});
  return file;
}

TEST(VectorFileTest, ComesBackSortedAndTheSameEveryTime) {
  VectorFile file = small_file();
  const std::string bytes = write_vectors(file);
  const auto back = parse_vectors(bytes);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->model, "model-1");
  EXPECT_EQ(back->dimension, 24U);
  ASSERT_EQ(back->vectors.size(), 4U);
  EXPECT_EQ(back->vectors[0].key, 3U);
  EXPECT_EQ(back->vectors[0].vector, file.vectors[1].vector);
  std::ranges::reverse(file.vectors);
  EXPECT_EQ(write_vectors(file), bytes);
  EXPECT_TRUE(parse_vectors(write_vectors({"", 8, {}}))->vectors.empty());
}

TEST(VectorFileTest, EveryChangedByteIsSeen) {
  const std::string bytes = write_vectors(small_file());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] ^= 4;
    ASSERT_FALSE(parse_vectors(damaged)) << i;
    ASSERT_FALSE(parse_vectors(bytes.substr(0, i))) << i;
  }
}

RC_GTEST_PROP(VectorFileProperty, AnyBytesAreAFileOrAnError, ()) {
  (void)parse_vectors(*any::bytes());
  (void)parse_vectors("MENDVEC1" + *any::bytes());
  (void)VectorGraph::from_bytes("MENDHNS1" + *any::bytes(), 8);
}

}  // namespace
}  // namespace mend
