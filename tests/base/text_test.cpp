#include "base/text.h"

#include <gtest/gtest.h>

#include "support/property.h"

namespace mend {
namespace {

TEST(Text, TrimsAndSplits) {
  EXPECT_EQ(trim(" \t a b \r\n"), "a b");
  EXPECT_EQ(trim(" \v\f "), "");
  EXPECT_EQ(trim(""), "");
  using Lines = std::vector<std::string_view>;
  EXPECT_EQ(split_lines(""), Lines{});
  EXPECT_EQ(split_lines("a"), Lines{"a"});
  EXPECT_EQ(split_lines("a\n"), Lines{"a"});
  EXPECT_EQ(split_lines("\n"), Lines{""});
  EXPECT_EQ(split_lines("a\r\n\r\nb\n\nc"), (Lines{"a", "", "b", "", "c"}));
  EXPECT_EQ(split_lines("a\rb"), Lines{"a\rb"});
}

TEST(Text, CaseIsOfAsciiOnly) {
  EXPECT_EQ(lower_ascii("ABCz-09Ä"), "abcz-09Ä");
  EXPECT_TRUE(starts_with_ignoring_case("ErrOr: x", "error"));
  EXPECT_FALSE(starts_with_ignoring_case("Err", "error"));
  EXPECT_TRUE(starts_with_ignoring_case("", ""));
}

TEST(Text, ValidUtf8ByTheLetterOfRfc3629) {
  const std::pair<const char*, bool> table[] = {{"", true},
                                                {"plain", true},
                                                {"\xc3\xa9", true},
                                                {"\xe2\x82\xac", true},
                                                {"\xf0\x9f\x98\x80", true},
                                                {"\xf4\x8f\xbf\xbf", true},
                                                {"\xed\x9f\xbf", true},
                                                {"\xee\x80\x80", true},
                                                {"\x80", false},
                                                {"\xc3", false},
                                                {"\xc0\x80", false},
                                                {"\xc1\xbf", false},
                                                {"\xe0\x80\x80", false},
                                                {"\xe0\x9f\xbf", false},
                                                {"\xed\xa0\x80", false},  // a surrogate
                                                {"\xf0\x80\x80\x80", false},
                                                {"\xf4\x90\x80\x80", false},
                                                {"\xf5\x80\x80\x80", false},
                                                {"\xff", false},
                                                {"\xe2\x82", false},
                                                {"\xf0\x9f\x98", false},
                                                {"eight by\xffte words", false},
                                                {"12345678\xc3", false}};
  for (const auto& [text, valid] : table) {
    EXPECT_EQ(is_valid_utf8(text), valid) << text;
    EXPECT_TRUE(is_valid_utf8(to_valid_utf8(text)));
    if (valid) EXPECT_EQ(to_valid_utf8(text), text);
  }
  EXPECT_EQ(to_valid_utf8("a\xff"), "a\xEF\xBF\xBD");
  EXPECT_EQ(to_valid_utf8(std::string_view("a\0b", 3)),
            "a\xEF\xBF\xBD"
            "b");
}

RC_GTEST_PROP(TextProperty, MadeValidIsValidAndStaysTheSame, ()) {
  const auto bytes = *any::bytes();
  const std::string once = to_valid_utf8(bytes);
  RC_ASSERT(is_valid_utf8(once));
  RC_ASSERT(to_valid_utf8(once) == once);
  if (is_valid_utf8(bytes) && bytes.find('\0') == std::string::npos) RC_ASSERT(once == bytes);
}

RC_GTEST_PROP(TextProperty, ACutIsTheLongestWholePrefix, ()) {
  const auto text = *any::text();
  const auto most = *rc::gen::inRange<std::size_t>(0, text.size() + 5);
  const std::string_view cut = cut_utf8(text, most);
  RC_ASSERT(cut.size() <= most);
  RC_ASSERT(std::string_view(text).starts_with(cut));
  RC_ASSERT(is_valid_utf8(cut));
  for (std::size_t longer = cut.size() + 1; longer <= std::min(most, text.size()); ++longer)
    RC_ASSERT(!is_valid_utf8(std::string_view(text).substr(0, longer)));
}

RC_GTEST_PROP(TextProperty, ShortenedTextsKeepBothEndsAndTheirBound, ()) {
  std::string text;
  for (int i = *rc::gen::inRange(0, 12); i > 0; --i) text += *any::text();
  const auto most = *rc::gen::inRange<std::size_t>(0, text.size() + 50);
  const std::string shortened = shorten_middle(text, most);
  RC_ASSERT(shortened.size() <= most);
  RC_ASSERT(is_valid_utf8(shortened));
  if (text.size() <= most) RC_ASSERT(shortened == text);
  if (shortened == text || most <= 96) return;
  const auto mark = shortened.find("\n[... ");
  const auto end = shortened.rfind(" bytes left out ...]\n");
  RC_ASSERT(mark != std::string::npos && end != std::string::npos);
  RC_ASSERT(text.starts_with(shortened.substr(0, mark)));
  const std::string tail = shortened.substr(end + std::string_view(" bytes left out ...]\n").size());
  RC_ASSERT(text.ends_with(tail));
  RC_ASSERT(std::stoul(shortened.substr(mark + 6, end - mark - 6)) == text.size() - mark - tail.size());
}

TEST(Text, ShorteningALongTextUsesTheRoomItHas) {
  const std::string text = std::string(5000, 'a') + std::string(5000, 'z');
  const std::string shortened = shorten_middle(text, 1000);
  EXPECT_LE(shortened.size(), 1000U);
  EXPECT_GT(shortened.size(), 950U);
  EXPECT_TRUE(shortened.starts_with("aaaa") && shortened.ends_with("zzzz"));
  EXPECT_EQ(shorten_middle(text, 0), "");
  EXPECT_EQ(shorten_middle(text, 5), "aaaaa");
}

std::size_t slow_distance(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return a.size() + b.size();
  return std::min({slow_distance(a.substr(1), b) + 1, slow_distance(a, b.substr(1)) + 1,
                   slow_distance(a.substr(1), b.substr(1)) + (a[0] == b[0] ? 0U : 1U)});
}

RC_GTEST_PROP(TextProperty, EditDistanceIsADistance, ()) {
  const auto word = [] { return *rc::gen::resize(6, rc::gen::container<std::string>(rc::gen::elementOf(std::string("abc")))); };
  const std::string a = word(), b = word(), c = word();
  RC_ASSERT(edit_distance(a, b) == slow_distance(a, b));
  RC_ASSERT(edit_distance(a, b) == edit_distance(b, a));
  RC_ASSERT((edit_distance(a, b) == 0) == (a == b));
  RC_ASSERT(edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c));
}

TEST(Text, TheNearestWordIsNamedOnlyWhenItIsNear) {
  constexpr std::string_view kWords[] = {"retry", "memory", "schedule", "timeout"};
  EXPECT_EQ(nearest("memroy", kWords), "memory");
  EXPECT_EQ(nearest("schedul", kWords), "schedule");
  EXPECT_EQ(nearest("timeout", kWords), "timeout");
  EXPECT_EQ(nearest("credentials", kWords), "");
  EXPECT_EQ(nearest("", kWords), "");
  EXPECT_EQ(nearest("x", {}), "");
}

TEST(Text, Blake2bGivesTheValuesOfRfc7693) {
  EXPECT_EQ(
      blake2b_hex("abc", 64),
      "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
  EXPECT_EQ(
      blake2b_hex("", 64),
      "786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419d25e1031afee585313896444934eb04b903a685b1448b755d56f701afe9be2ce");
  EXPECT_EQ(blake2b_hex("abc"), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");  // BLAKE2b-256
  EXPECT_EQ(blake2b_hex("abc", 16).size(), 32U);
  EXPECT_NE(blake2b_hex("abc", 16), blake2b_hex("abd", 16));
}

TEST(Text, Hash64IsStableOverVersions) {
  // Hashes stand in model files: another value here means that every model must be trained again.
  EXPECT_EQ(hash64(""), 0U);
  EXPECT_NE(hash64("abc"), hash64("abc", 1));
  EXPECT_NE(hash64("abc"), hash64(std::string_view("abc\0", 4)));
  EXPECT_EQ(hash64("abc"), 0x9cc9c33498a95efbULL);
  EXPECT_EQ(hash64("permission denied for table orders", 21), 0x7a49e89b9adcb9f7ULL);
}

TEST(Text, Hex) {
  const unsigned char bytes[] = {0x00, 0x0f, 0xa5, 0xff};
  EXPECT_EQ(hex(bytes), "000fa5ff");
  EXPECT_EQ(hex({}), "");
}

}  // namespace
}  // namespace mend
