// What a free text about a repair is read as: the catalog's rules by their own examples, and that no text can do more.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "knowledge/library.h"
#include "registry_of_catalog.h"
#include "support/property.h"

namespace mend {
namespace {

using ::testing::HasSubstr;

using Parameters = std::map<std::string, std::string>;

TEST(ResolutionCatalog, ExamplesAreReadAndCounterExamplesAreNot) {
  const ResolutionRules rules = catalog_resolutions();
  for (const ResolutionRule& rule : rules.rules()) {
    for (const ResolutionExample& example : rule.examples) {
      const auto mapped = rules.map(example.text);
      ASSERT_TRUE(mapped) << rule.id << ": " << example.text;
      EXPECT_EQ(mapped->rule, rule.id) << example.text;
      EXPECT_EQ(mapped->strategy, rule.strategy) << example.text;
      for (const auto& [name, value] : example.parameters) {
        ASSERT_TRUE(mapped->parameters.contains(name)) << rule.id << ": " << name << " in: " << example.text;
        EXPECT_EQ(mapped->parameters.at(name), value) << rule.id << ": " << example.text;
      }
    }
    for (const std::string& counter : rule.counter_examples) {
      const auto mapped = rules.map(counter);
      EXPECT_FALSE(mapped && mapped->rule == rule.id) << rule.id << ": " << counter;
    }
  }
}

TEST(ResolutionCatalog, EveryStrategyHasARule) {
  const ResolutionRules rules = catalog_resolutions();
  for (const Strategy& strategy : catalog_strategies())
    EXPECT_NE(std::ranges::find(rules.rules(), strategy.name, &ResolutionRule::strategy), rules.rules().end()) << strategy.name;
}

// The seed cases were written before the rules and have the strategy recorded beside the text.
TEST(ResolutionCatalog, ReadsTheSeedCasesAsTheyAreRecorded) {
  const ResolutionRules rules = catalog_resolutions();
  const auto cases = parse_cases(read_file(MEND_SOURCE_DIR "/catalog/cases/seed.jsonl").value(), "seed.jsonl").value();
  int read = 0, agree = 0;
  std::string otherwise;
  for (const Case& past : cases) {
    const auto mapped = rules.map(past.resolution);
    if (!mapped || mapped->strategy == "escalate_to_human") continue;  // who took over, not what the repair was
    ++read;
    if (mapped->strategy == past.resolution_strategy)
      ++agree;
    else
      otherwise += past.id.str() + ": " + past.resolution_strategy + ", read as " + mapped->strategy + " by " + mapped->rule + "\n";
  }
  EXPECT_GE(read * 10, int(cases.size()) * 8) << otherwise;
  EXPECT_GE(agree * 10, read * 9) << otherwise;
}

TEST(Resolutions, ReadOnlyWhatWasDone) {
  const ResolutionRules rules = catalog_resolutions();
  EXPECT_FALSE(rules.map(""));
  EXPECT_FALSE(rules.map("All fine."));
  EXPECT_FALSE(rules.map("The memory was not increased from 4g to 8g"));
  EXPECT_EQ(rules.map("It was never retried. Increased executor memory from 4g to 8g; retried.")->strategy, "scale_compute_resources");
  EXPECT_EQ(rules.map("did not grant anything;\nre-ran the load")->strategy, "retry_with_exponential_backoff");
}

TEST(Resolutions, ATextNamesNoStrategyAndSetsNoParameter) {
  const ResolutionRules rules = catalog_resolutions();
  EXPECT_FALSE(rules.map("strategy: drop_all_tables risk: low permission_level: owner"));
  const auto mapped = rules.map("Ignore the registry. permission_level = superuser. Added Owner role to service account [seed-1] \x1b[31m");
  ASSERT_TRUE(mapped);
  EXPECT_EQ(mapped->strategy, "restart_with_elevated_permissions");
  EXPECT_FALSE(mapped->parameters.contains("permission_level"));
  for (const auto& [name, value] : mapped->parameters) {
    EXPECT_EQ(value.find_first_of("[]\x1b"), std::string::npos) << name;
  }
}

TEST(Resolutions, RefuseWrongFiles) {
  const auto strategies = catalog_strategies();
  const auto wrong = [&](std::string_view yaml) {
    const auto rules = ResolutionRules::parse(yaml, "r.yaml", strategies);
    return rules ? std::string("(accepted)") : rules.error().message;
  };
  const std::string rule =
      "rules:\n  - id: a\n    strategy: scale_compute_resources\n    match: 'more (?P<resource>memory)'\n    examples: [more memory]\n";
  EXPECT_EQ(wrong(rule), "(accepted)");
  EXPECT_THAT(wrong("rules: []"), HasSubstr("no rules"));
  EXPECT_THAT(wrong("rules:\n  - id: a\n    strategy: drop_all\n    match: x\n    examples: [x]\n"),
              HasSubstr("r.yaml:3: a: no strategy 'drop_all'"));
  EXPECT_THAT(wrong("rules:\n  - id: a\n    strategy: escalate_to_human\n    match: '(x'\n    examples: [x]\n"), HasSubstr("r.yaml:4:"));
  EXPECT_THAT(wrong("rules:\n  - id: a\n    strategy: escalate_to_human\n    match: 'x*'\n    examples: [x]\n"),
              HasSubstr("matches the empty text"));
  EXPECT_THAT(wrong("rules:\n  - id: a\n    strategy: escalate_to_human\n    match: x\n"), HasSubstr("an example is missing"));
  EXPECT_THAT(wrong("rules:\n  - id: a\n    strategy: escalate_to_human\n    match: x\n    risk: low\n    examples: [x]\n"),
              HasSubstr("unknown key 'risk'"));
  EXPECT_THAT(
      wrong("rules:\n  - id: a\n    strategy: scale_compute_resources\n    match: 'by (?P<scale_factor>\\d+)'\n    examples: [by 9]\n"),
      HasSubstr("'scale_factor' is a parameter of scale_compute_resources, which no text may set"));
  EXPECT_THAT(wrong(rule + rule.substr(7)), HasSubstr("duplicate id 'a'"));
  EXPECT_THAT(wrong("rules: [\xff]"), HasSubstr("UTF-8"));
  EXPECT_THAT(wrong("rules: ["), HasSubstr("r.yaml:"));
  EXPECT_THAT(wrong("- a\n"), HasSubstr("a map is expected"));
}

RC_GTEST_PROP(Resolutions, AnyTextGivesAStrategyOfTheRegistryOrNone, ()) {
  static const ResolutionRules rules = catalog_resolutions();
  static const std::vector<Strategy> strategies = catalog_strategies();
  static const std::vector<std::string> kPieces{
      "Granted ", "role ", " to ", "service account ", "memory from 4g to ", "8g", ". ", "not ", "retried", "\n", "set a.b=",
      "(",        "é",     "\xff"};
  std::string text;
  for (const auto& piece : *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(kPieces))) text += piece;
  const auto mapped = rules.map(text);
  if (!mapped) return;
  const auto strategy = std::ranges::find(strategies, mapped->strategy, &Strategy::name);
  RC_ASSERT(strategy != strategies.end());
  for (const auto& [name, value] : mapped->parameters) {
    RC_ASSERT(!strategy->parameters.contains(name));
    RC_ASSERT(!value.empty() && value.size() <= 80U);
  }
}

}  // namespace
}  // namespace mend
