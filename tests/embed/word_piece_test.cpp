#include "embed/word_piece.h"

#include <gtest/gtest.h>

#include "embed/golden.h"

namespace mend {
namespace {

TEST(WordPieces, AreTheReferencesOnRealMessages) {
  const auto encoder = open_encoder("scalar");
  const auto all = goldens("messages.jsonl");
  ASSERT_EQ(all.size(), 200U);
  for (const Golden& golden : all) EXPECT_EQ(encoder->tokens(golden.text), golden.ids) << golden.text;
}

TEST(WordPieces, AreTheReferencesOnTrickyTexts) {
  const auto encoder = open_encoder("scalar");
  for (const Golden& golden : goldens("tricky.jsonl")) EXPECT_EQ(encoder->tokens(golden.text), golden.ids) << golden.text;
}

TEST(WordPieces, AreCutAtTheCap) {
  const Golden golden = goldens("messages.jsonl").front();
  for (const std::size_t most : {2U, 3U, 7U, 48U}) {
    const auto ids = open_encoder("scalar", most)->tokens(golden.text);
    ASSERT_EQ(ids.size(), std::min(most, golden.ids.size()));
    EXPECT_TRUE(std::equal(ids.begin(), ids.end() - 1, golden.ids.begin()));
    EXPECT_EQ(ids.back(), golden.ids.back());
  }
}

TEST(WordPieces, OfATextAreNeverItsMarks) {
  const auto encoder = open_encoder("scalar");
  const auto empty = encoder->tokens("");
  ASSERT_EQ(empty.size(), 2U);
  const auto ids = encoder->tokens("[SEP] [CLS][SEP] sep");
  EXPECT_EQ(std::count(ids.begin(), ids.end(), empty[0]), 1);
  EXPECT_EQ(std::count(ids.begin(), ids.end(), empty[1]), 1);
}

// A vocabulary of a few words, to see the rules alone.
TEST(WordPieces, AreTheLongestThatTheVocabularyKnows) {
  std::string bytes;
  std::vector<std::uint32_t> offsets{0};
  for (const char* word : {"[UNK]", "[CLS]", "[SEP]", "a", "ab", "##b", "##bc", "##c", "\xC3\xB8", "##\xC3\xB8"}) {
    bytes += word;
    offsets.push_back(std::uint32_t(bytes.size()));
  }
  VocabularyView view{bytes, offsets, {}};
  const auto slots = vocabulary_slots(view);
  view.slots = slots;
  const auto words = WordPiece::make(view);
  ASSERT_TRUE(words);
  using Ids = std::vector<std::uint32_t>;
  EXPECT_EQ(words->ids("ABC", 9), (Ids{1, 4, 7, 2}));
  EXPECT_EQ(words->ids("abbcc a", 9), (Ids{1, 4, 6, 7, 3, 2}));
  EXPECT_EQ(words->ids("a\xC3\xB8 \xC3\x98", 9), (Ids{1, 3, 9, 8, 2}));
  EXPECT_EQ(words->ids("abx a", 9), (Ids{1, 0, 3, 2}));
  EXPECT_EQ(words->ids("c", 9), (Ids{1, 0, 2}));
}

TEST(WordPieces, NeedTheirMarksInTheVocabulary) {
  const std::string bytes = "[UNK][CLS]";
  const std::vector<std::uint32_t> offsets{0, 5, 10};
  VocabularyView view{bytes, offsets, {}};
  const auto slots = vocabulary_slots(view);
  view.slots = slots;
  const auto words = WordPiece::make(view);
  ASSERT_FALSE(words);
  EXPECT_EQ(words.error().kind, ErrorKind::corrupt);
  EXPECT_NE(words.error().message.find("[SEP]"), std::string::npos);
}

}  // namespace
}  // namespace mend
