#include "connectors/config_edit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/text.h"

namespace mend {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> keys(ConfigFormat format, std::string_view text) {
  const auto entries = parse_config(format, text);
  EXPECT_TRUE(entries.has_value()) << entries.error().message;
  std::vector<std::string> names;
  if (entries)
    for (const ConfigEntry& entry : *entries) names.push_back(entry.key);
  return names;
}
std::string problem(ConfigFormat format, std::string_view text) {
  const auto entries = parse_config(format, text);
  return entries ? "" : entries.error().message;
}
std::string edited(ConfigFormat format, std::string_view now, std::string_view good, std::string_view key) {
  const auto result = set_back_key(format, now, good, key);
  return result ? *result : "error: " + result.error().message;
}

TEST(ConfigFormat, ByName) {
  EXPECT_EQ(config_format_of("a/b.yml"), ConfigFormat::yaml);
  EXPECT_EQ(config_format_of("b.JSON"), ConfigFormat::json);
  EXPECT_EQ(config_format_of("x.conf"), ConfigFormat::ini);
  EXPECT_EQ(config_format_of("work/.env"), ConfigFormat::env);
  EXPECT_EQ(config_format_of(".env.production"), ConfigFormat::env);
  EXPECT_EQ(config_format_of("x.toml"), std::nullopt);
}

TEST(Yaml, KeysHavePaths) {
  EXPECT_THAT(keys(ConfigFormat::yaml, "a: 1\nb:\n  c: x  # note\n  list:\n    - p: 1\n    - q\nempty: {}\n'odd.key': 2\nnothing:\n"),
              ElementsAre("a", "b.c", "b.list[0].p", "b.list[1]", "empty", "odd\\.key", "nothing"));
}
TEST(Yaml, SetsBackOneLineAndKeepsTheRest) {
  const std::string good = "# top\nhost: db\ntimeout: 30 # seconds\n\n# last\nretries: 3\n";
  const std::string now = "# top, edited\nhost: db2\ntimeout: abc # seconds\n\n# last\nretries: 3";
  EXPECT_EQ(edited(ConfigFormat::yaml, now, good, "timeout"), "# top, edited\nhost: db2\ntimeout: 30 # seconds\n\n# last\nretries: 3");
}
TEST(Yaml, SetsBackABlockOfText) {
  const std::string good = "query: |\n  select 1\n\n  from t\n# next\nb: 2\n";
  const std::string now = "query: |\n  selekt 1\n# next\nb: 2\n";
  EXPECT_EQ(edited(ConfigFormat::yaml, now, good, "query"), good);
}
TEST(Yaml, TextAndNumberAreDifferentValues) {
  const auto diff = compare_config(*parse_config(ConfigFormat::yaml, "a: '30'\n"), *parse_config(ConfigFormat::yaml, "a: 30\n"));
  EXPECT_THAT(diff.changed, ElementsAre("a"));
}
TEST(Yaml, RefusesKeysThatShareALine) {
  EXPECT_THAT(edited(ConfigFormat::yaml, "m: {a: 9, b: 9}\n", "m: {a: 1, b: 2}\n", "m.a"), HasSubstr("other keys stand on the same lines"));
}
TEST(Yaml, RefusesASharedAnchor) {
  EXPECT_THAT(edited(ConfigFormat::yaml, "a: &x 9\nb: *x\n", "a: &x 1\nb: *x\n", "a"), HasSubstr("share its value"));
}
TEST(Yaml, NamesTheLineOfAnError) {
  EXPECT_THAT(problem(ConfigFormat::yaml, "a: 1\nb: [1\nc: 2\n"), HasSubstr("line "));
  EXPECT_EQ(problem(ConfigFormat::yaml, "a: 1\nb: 2\na: 3\n"), "line 3: a stands there twice");
  EXPECT_THAT(problem(ConfigFormat::yaml, "a: &x [*x]\n"), HasSubstr("too deep"));
  EXPECT_THAT(problem(ConfigFormat::yaml, "a: 1\n---\nb: 2\n"), HasSubstr("several documents"));
  EXPECT_THAT(problem(ConfigFormat::yaml, "just text"), HasSubstr("one plain text"));
  EXPECT_THAT(problem(ConfigFormat::yaml, "a: \xff\xfe\n"), HasSubstr("UTF-8"));
  EXPECT_THAT(keys(ConfigFormat::yaml, "a:\n  - x\n  -\n"), ElementsAre("a[0]", "a[1]"));
  EXPECT_NE(problem(ConfigFormat::yaml, ",&&][,#\t'#"), "") << "and soon";
  std::string bomb = "a0: &a0 [x]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last + ", " + last + "]\n";
  }
  EXPECT_THAT(problem(ConfigFormat::yaml, bomb), HasSubstr("too large"));
  EXPECT_THAT(problem(ConfigFormat::yaml, std::string(50'000, '[')), HasSubstr("line"));
}

TEST(Json, SetsBackOneValueByteForByte) {
  const std::string now = R"({"a":{"b": "x" , "n":[1,{"k":null}]},"c":tru0})";
  EXPECT_NE(problem(ConfigFormat::json, now), "");
  const std::string broken = R"({"a":{"b": "x\"}" , "n":[1,{"k":5}]},"c":true})",
                    good = R"({ "a": { "n": [2, {"k": null}], "b": "y" }, "c": true })";
  EXPECT_THAT(keys(ConfigFormat::json, broken), ElementsAre("a.b", "a.n[0]", "a.n[1].k", "c"));
  EXPECT_EQ(edited(ConfigFormat::json, broken, good, "a.b"), R"({"a":{"b": "y" , "n":[1,{"k":5}]},"c":true})");
  EXPECT_EQ(edited(ConfigFormat::json, broken, good, "a.n[1].k"), R"({"a":{"b": "x\"}" , "n":[1,{"k":null}]},"c":true})");
}
TEST(Json, RefusesWhatIsNoConfiguration) {
  EXPECT_THAT(problem(ConfigFormat::json, "{\"a\": 1,\n \"a\": 2}"), HasSubstr("line 2: a stands there twice"));
  EXPECT_THAT(problem(ConfigFormat::json, "{\"a\": 1,\n}"), HasSubstr("line 2"));
  EXPECT_NE(problem(ConfigFormat::json, "{\"a\": 1} x"), "");
  EXPECT_NE(problem(ConfigFormat::json, ""), "");
  EXPECT_NE(problem(ConfigFormat::json, "3"), "");
  EXPECT_NE(problem(ConfigFormat::json, std::string(100'000, '[')), "");
}

TEST(Ini, SectionsCommentsAndContinuations) {
  const std::string text = "top = 0\n[db]\n; note\nhost: h\nlong = a\n  b\n\n[log]\nlevel=info";
  EXPECT_THAT(keys(ConfigFormat::ini, text), ElementsAre("top", "db.host", "db.long", "log.level"));
  EXPECT_EQ(edited(ConfigFormat::ini, "[db]\nlong = a\n  c\n  d\n# end\nx = 1\n", "[db]\nlong = a\n  b\nx = 2\n", "db.long"),
            "[db]\nlong = a\n  b\n# end\nx = 1\n");
  EXPECT_EQ(edited(ConfigFormat::ini, "[log]\r\nlevel=loud\r\nx=1\r\n", "[log]\r\nlevel=info\r\nx=1\r\n", "log.level"),
            "[log]\r\nlevel=info\r\nx=1\r\n");
  EXPECT_EQ(problem(ConfigFormat::ini, "[db]\nhost\n"), "line 2: neither a section nor name = value");
  EXPECT_EQ(problem(ConfigFormat::ini, "a=1\n[db\n"), "line 2: a section without its closing bracket or name");
  EXPECT_EQ(problem(ConfigFormat::ini, "[s]\na=1\na=2\n"), "line 3: s.a stands there twice");
}

TEST(Env, QuotesAndExport) {
  const std::string text = "# note\nexport A=1\nB=\"two\nlines\" \nC='x'\n";
  EXPECT_THAT(keys(ConfigFormat::env, text), ElementsAre("A", "B", "C"));
  EXPECT_EQ(edited(ConfigFormat::env, text, "B=\"one\"\n", "B"), "# note\nexport A=1\nB=\"one\"\nC='x'\n");
  EXPECT_EQ(problem(ConfigFormat::env, "A=1\nnot a setting\n"), "line 2: not NAME=value");
  EXPECT_EQ(problem(ConfigFormat::env, "A=1\nB=\"open\nC=2\n"), "line 2: a quote that is not closed");
}

TEST(Diff, CountsAndShowsLines) {
  EXPECT_EQ(changed_lines("a\nb\nc\n", "a\nb\nc\n"), 0U);
  EXPECT_EQ(changed_lines("a\nX\nc\n", "a\nb\nc\n"), 1U);
  EXPECT_EQ(changed_lines("a\nc\n", "a\nb\nc\n"), 1U);
  EXPECT_EQ(changed_lines("X\na\nY\nc\n", "a\nb\nc\n"), 2U);
  EXPECT_EQ(line_diff("a\nX\nc\n", "a\nb\nc\n", 10), "- X\n+ b");
  std::string many;
  for (int i = 0; i < 5000; ++i) many += std::to_string(i) + "\n";
  EXPECT_GT(changed_lines(many, "x\n"), 1000U);
}

TEST(Keys, LastPart) {
  EXPECT_EQ(last_part("a.b.c"), "c");
  EXPECT_EQ(last_part("a.hosts[3]"), "hosts");
  EXPECT_EQ(last_part("odd\\.key"), "odd.key");
}

struct Line {
  std::string key, value;
};

// A document of distinct keys with comments and blank lines between them.
std::string document(ConfigFormat format, const std::vector<Line>& lines, std::string_view comment) {
  std::string text;
  for (const Line& line : lines) {
    if (format == ConfigFormat::json) {
      text += (text.empty() ? "" : ",\n") + std::string("  \"") + line.key + "\": \"" + line.value + "\"";
      continue;
    }
    text += std::string(comment) + line.key + (format == ConfigFormat::yaml ? ": \"" : "=\"") + line.value + "\"\n";
  }
  return format == ConfigFormat::json ? "{\n" + text + "\n}\n" : text;
}

RC_GTEST_PROP(ConfigEditProperty, SettingBackOneKeyLeavesEveryOtherLine, ()) {
  const auto format = *rc::gen::element(ConfigFormat::yaml, ConfigFormat::json, ConfigFormat::ini, ConfigFormat::env);
  const auto count = *rc::gen::inRange<std::size_t>(1, 8);
  const auto text = rc::gen::container<std::string>(rc::gen::element('a', 'Z', '0', '#', ' ', '-', ';', '/'));
  std::vector<Line> good, now;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string key = "key_" + std::to_string(i);
    good.push_back({key, *text});
    now.push_back({key, *text});
  }
  const auto chosen = *rc::gen::inRange<std::size_t>(0, count);
  RC_PRE(trim(good[chosen].value) != trim(now[chosen].value));
  const std::string now_text = document(format, now, "# now\n\n"), good_text = document(format, good, "# good\n");
  const auto result = set_back_key(format, now_text, good_text, good[chosen].key);
  RC_ASSERT(result.has_value());
  std::vector<Line> expected = now;
  expected[chosen] = good[chosen];
  RC_ASSERT(*result == document(format, expected, "# now\n\n"));
}

RC_GTEST_PROP(ConfigEditProperty, AnyTextGivesAnAnswer, ()) {
  const auto format = *rc::gen::element(ConfigFormat::yaml, ConfigFormat::json, ConfigFormat::ini, ConfigFormat::env);
  const auto any = rc::gen::container<std::string>(
      rc::gen::element('a', ':', '=', ' ', '\n', '\r', '"', '\'', '[', ']', '{', '}', '-', '#', '\\', ',', '|', '&', '*', '\t', '\xC3'));
  const std::string now = *any, good = *any;
  const auto entries = parse_config(format, now);
  if (!entries) return;
  for (const ConfigEntry& entry : *entries) {
    RC_ASSERT(entry.begin <= entry.end);
    RC_ASSERT(entry.end <= now.size());
    const auto result = set_back_key(format, now, good, entry.key);
    if (result) RC_ASSERT(compare_config(*parse_config(format, *result), *entries).changed == std::vector<std::string>{entry.key});
    // A key set back to itself would not be a change.
    RC_ASSERT(!set_back_key(format, now, now, entry.key).has_value());
  }
}

}  // namespace
}  // namespace mend
