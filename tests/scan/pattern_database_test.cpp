#include "scan/pattern_database.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace mend {
namespace {

std::vector<unsigned> found(const PatternDatabase& database, std::string_view text) {
  std::vector<unsigned> out;
  EXPECT_TRUE(database.scan(text, out));
  std::ranges::sort(out);
  return out;
}

const std::vector<PatternDatabase::Pattern> kPatterns = {{"refused", 7}, {"^disk full$", 2}};

TEST(PatternDatabase, TellsWhichPatternsMayMatch) {
  const auto database = PatternDatabase::compile(kPatterns, {.ignore_case = true, .lines = true});
  ASSERT_TRUE(database);
  EXPECT_EQ(found(*database, "Connection REFUSED\ndisk full\n"), (std::vector<unsigned>{2, 7}));
  EXPECT_EQ(found(*database, "nothing"), std::vector<unsigned>());
  EXPECT_EQ(found(*database, ""), std::vector<unsigned>());
}

TEST(PatternDatabase, CaseAndLinesAreTheCallersChoice) {
  const auto database = PatternDatabase::compile(kPatterns, {});
  ASSERT_TRUE(database);
  EXPECT_EQ(found(*database, "REFUSED\ndisk full\n"), std::vector<unsigned>());
  EXPECT_EQ(found(*database, "refused"), std::vector<unsigned>{7});
}

TEST(PatternDatabase, NamesThePatternThatIsRefused) {
  const std::vector<PatternDatabase::Pattern> patterns = {{"fine", 0}, {"(", 1}};
  const auto database = PatternDatabase::compile(patterns, {});
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().pattern, 1);
  EXPECT_NE(database.error().why, "");
}

TEST(PatternDatabase, IsTheSameAfterSerialising) {
  const auto database = PatternDatabase::compile(kPatterns, {.ignore_case = true, .lines = true});
  ASSERT_TRUE(database);
  const std::string bytes = database->serialise().value();
  const auto again = PatternDatabase::load(bytes);
  ASSERT_TRUE(again);
  EXPECT_EQ(found(*again, "a\ndisk full"), std::vector<unsigned>{2});
  EXPECT_EQ(PatternDatabase::load("no database").error().kind, ErrorKind::corrupt);
}

TEST(PatternDatabase, ManyThreadsMayScan) {
  const auto database = PatternDatabase::compile(kPatterns, {});
  ASSERT_TRUE(database);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 500; ++k) EXPECT_EQ(found(*database, "refused"), std::vector<unsigned>{7});
    });
}

}  // namespace
}  // namespace mend
