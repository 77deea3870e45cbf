// Fact rules: the catalog's examples, the order of choice, bounds, and bad input.
#include "diagnose/fact_rules.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/file.h"
#include "diagnose/fact_names.h"
#include "support/property.h"

namespace mend {
namespace {

const std::string kHead = "facts:\n";

std::unique_ptr<FactRules> compiled(const std::string& yaml) {
  auto rules = parse_fact_rules(yaml, "f.yaml");
  if (!rules) throw std::runtime_error(rules.error().message);
  auto made = FactRules::compile(std::move(*rules));
  if (!made) throw std::runtime_error(made.error().message);
  return std::move(*made);
}

std::unique_ptr<FactRules> catalog_rules() { return compiled(read_file(MEND_SOURCE_DIR "/catalog/facts.yaml").value()); }

using Found = std::vector<std::pair<std::string, std::string>>;
Found found(const FactRules& rules, std::string_view text, std::vector<Fact> known = {}) {
  Found out;
  for (const Fact& fact : rules.find(prepare_text(text), known)) out.emplace_back(fact.name, fact.value);
  return out;
}

// "a «b» c" -> "a b c" and {"b"}.
std::string unmarked(std::string_view marked, std::vector<std::string>& values) {
  std::string out;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < marked.size();) {
    if (marked.substr(i).starts_with("«")) {
      begin = out.size();
      i += 2;
    } else if (marked.substr(i).starts_with("»")) {
      values.push_back(out.substr(begin));
      i += 2;
    } else {
      out += marked[i++];
    }
  }
  return out;
}

TEST(FactCatalog, EveryExampleGivesWhatIsMarkedAndNoCounterExampleAnything) {
  const auto rules = catalog_rules();
  for (std::size_t i = 0; i < rules->rules().size(); ++i) {
    const FactRule& rule = rules->rules()[i];
    for (const std::string& example : rule.examples) {
      std::vector<std::string> expected, values;
      const PreparedText text = prepare_text(unmarked(example, expected));
      for (const Fact& fact : rules->find_by(i, text)) {
        values.push_back(fact.value);
        EXPECT_EQ(std::string_view(text.clean).substr(fact.offset, fact.value.size()), fact.value);
      }
      std::ranges::sort(expected);
      std::ranges::sort(values);
      EXPECT_EQ(values, expected) << "facts.yaml:" << rule.line << ": " << example;
      EXPECT_FALSE(rules->find(text, {}).empty()) << "facts.yaml:" << rule.line << ": the scan misses " << example;
    }
    for (const std::string& counter : rule.counter_examples)
      EXPECT_TRUE(rules->find_by(i, prepare_text(counter)).empty()) << "facts.yaml:" << rule.line << ": " << counter;
  }
}

TEST(FactRules, TheFirstRuleWinsThenTheRootLineThenThePlace) {
  const auto rules = compiled(kHead +
                              "  - {match: 'exactly host=(?P<host>\\w+)', examples: ['exactly host=«a1»']}\n"
                              "  - {match: 'host=(?P<host>\\w+)', examples: ['host=«a1»']}\n");
  EXPECT_EQ(found(*rules, "host=first\nexactly host=second"), (Found{{"host", "second"}}));
  EXPECT_EQ(found(*rules, "host=plain\nValueError: host=root"), (Found{{"host", "root"}}));
  EXPECT_EQ(found(*rules, "host=one host=two"), (Found{{"host", "one"}}));
}

TEST(FactRules, WhatIsKnownIsNotLookedFor) {
  const auto rules = compiled(kHead + "  - {match: 'host=(?P<host>\\w+)(?: port=(?P<port>\\d+))?', examples: ['host=«a1»']}\n");
  EXPECT_EQ(found(*rules, "host=one port=80", {{"host", "signature", 0}}), (Found{{"port", "80"}}));
}

TEST(FactRules, FramesAreReadOnlyByRulesThatSaySo) {
  const std::string text = "ValueError: x\n  File \"a.py\", line 1, in f\n    connect(host=\"db1\")\nend";
  EXPECT_EQ(found(*compiled(kHead + "  - {match: 'host=\"(?P<host>\\w+)', examples: ['host=\"«a1»']}\n"), text), Found{});
  EXPECT_EQ(found(*compiled(kHead + "  - {match: 'host=\"(?P<host>\\w+)', frames: true, examples: ['host=\"«a1»']}\n"), text),
            (Found{{"host", "db1"}}));
}

TEST(FactRules, WordsNearAndRefusedValuesAreConditions) {
  const auto rules = compiled(kHead + "  - {match: 'size=(?P<limit>\\d+)', near: [Quota], not: '0+', examples: ['quota size=«1»']}\n");
  EXPECT_EQ(found(*rules, "size=12"), Found{});
  EXPECT_EQ(found(*rules, "size=00 size=12 of the QUOTA"), (Found{{"limit", "12"}}));
}

TEST(FactRules, PartsArePutIn) {
  const auto rules =
      compiled("parts: {n: '[a-z]+|x', q: '[\"]?'}\nfacts:\n  - {match: 'table {{q}}(?P<table>{{n}}){{q}}$', examples: ['table «a»']}\n");
  EXPECT_EQ(found(*rules, "table \"orders\""), (Found{{"table", "orders"}}));
}

TEST(FactRules, OfLongTextsTheEndsAndRootLinesAreRead) {
  const auto rules = compiled(kHead + "  - {match: 'host=(?P<host>\\w+)', examples: ['host=«a1»']}\n");
  std::string filler;
  while (filler.size() < 10'000) filler += "one more line of a log that says nothing\n";
  EXPECT_EQ(found(*rules, "host=head\n" + filler + filler), (Found{{"host", "head"}}));
  EXPECT_EQ(found(*rules, filler + filler + "host=tail"), (Found{{"host", "tail"}}));
  EXPECT_EQ(found(*rules, filler + "ValueError: host=middle\n" + filler), (Found{{"host", "middle"}}));
  EXPECT_EQ(found(*rules, filler + "host=unread\n" + filler + "KeyError: x"), Found{});
}

TEST(FactRules, APlaceholderIsAValueAsAWholeOrNotAtAll) {
  const auto rules = compiled(kHead + "  - {match: 'user=(?P<principal>\\S+)', examples: ['user=«a1»']}\n");
  EXPECT_EQ(found(*rules, "user=[redacted:email] x"), (Found{{"principal", "[redacted:email]"}}));
  EXPECT_EQ(found(*rules, "user=jo[redacted:email] x"), Found{});
  EXPECT_EQ(found(*rules, "user=[redacted:email]@host x"), Found{});
}

TEST(FactRules, SerialisedAndLoadedTheyFindTheSame) {
  const auto rules = catalog_rules();
  auto parsed = fact_rules_from_json(fact_rules_to_json(rules->rules()));
  ASSERT_TRUE(parsed) << parsed.error().message;
  const auto loaded = FactRules::load(std::move(*parsed), rules->serialise().value());
  ASSERT_TRUE(loaded) << loaded.error().message;
  for (const FactRule& rule : rules->rules())
    for (const std::string& example : rule.examples) EXPECT_EQ(found(**loaded, example), found(*rules, example));
  EXPECT_EQ(FactRules::load({}, "damaged").error().kind, ErrorKind::corrupt);
  EXPECT_EQ(fact_rules_from_json("[{}]").error().kind, ErrorKind::corrupt);
  EXPECT_FALSE(fact_rules_from_json("{"));
}

TEST(FactRules, NamesFileLineAndWhatIsWrong) {
  const auto with = [](const std::string& entry) { return kHead + "  - {" + entry + "}\n"; };
  const std::pair<std::string, const char*> table[] = {
      {with("match: '(?P<column>x', examples: [x]"), "f.yaml:2: missing )"},
      {with("match: '', examples: [x]"), "f.yaml:2: the pattern matches the empty text"},
      {with("match: '(?P<column>x)?', examples: [x]"), "f.yaml:2: the pattern matches the empty text"},
      {with("match: 'x', examples: [x]"), "f.yaml:2: the pattern captures nothing"},
      {with("match: '(?P<mood>x)', examples: [x]"), "f.yaml:2: 'mood' is no fact"},
      {with("match: '(?P<column>x)'"), "f.yaml:2: an example is missing"},
      {with("match: '(?P<column>x)', near: [a], near: [b], examples: [x]"), "f.yaml:2: duplicate key 'near'"},
      {with("match: '(?P<column>x)', colour: red, examples: [x]"), "f.yaml:2: unknown key 'colour'"},
      {with("match: '(?P<column>{{none}})', examples: [x]"), "f.yaml:2: there is no part 'none'"},
      {with("match: '(?P<column>x)', not: '(', examples: [x]"), "f.yaml:2: missing )"},
      {"facts: 3\n", "f.yaml:1: a list 'facts' is expected"},
      {"facts: [", "f.yaml:"},
      {"facts: \"\xff\"\n", "f.yaml: not valid UTF-8"}};
  for (const auto& [yaml, message] : table) {
    const auto rules = parse_fact_rules(yaml, "f.yaml");
    ASSERT_FALSE(rules) << yaml;
    EXPECT_EQ(rules.error().kind, ErrorKind::invalid_input);
    EXPECT_TRUE(rules.error().message.starts_with(message)) << rules.error().message << " instead of " << message;
  }
}

RC_GTEST_PROP(FactRulesProperty, AnyBytesMayBeRead, ()) {
  static const auto rules = catalog_rules();
  const PreparedText text = prepare_text(*any::bytes() + "user=etl table \"a.b\" /in/x.csv line 3 " + *any::bytes());
  for (const Fact& fact : rules->find(text, {})) {
    RC_ASSERT(is_fact_name(fact.name) && is_fact_value(fact.name, fact.value));
    RC_ASSERT(text.clean.substr(fact.offset, fact.value.size()) == fact.value);
  }
}

TEST(FactNames, GroupsOfOnePatternMayShareAFact) {
  EXPECT_EQ(fact_name_of_group("column"), "column");
  EXPECT_EQ(fact_name_of_group("column_2"), "column");
  EXPECT_EQ(fact_name_of_group("http_status"), "http_status");
  EXPECT_EQ(fact_name_of_group("retry_after_12"), "retry_after");
  EXPECT_EQ(fact_name_of_group("x_"), "x_");
}

TEST(FactNames, ValuesAreTrimmedOfWhatIsTheSentences) {
  EXPECT_EQ(trimmed_fact("table", "'orders',"), "orders");
  EXPECT_EQ(trimmed_fact("table", "\"a\".\"b\""), "\"a\".\"b\"");
  EXPECT_EQ(trimmed_fact("file", "/in/a.csv)."), "/in/a.csv");
  EXPECT_EQ(trimmed_fact("permission", "SELECT(card)"), "SELECT(card)");
  EXPECT_EQ(trimmed_fact("value", " "), "");
}

TEST(FactNames, ValuesHaveTheFormOfTheirKind) {
  const std::tuple<const char*, const char*, bool> table[] = {
      {"port", "5432", true},       {"port", "0", false},         {"port", "65536", false},
      {"port", "x", false},         {"http_status", "403", true}, {"http_status", "99", false},
      {"exit_code", "-9", true},    {"exit_code", "abc", false},  {"sqlstate", "42P01", true},
      {"sqlstate", "ABCDE", false}, {"sqlstate", "4250", false},  {"host", "db.example.org", true},
      {"host", "10.0.0.1", true},   {"host", "loader.py", false}, {"host", "com.example.Foo", false},
      {"host", "12.5", false},      {"limit", "12 GB", true},     {"limit", "many", false},
      {"table", "the", false},      {"table", "orders", true},    {"line", "12", true},
      {"line", "twelve", false},    {"file", "/", false},         {"column", "", false}};
  for (const auto& [name, value, fits] : table) EXPECT_EQ(is_fact_value(name, value), fits) << name << " " << value;
}

}  // namespace
}  // namespace mend
