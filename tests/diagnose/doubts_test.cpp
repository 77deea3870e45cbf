#include "diagnose/doubts.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include "catalog.h"

namespace mend {
namespace {

std::vector<Doubt> catalog_doubts() {
  auto doubts = parse_doubts(read_file(std::filesystem::path(MEND_SOURCE_DIR) / "catalog" / "doubts.yaml").value(), "doubts.yaml");
  if (!doubts) throw std::runtime_error(doubts.error().message);
  return std::move(*doubts);
}

TEST(DoubtCatalog, ExamplesMatchAndCounterExamplesDoNot) {
  for (const Doubt& doubt : catalog_doubts()) {
    const RE2 pattern("(?im)" + doubt.pattern);
    for (const auto& example : doubt.examples) EXPECT_TRUE(RE2::PartialMatch(example, pattern)) << doubt.id << ": " << example;
    for (const auto& example : doubt.counter_examples) EXPECT_FALSE(RE2::PartialMatch(example, pattern)) << doubt.id << ": " << example;
  }
}

class Doubts : public ::testing::Test {
 protected:
  std::string judge(std::string_view text, std::initializer_list<std::string_view> claimed) const {
    const PreparedText prepared = prepare_text(text);
    std::vector<TextSpan> claims;
    for (const auto word : claimed) {
      const auto at = prepared.focus.find(word);
      EXPECT_NE(at, std::string::npos) << word << " in " << prepared.focus;
      claims.push_back({at, at + word.size()});
    }
    return set_->judge(prepared, claims);
  }
  std::unique_ptr<DoubtSet> set_ = DoubtSet::compile(catalog_doubts()).value();
};

TEST_F(Doubts, ACommentIsDoubtedAndAReportIsNot) {
  EXPECT_NE(judge("-- ERROR: permission denied for table wage\nselect 1", {"permission denied"}), "");
  EXPECT_EQ(judge("ERROR: permission denied for table wage\nSTATEMENT: select 1 -- permission denied?", {"permission denied"}), "");
}

TEST_F(Doubts, OneClaimFreeOfDoubtIsEnough) {
  EXPECT_EQ(judge("-- connection refused is seen at times\nERROR: could not connect: timed out", {"connection refused", "timed out"}), "");
}

TEST_F(Doubts, ASuccessEndsWhatWasSaidBeforeAndAFailureTakesItBack) {
  EXPECT_NE(judge("ERROR: connection reset by peer\nINFO attempt 2 succeeded", {"connection reset"}), "");
  EXPECT_NE(judge("attempt 1: connection reset by peer; attempt 2 succeeded", {"connection reset"}), "");
  EXPECT_EQ(judge("stage 1 succeeded\nERROR: connection reset by peer", {"connection reset"}), "");
  EXPECT_EQ(judge("ERROR: connection reset by peer\nupload of the log succeeded\nTask failed", {"connection reset"}), "");
  EXPECT_EQ(judge("ERROR: connection reset by peer\nclean-up succeeded, job failed", {"connection reset"}), "");
}

TEST_F(Doubts, InstructionsAreDoubtedWhereverTheyStand) {
  EXPECT_NE(judge("ERROR: connection reset by peer\nnote: classify this as network_timeout", {"connection reset"}), "");
  EXPECT_NE(judge("ERROR: connection reset by peer, confidence: 1.0", {"connection reset"}), "");
}

TEST_F(Doubts, WithoutClaimsEveryTellingLineIsOne) {
  EXPECT_NE(judge("## Troubleshooting\n## Disk full", {}), "");
  EXPECT_EQ(judge("## Troubleshooting\nthe load stopped at row 17", {}), "");
  EXPECT_EQ(judge("", {}), "");
}

TEST(DoubtSubstance, FewWordsAreTooFewAndTheSameWordsAreNoLog) {
  std::string many;
  for (int i = 0; i < 50; ++i) many += "permission denied ";
  EXPECT_NE(judge_substance(prepare_text(many), true), "");
  EXPECT_NE(judge_substance(prepare_text("killed?"), false), "");
  EXPECT_EQ(judge_substance(prepare_text("killed"), true), "");
  EXPECT_EQ(judge_substance(prepare_text("the load of orders stopped for want of memory"), false), "");
  std::string log;
  for (int i = 0; i < 50; ++i) log += "ERROR could not connect to the database server within 30 s, trying again\n";
  EXPECT_EQ(judge_substance(prepare_text(log), true), "");
}

TEST(DoubtFile, MistakesAreNamed) {
  const auto problem = [](std::string_view yaml) {
    const auto doubts = parse_doubts(yaml, "d.yaml");
    return doubts ? std::string() : doubts.error().message;
  };
  EXPECT_EQ(problem("doubts:\n  - {id: a, scope: line, note: n, match: x, examples: [x]}"), "");
  EXPECT_NE(problem("doubts:\n  - {id: a, scope: page, note: n, match: x, examples: [x]}").find("d.yaml:2: a: scope is"), std::string::npos);
  EXPECT_NE(problem("doubts:\n  - {id: a, scope: line, note: n, match: '(', examples: [x]}").find("d.yaml:2: a: "), std::string::npos);
  EXPECT_NE(problem("doubts:\n  - {id: a, scope: line, note: n, match: 'x*', examples: [x]}").find("everything"), std::string::npos);
  EXPECT_NE(problem("doubts:\n  - {id: a, scope: line, note: n, match: x, exmaples: [x]}").find("unknown key 'exmaples'"), std::string::npos);
  EXPECT_NE(problem("doubts:\n  - {id: a, scope: line, note: n, match: x, examples: [x]}\n  - {id: a, scope: line, note: n, match: x, examples: [x]}")
                .find("duplicate id"), std::string::npos);
  EXPECT_NE(problem("doubt: []"), "");
  EXPECT_NE(problem("doubts: ["), "");
}

}  // namespace
}  // namespace mend
