#include "diagnose/variations.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "catalog.h"
#include "diagnose/prepare.h"

namespace mend {
namespace {

const std::string kText = "first line\nsecond line failed\nthird line: error";

TEST(Variations, TheSameSeedGivesTheSame) {
  SeededRandom a(1), b(1), c(2);
  EXPECT_EQ(make_variations(kText, a), make_variations(kText, b));
  EXPECT_NE(make_variations(kText, a), make_variations(kText, c));
}

TEST(Variations, KeepTheWords) {
  SeededRandom random(3);
  for (int i = 0; i < 20; ++i)
    for (const std::string& varied : make_variations(kText, random))
      EXPECT_NE(varied.find("third line: error"), std::string::npos) << varied;
}

TEST(Variations, EveryLineGetsItsPrefix) {
  SeededRandom random(3);
  const std::string varied = with_log_prefixes(kText, random);
  const auto lines = split_lines(varied);
  ASSERT_EQ(lines.size(), 3U);
  for (const auto line : lines) EXPECT_NE(line.find("20"), std::string_view::npos);
}

TEST(Variations, AShortTextKeepsItsBeginning) {
  SeededRandom random(3);
  EXPECT_EQ(without_beginning("one\ntwo", random), "one\ntwo");
  const std::string cut = without_beginning(kText, random);
  EXPECT_FALSE(cut.starts_with("first"));
  EXPECT_TRUE(cut.ends_with("third line: error"));
}

TEST(Variations, WhatWasEscapedColouredOrGivenOtherLineEndsIsPreparedAsBefore) {
  EXPECT_EQ(prepare_text(with_colours(kText)).clean, kText);
  EXPECT_EQ(prepare_text(with_crlf(kText)).clean, kText + "\n");
  EXPECT_NE(prepare_text(json_escaped(kText)).clean.find(kText), std::string::npos);
}

TEST(Variations, AddedHealthyLinesAndFramesDoNotReachTheFocus) {
  SeededRandom random(3);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(prepare_text(with_healthy_lines("ERROR disk full", random)).focus, "ERROR disk full");
    EXPECT_EQ(prepare_text(with_frames("ERROR disk full", random)).focus, "ERROR disk full");
  }
}

}  // namespace
}  // namespace mend
