// Words and meaning together: fusion, weights, what is kept, and what happens when there are no vectors.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/text.h"
#include "knowledge/library.h"
#include "knowledge/rank_fusion.h"
#include "knowledge/vectors.h"
#include "support/property.h"

namespace mend {
namespace {

TEST(RankFusion, IsTheSumOfReciprocalRanks) {
  // By hand, k = 60: item 5 stands at 1 and 3, item 8 at 2 and 1, item 9 at 3 only, item 4 at 2 only.
  const std::vector<std::vector<std::size_t>> rankings = {{5, 8, 9}, {8, 4, 5}};
  const auto fused = fuse_ranks(rankings);
  ASSERT_EQ(fused.size(), 4U);
  EXPECT_EQ(fused[0].item, 8U);
  EXPECT_DOUBLE_EQ(fused[0].score, 1.0 / 62 + 1.0 / 61);
  EXPECT_EQ(fused[0].ranks, (std::vector<std::size_t>{2, 1}));
  EXPECT_EQ(fused[1].item, 5U);
  EXPECT_DOUBLE_EQ(fused[1].score, 1.0 / 61 + 1.0 / 63);
  EXPECT_EQ(fused[2].item, 4U);
  EXPECT_DOUBLE_EQ(fused[2].score, 1.0 / 62);
  EXPECT_EQ(fused[2].ranks, (std::vector<std::size_t>{0, 2}));
  EXPECT_EQ(fused[3].item, 9U);
  EXPECT_DOUBLE_EQ(fused[3].score, 1.0 / 63);
  EXPECT_EQ(reciprocal_rank(0), 0);
}

TEST(RankFusion, EqualsAreInTheOrderOfTheirNumbersAndRepeatsCountOnce) {
  const std::vector<std::vector<std::size_t>> rankings = {{2, 2}, {1}};
  const auto fused = fuse_ranks(rankings);
  ASSERT_EQ(fused.size(), 2U);
  EXPECT_EQ(fused[0].item, 1U);
  EXPECT_DOUBLE_EQ(fused[1].score, 1.0 / 61);
  EXPECT_TRUE(fuse_ranks({}).empty());
}

std::map<std::string, std::size_t> groups() {
  return {{"permission", 1}, {"forbidden", 1}, {"timeout", 2}, {"unreachable", 2}, {"disk", 3}, {"space", 3}, {"column", 4}, {"schema", 4}};
}

Case make(const std::string& id, const std::string& text, const std::string& platform = "") {
  Case past;
  past.id = CaseId(id);
  past.error_message = text;
  past.platform = platform;
  past.success = true;
  return past;
}

KnowledgeQuery asks(std::string_view text) {
  KnowledgeQuery query;
  query.normalised = text;
  return query;
}

class Hybrid : public ::testing::Test {
 protected:
  std::unique_ptr<KnowledgeLibrary> library(const Embedder* with) {
    auto out = std::make_unique<KnowledgeLibrary>([](std::string_view text) { return lower_ascii(text); },
                                                  std::make_unique<FakeSource>(with, &kept));
    out->add_case(make("grant", "permission denied for orders", "postgresql"));
    out->add_case(make("network", "timeout of the warehouse"));
    out->add_case(make("full", "no space left"));
    out->add_passage({"rights", "Rights", "Repair", "permission: grant it", {"permission_denied"}, {}, {"postgresql"}});
    out->add_passage({"disk", "Disk", "Repair", "disk full: remove files", {"resource_exhaustion"}, {}, {}});
    return out;
  }
  GroupEmbedder embedder{groups()};
  KeptVectors kept;
};

TEST_F(Hybrid, FindsByMeaningWhatSharesNoWord) {
  const auto l = library(&embedder);
  EXPECT_EQ(embedder.calls, 0) << "nothing is embedded before it is needed";
  EXPECT_TRUE(l->similar_cases("http 403 forbidden", "", 3).empty());
  const auto answer = l->find_cases(asks("http 403 forbidden"), 3);
  EXPECT_EQ(answer.degraded, "");
  ASSERT_FALSE(answer.found.empty());
  EXPECT_EQ(answer.found[0].past.id, CaseId("grant"));
  EXPECT_EQ(answer.found[0].ranks.vector_rank, 1U);
  EXPECT_EQ(answer.found[0].ranks.lexical_rank, 0U);
  EXPECT_GT(answer.found[0].similarity, 0.9);
  const auto passages = l->find_passages(asks("forbidden"), 1);
  ASSERT_EQ(passages.found.size(), 1U);
  EXPECT_EQ(passages.found[0].passage.runbook, "rights");
}

TEST_F(Hybrid, BothRanksAreToldAndCount) {
  const auto answer = library(&embedder)->find_cases(asks("permission denied"), 3);
  ASSERT_FALSE(answer.found.empty());
  EXPECT_EQ(answer.found[0].past.id, CaseId("grant"));
  EXPECT_EQ(answer.found[0].ranks.lexical_rank, 1U);
  EXPECT_EQ(answer.found[0].ranks.vector_rank, 1U);
}

TEST_F(Hybrid, WithoutAnEncoderItIsByWordsAndSaysWhy) {
  for (const bool source : {true, false}) {
    KnowledgeLibrary l([](std::string_view text) { return std::string(text); },
                       source ? std::make_unique<FakeSource>(nullptr, nullptr) : nullptr);
    l.add_case(make("grant", "permission denied"));
    const auto answer = l.find_cases(asks("permission"), 3);
    ASSERT_EQ(answer.found.size(), 1U);
    EXPECT_EQ(answer.found[0].ranks.vector_rank, 0U);
    EXPECT_TRUE(answer.degraded.starts_with("degraded: found by words alone (")) << answer.degraded;
    EXPECT_TRUE(l.find_cases(asks("forbidden"), 3).found.empty());
    EXPECT_FALSE(l.find_passages(asks("forbidden"), 3).degraded.empty());
  }
}

TEST_F(Hybrid, TheSamePlatformJobSuccessAndNewerCasesComeFirst) {
  const WallTime now{std::chrono::hours{24 * 4000}};
  const auto best = [&](auto change, KnowledgeQuery query) {
    KnowledgeLibrary l([](std::string_view text) { return std::string(text); }, std::make_unique<FakeSource>(&embedder, nullptr));
    Case plain = make("plain", "relation missing"), special = make("special", "relation missing");
    plain.recorded_at = special.recorded_at = now;
    change(plain, special);
    l.add_case(special);
    l.add_case(plain);  // the newer one, which wins when all else is equal
    query.normalised = "relation missing";
    query.now = now;
    return l.find_cases(query, 1).found.at(0).past.id.str();
  };
  KnowledgeQuery query;
  EXPECT_EQ(best([](Case&, Case&) {}, query), "plain");
  query.platform = "spark";
  EXPECT_EQ(best([](Case&, Case& special) { special.platform = "spark"; }, query), "special");
  query = {};
  query.job = "nightly";
  EXPECT_EQ(best([](Case&, Case& special) { special.job = JobId("nightly"); }, query), "special");
  EXPECT_EQ(best([](Case& plain, Case&) { plain.success = false; }, {}), "special");
  EXPECT_EQ(best([&](Case& plain, Case&) { plain.recorded_at = now - std::chrono::hours{24 * 1000}; }, {}), "special");
}

TEST_F(Hybrid, FiltersLeaveOthersOut) {
  const auto l = library(&embedder);
  KnowledgeQuery query = asks("permission timeout space");
  query.only_platform = "postgresql";
  auto found = l->find_cases(query, 5).found;
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].past.id, CaseId("grant"));
  query = asks("permission disk");
  query.only_type = ErrorType::resource_exhaustion;
  EXPECT_TRUE(l->find_cases(query, 5).found.empty());
  const auto passages = l->find_passages(query, 5).found;
  ASSERT_EQ(passages.size(), 1U);
  EXPECT_EQ(passages[0].passage.runbook, "disk");
}

TEST_F(Hybrid, RemovedAndReplacedOnesAreGone) {
  const auto l = library(&embedder);
  ASSERT_FALSE(l->find_cases(asks("forbidden"), 1).found.empty());
  EXPECT_TRUE(l->remove_case(CaseId("grant")));
  EXPECT_FALSE(l->remove_case(CaseId("grant")));
  for (const auto& one : l->find_cases(asks("permission forbidden"), 5).found) EXPECT_NE(one.past.id, CaseId("grant"));
  EXPECT_TRUE(l->similar_cases("permission", "", 5).empty());
  l->add_case(make("network", "column dropped"));
  for (const auto& one : l->find_cases(asks("timeout"), 5).found) EXPECT_LT(one.ranks.cosine, 0.5) << one.past.id.str();
  EXPECT_TRUE(l->remove_runbook("rights"));
  EXPECT_FALSE(l->remove_runbook("rights"));
  for (const auto& one : l->find_passages(asks("permission"), 5).found) EXPECT_NE(one.passage.runbook, "rights");
  // Two cases of one text share a vector: it stays until both are gone.
  l->add_case(make("a", "disk full"));
  l->add_case(make("b", "disk full"));
  EXPECT_EQ(l->find_cases(asks("disk"), 5).found.at(0).past.id, CaseId("b"));
  l->remove_case(CaseId("b"));
  EXPECT_EQ(l->find_cases(asks("disk"), 5).found.at(0).ranks.vector_rank, 1U);
  EXPECT_EQ(l->find_cases(asks("disk"), 5).found.at(0).past.id, CaseId("a"));
}

TEST_F(Hybrid, WhatWasEmbeddedIsKeptAndNotMadeAgain) {
  (void)library(&embedder)->find_cases(asks("forbidden"), 1);
  const int first = embedder.calls;
  EXPECT_EQ(first, 5 + 1);
  (void)library(&embedder)->find_cases(asks("forbidden"), 1);
  EXPECT_EQ(embedder.calls, first + 1) << "the query alone";
}

TEST_F(Hybrid, VectorsOfAnotherModelAreStaleAndMadeAgain) {
  (void)library(&embedder)->find_cases(asks("forbidden"), 1);
  GroupEmbedder newer(groups(), "groups-2");
  const auto l = library(&newer);
  EXPECT_EQ(l->find_cases(asks("forbidden"), 1).found.at(0).past.id, CaseId("grant"));
  EXPECT_EQ(newer.calls, 5 + 1);
  EXPECT_EQ(kept.by_model["groups-2"].size(), 5U);
}

TEST_F(Hybrid, KeptVectorsOfAnotherLengthAreMadeAgain) {
  (void)library(&embedder)->find_cases(asks("forbidden"), 1);
  for (auto& [key, vector] : kept.by_model["groups-1"]) vector.resize(3);
  EXPECT_EQ(library(&embedder)->find_cases(asks("forbidden"), 1).found.at(0).past.id, CaseId("grant"));
}

TEST_F(Hybrid, ASavedGraphIsTakenOverWithoutWhatIsGoneSince) {
  {
    const auto l = library(&embedder);
    l->add_case(make("gone", "schema changed"));
    ASSERT_TRUE(l->semantic()->fill(100));
    VectorIndex* const cases = l->semantic()->index(Shelf::cases);
    ASSERT_TRUE(cases->build_graph());
    kept.graphs["groups-1"] = cases->graph_bytes().value();
  }
  const auto l = library(&embedder);
  l->add_case(make("new", "unreachable host"));
  const auto found = l->find_cases(asks("schema"), 5).found;
  EXPECT_TRUE(l->semantic()->index(Shelf::cases)->has_graph());
  EXPECT_EQ(l->semantic()->index(Shelf::cases)->size(), 4U);
  for (const auto& one : found) EXPECT_NE(one.past.id, CaseId("gone"));
  EXPECT_EQ(l->find_cases(asks("host"), 1).found.at(0).past.id, CaseId("new"));

  kept.graphs["groups-1"] = "MENDHNS1 damaged";
  const auto again = library(&embedder);
  EXPECT_EQ(again->find_cases(asks("forbidden"), 1).found.at(0).past.id, CaseId("grant"));
  EXPECT_FALSE(again->semantic()->index(Shelf::cases)->has_graph());
}

TEST_F(Hybrid, ATextThatCannotBeEmbeddedIsStillFoundByItsWords) {
  const auto l = library(&embedder);
  l->add_case(make("odd", "unspeakable error"));
  const auto answer = l->find_cases(asks("error"), 1);
  ASSERT_FALSE(answer.found.empty());
  EXPECT_EQ(answer.found[0].past.id, CaseId("odd"));
  const auto query = l->find_cases(asks("unspeakable"), 1);
  EXPECT_EQ(query.found.at(0).past.id, CaseId("odd"));
  EXPECT_NE(query.degraded.find("no number"), std::string::npos);
}

TEST_F(Hybrid, ManyNewTextsAreEmbeddedAFewAtATime) {
  const auto l = library(&embedder);
  for (int i = 0; i < 200; ++i) l->add_case(make("c" + std::to_string(i), "column " + std::to_string(i)));
  EXPECT_NE(l->find_cases(asks("column"), 1).degraded.find("knowledge index"), std::string::npos);
  EXPECT_LT(embedder.calls, 100);
  EXPECT_EQ(l->semantic()->fill(10'000).value(), 0U);
  EXPECT_EQ(l->find_cases(asks("column"), 1).degraded, "");
}

TEST_F(Hybrid, SearchingAddingAndRemovingGoOnAtTheSameTime) {
  const auto l = library(&embedder);
  ASSERT_TRUE(l->semantic()->fill(100));  // later ones may wait for their turn
  std::atomic<bool> wrong = false;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 2; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 100; ++i) {
          const std::string id = std::to_string(t) + "-" + std::to_string(i);
          l->add_case(make(id, "disk trouble " + id));
          if (i % 2 == 0 && !l->remove_case(CaseId(id))) wrong = true;
        }
      });
    for (int t = 0; t < 2; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 60; ++i) {
          const auto answer = l->find_cases(asks("forbidden"), 1);
          if (answer.found.empty() || answer.found[0].past.id != CaseId("grant")) wrong = true;
          (void)l->find_passages(asks("disk"), 2);
        }
      });
  }
  EXPECT_FALSE(wrong);
  (void)l->find_cases(asks("disk"), 1);
  ASSERT_TRUE(l->semantic()->fill(1000));
  EXPECT_EQ(l->semantic()->index(Shelf::cases)->size(), 3U + 100U);
}

}  // namespace
}  // namespace mend
