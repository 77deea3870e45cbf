#include "remediate/registry.h"

#include <gtest/gtest.h>

#include "base/file.h"

namespace mend {
namespace {

const std::string kEscalate = "  - {name: escalate_to_human, title: t, prior_success: 1, risk: low, capabilities: []}\n";

std::string registry_with(const std::string& entry) { return "strategies:\n" + kEscalate + entry; }

TEST(Registry, TheCatalogIsReadAndSaysWhatTheProductPromises) {
  const auto text = read_file(MEND_SOURCE_DIR "/catalog/strategies.yaml");
  ASSERT_TRUE(text);
  const auto registry = StrategyRegistry::parse(*text, "strategies.yaml");
  ASSERT_TRUE(registry) << registry.error().message;
  const std::pair<const char*, double> table[] = {{"restart_with_elevated_permissions", .90}, {"retry_with_exponential_backoff", .85},
                                                  {"scale_compute_resources", .80},           {"update_schema_and_retry", .75},
                                                  {"refresh_credentials_and_retry", .85},     {"request_quota_increase", .70},
                                                  {"run_deduplication_script", .70},          {"update_configuration_and_retry", .65},
                                                  {"run_data_validation_and_cleanup", .60},   {"escalate_to_human", 1.0}};
  EXPECT_EQ(registry->all().size(), std::size(table));
  for (const auto& [name, prior] : table) {
    const Strategy* strategy = registry->find(name);
    ASSERT_TRUE(strategy) << name;
    EXPECT_DOUBLE_EQ(strategy->prior_success, prior) << name;
    EXPECT_FALSE(strategy->title.empty());
    // Every repair ends with the re-run that verifies it.
    if (std::string_view(name) == "escalate_to_human")
      EXPECT_TRUE(strategy->capabilities.empty());
    else
      EXPECT_EQ(strategy->capabilities.back(), Capability::retry) << name;
  }
  EXPECT_EQ(registry->find("restart_with_elevated_permissions")->risk, Risk::high);
  EXPECT_EQ(registry->find("retry_with_exponential_backoff")->parameters.at("max_retries"), "3");
  EXPECT_EQ(registry->find("rm -rf"), nullptr);
  for (const ErrorType type : kErrorTypes) EXPECT_FALSE(registry->candidates(type, "", {}).empty()) << to_string(type);
}

TEST(Registry, WhatIsWrongIsNamedWithFileAndLine) {
  const std::pair<std::string, const char*> table[] = {
      {registry_with("  - {name: a, title: t, prior_success: 0.5, risk: low, capabilities: [retry], colour: red}\n"),
       "s.yaml:3: unknown key 'colour'"},
      {registry_with("  - name: a\n    title: t\n    prior_success: 0.5\n    risk: none\n    capabilities: []\n"),
       "s.yaml:6: risk is low, medium or high"},
      {registry_with("  - {name: a, title: t, prior_success: 0.5, risk: low, capabilities: [explode]}\n"),
       "s.yaml:3: no capability 'explode'"},
      {registry_with("  - {name: a, title: t, prior_success: 0.5, risk: low, capabilities: [], error_types: [boredom]}\n"),
       "s.yaml:3: no error type 'boredom'"},
      {registry_with(kEscalate), "s.yaml:3: strategy 'escalate_to_human' stands here twice"},
      {registry_with("  - {name: a, title: t, prior_success: much, risk: low, capabilities: []}\n"), "s.yaml:3: bad conversion"},
      {registry_with("  - {name: a, title: t, prior_success: .nan, risk: low, capabilities: []}\n"),
       "s.yaml:3: prior_success lies between"},
      {registry_with("  - {name: a, title: t, prior_success: 1.5, risk: low, capabilities: []}\n"), "s.yaml:3: prior_success lies between"},
      {registry_with("  - {name: a, title: t, risk: low, capabilities: []}\n"), "s.yaml:3: key 'prior_success' is missing"},
      {registry_with("  - {title: t, prior_success: 1, risk: low, capabilities: []}\n"), "s.yaml:3: key 'name' is missing"},
      {registry_with("  - {name: a, title: t, prior_success: 1, risk: low}\n"), "s.yaml:3: key 'capabilities' is missing"},
      {"strategies:\n  - {name: a, title: [\n", "s.yaml:"},
      {"strategies: []\n", "s.yaml: escalate_to_human is missing"},
      {"", "s.yaml: escalate_to_human is missing"},
      {"just words", "s.yaml:"},
  };
  for (const auto& [yaml, message] : table) {
    const auto registry = StrategyRegistry::parse(yaml, "s.yaml");
    ASSERT_FALSE(registry) << yaml;
    EXPECT_EQ(registry.error().kind, ErrorKind::invalid_input);
    EXPECT_TRUE(registry.error().message.starts_with(message)) << registry.error().message << " instead of " << message;
  }
}

class Candidates : public ::testing::Test {
 protected:
  Candidates() {
    std::string entries;
    for (const auto& [name, prior] : {std::pair{"good", "0.8"}, {"better", "0.9"}, {"poor", "0.3"}})
      entries += std::string("  - {name: ") + name + ", title: t, prior_success: " + prior +
                 ", risk: low, capabilities: [retry], error_types: [network_timeout]}\n";
    entries += "  - {name: elsewhere, title: t, prior_success: 0.99, risk: low, capabilities: [retry], error_types: [data_corruption]}\n";
    registry_ = StrategyRegistry::parse(registry_with(entries), "s.yaml").value();
  }
  std::string order(std::string_view recommended, const std::vector<StrategyStatistics>& learned) const {
    std::string out;
    for (const Strategy* strategy : registry_.candidates(ErrorType::network_timeout, recommended, learned)) out += strategy->name + " ";
    return out;
  }
  StrategyRegistry registry_;
};

TEST_F(Candidates, TheRecommendedOneComesFirstThenTheLikeliest) {
  EXPECT_EQ(order("", {}), "better good poor ");
  EXPECT_EQ(order("poor", {}), "poor better good ");
  EXPECT_EQ(order("elsewhere", {}), "better good poor ") << "one that cannot repair the type is none";
  EXPECT_EQ(order("no such", {}), "better good poor ");
}

TEST_F(Candidates, WhatWasLearnedHereCounts) {
  // 0.9 as ten trials and ten failures: 9 of 20.
  EXPECT_EQ(order("", {{"better", ErrorType::network_timeout, 10, 0}}), "good better poor ");
  EXPECT_EQ(order("", {{"poor", ErrorType::network_timeout, 200, 200}}), "poor better good ");
  EXPECT_EQ(order("", {{"better", ErrorType::data_corruption, 100, 0}}), "better good poor ") << "learned on another type";
}

TEST_F(Candidates, ExpectedSuccessIsTheMeanOfABetaWithThePriorAsTenTrials) {
  const Strategy& good = *registry_.find("good");
  EXPECT_DOUBLE_EQ(expected_success(good, ErrorType::network_timeout, {}), 0.8);
  EXPECT_DOUBLE_EQ(expected_success(good, ErrorType::network_timeout, {{"good", ErrorType::network_timeout, 10, 4}}), 12.0 / 20);
  EXPECT_DOUBLE_EQ(expected_success(good, ErrorType::network_timeout, {{"better", ErrorType::network_timeout, 10, 4}}), 0.8);
}

}  // namespace
}  // namespace mend
