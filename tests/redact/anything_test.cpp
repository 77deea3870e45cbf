// What holds for any text: twice is once, the length stays bounded, the one scan never misses what a pattern matches.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "catalog.h"
#include "redact/pattern_scanner.h"
#include "support/property.h"

namespace mend {
namespace {

using redact_test::catalog_text;
using redact_test::redact;

const std::vector<SecretPattern>& patterns() {
  static const std::vector<SecretPattern> all = [] {
    auto file = parse_secret_patterns(catalog_text(), "secrets.yaml");
    return file ? std::move(file->patterns) : std::vector<SecretPattern>();
  }();
  return all;
}

// Pieces of which nasty texts are made: random bytes alone would hardly ever hold a name and a value.
std::string assemble(const std::vector<std::uint16_t>& choices) {
  constexpr std::array<std::string_view, 56> kPieces = {"password",
                                                        "token",
                                                        "secret",
                                                        "api_key",
                                                        "auth",
                                                        "session",
                                                        "=",
                                                        ":",
                                                        " ",
                                                        "\"",
                                                        "'",
                                                        "\\\"",
                                                        ",",
                                                        ";",
                                                        "&",
                                                        "{",
                                                        "}",
                                                        "[",
                                                        "]",
                                                        "(",
                                                        ")",
                                                        "\n",
                                                        "\\n",
                                                        "[redacted:password]",
                                                        "[redacted:jwt]",
                                                        "[redacted:",
                                                        "redacted:token]",
                                                        "[REDACTED]",
                                                        "***",
                                                        "null",
                                                        "hunter2",
                                                        "a1b2c3d4e5",
                                                        "Bearer ",
                                                        "Basic ",
                                                        "Authorization: ",
                                                        "Cookie: ",
                                                        "://",
                                                        "@",
                                                        "jane@example.com",
                                                        "host:",
                                                        "/",
                                                        "--",
                                                        "-p ",
                                                        "curl -u ",
                                                        "eyJabcdefghijkl.eyJabcdefghijkl.x",
                                                        "4111 1111 1111 1111",
                                                        "+49 170 1234567",
                                                        "DE89 3704 0044 0532 0130 00",
                                                        "078-05-1120",
                                                        "-----BEGIN RSA ",
                                                        "PRIVATE KEY-----",
                                                        "-----END RSA ",
                                                        "\xff\xfe",
                                                        "\xc3\xa9",
                                                        "\0x",
                                                        "AAAAAAAAAAAAAAAAAAAAAAAA"};
  std::string text;
  for (const auto choice : choices) {
    if (choice % 8 == 7 && !patterns().empty()) {  // a piece of an example
      const auto& example = patterns()[choice / 8 % patterns().size()].examples.front().text;
      text += example.substr(choice % 5, 40);
    } else {
      text += kPieces[choice / 8 % kPieces.size()];
    }
  }
  return text;
}

bool bounded(std::string_view in, std::string_view out) { return out.size() <= in.size() * 8 + 64; }

RC_GTEST_PROP(RedactAnything, TwiceIsOnceOnRandomBytes, (const std::string& text)) {
  const std::string once = redact(text);
  RC_ASSERT(redact(once) == once);
  RC_ASSERT(bounded(text, once));
}

RC_GTEST_PROP(RedactAnything, TwiceIsOnceOnAssembledTexts, (const std::vector<std::uint16_t>& choices)) {
  const std::string text = assemble(choices);
  const std::string once = redact(text);
  RC_ASSERT(redact(once) == once);
  RC_ASSERT(bounded(text, once));
}

// A prefilter or an anchor that is narrower than its pattern would leak: whatever RE2 finds, the scan must have offered.
TEST(RedactAnything, ScanOffersWhateverMatches) {
  auto scanner = PatternScanner::compile(patterns());
  ASSERT_TRUE(scanner) << scanner.error().message;
  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingLatin1);
  std::vector<std::unique_ptr<RE2>> compiled;
  for (const auto& pattern : patterns()) compiled.push_back(std::make_unique<RE2>(pattern.match, options));
  SeededRandom random(7);
  std::vector<std::string> texts;
  for (const auto& pattern : patterns())
    for (const auto& example : pattern.examples) texts.push_back(example.text);
  for (int i = 0; i < 400; ++i) {
    std::vector<std::uint16_t> choices(1 + random.next() % 40);
    for (auto& choice : choices) choice = std::uint16_t(random.next());
    texts.push_back(assemble(choices));
  }
  // Where the text lies in memory must not matter either: vector code reads in blocks of up to 64 bytes.
  std::vector<char> memory(1U << 16U);
  const auto aligned = std::size_t(-reinterpret_cast<std::uintptr_t>(memory.data())) % 64;
  for (std::size_t t = 0; t < texts.size(); ++t) {
    const auto& text = texts[t];
    ASSERT_LT(text.size() + 128, memory.size());
    std::vector<unsigned> matching;
    for (unsigned i = 0; i < compiled.size(); ++i) {
      // A shape may refuse what the check would refuse too; only the scanner's own patterns must be offered on a match alone.
      if (patterns()[i].prefilter == SecretPrefilter::scanner && RE2::PartialMatch(text, *compiled[i])) matching.push_back(i);
    }
    for (std::size_t shift = 0; shift < 64; shift += t % 4 == 0 ? 1 : 7) {
      char* const place = memory.data() + aligned + shift;
      std::ranges::copy(text, place);
      const auto offered = (*scanner)->candidates(std::string_view(place, text.size()));
      for (const unsigned i : matching)
        ASSERT_TRUE(std::ranges::binary_search(offered, i))
            << patterns()[i].kind << " line " << patterns()[i].line << " at " << shift << " in " << testing::PrintToString(text);
    }
  }
}

TEST(RedactAnything, InvalidUtf8StaysAroundTheSecret) {
  EXPECT_EQ(redact("\xff\xfe password=hunter2\xff\xc3 \x80"), "\xff\xfe password=[redacted:password] \x80");
  EXPECT_EQ(redact(std::string("\0password=hunter2 \0x", 20)), std::string("\0password=[redacted:password] \0x", 32));
  EXPECT_EQ(redact("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"), "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
  EXPECT_EQ(redact(""), "");
}

TEST(RedactAnything, FakedPlaceholdersHideNothing) {
  EXPECT_EQ(redact("password=[redacted:password]"), "password=[redacted:password]");
  EXPECT_EQ(redact("password=[redacted:password]hunter2"), "password=[redacted:password]");
  EXPECT_EQ(redact("token=[redacted:a1b2c3d4e5f6] x"), "token=[redacted:token] x");
}

}  // namespace
}  // namespace mend
