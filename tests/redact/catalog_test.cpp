// Every example and counter-example of catalog/secrets.yaml, one test a pattern; a failure names the line.
#include "catalog.h"

#include <fmt/format.h>

#include <set>
#include <vector>

namespace mend {
namespace {

using redact_test::catalog_redactor;
using redact_test::catalog_text;
using redact_test::redact;

std::vector<SecretPattern> patterns() {
  auto file = parse_secret_patterns(catalog_text(), "secrets.yaml");
  return file ? std::move(file->patterns) : std::vector<SecretPattern>();
}

class SecretCatalog : public testing::TestWithParam<SecretPattern> {};

TEST_P(SecretCatalog, ExamplesBecomeWhatIsWanted) {
  for (const auto& example : GetParam().examples) {
    EXPECT_EQ(redact(example.text), example.want) << "line " << example.line;
    EXPECT_EQ(redact(example.want), example.want) << "a second time, line " << example.line;
    EXPECT_EQ(redact("2026-01-01 12:00:00 ERROR " + example.text + "\ntask failed"),
              "2026-01-01 12:00:00 ERROR " + example.want + "\ntask failed")
        << "inside a log, line " << example.line;
  }
}

TEST_P(SecretCatalog, CounterExamplesStay) {
  for (const auto& example : GetParam().counter_examples) EXPECT_EQ(redact(example.text), example.text) << "line " << example.line;
}

INSTANTIATE_TEST_SUITE_P(All, SecretCatalog, testing::ValuesIn(patterns()),
                         [](const auto& tested) { return fmt::format("{}_line{}", tested.param.kind, tested.param.line); });

TEST(SecretCatalogFile, LoadsAndHoldsManyKinds) {
  ASSERT_NE(catalog_redactor(), nullptr);
  std::set<std::string> kinds;
  for (const auto& pattern : patterns()) kinds.insert(pattern.kind);
  EXPECT_GE(kinds.size(), 60U);
  for (const auto* kind : {"aws_access_key", "password", "jwt", "email", "card_number", "private_key", "bearer_token", "iban"})
    EXPECT_TRUE(kinds.contains(kind)) << kind;
}

}  // namespace
}  // namespace mend
