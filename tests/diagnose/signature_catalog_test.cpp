// Every example in catalog/signatures matches its signature through the real engine, every counter-example does not; a test a file.
#include <gtest/gtest.h>

#include <map>

#include "catalog.h"
#include "diagnose/error_type_table.h"
#include "diagnose/prepare.h"

namespace mend {
namespace {

class SignatureFile : public ::testing::TestWithParam<std::filesystem::path> {
 protected:
  static bool matches(const SignatureSet& set, std::size_t index, const std::string& text) {
    // As the diagnoser does it: on the prepared text.
    const auto hits = set.match(prepare_text(text).focus);
    return std::ranges::any_of(hits, [&](const SignatureHit& hit) { return hit.signature == index; });
  }
};

TEST_P(SignatureFile, ExamplesMatchAndCounterExamplesDoNot) {
  const auto set = SignatureSet::compile(signatures_of(GetParam()));
  ASSERT_TRUE(set) << set.error().message;
  const auto& signatures = (*set)->signatures();
  ASSERT_FALSE(signatures.empty());
  for (std::size_t i = 0; i < signatures.size(); ++i) {
    for (const auto& example : signatures[i].examples)
      EXPECT_TRUE(matches(**set, i, example)) << signatures[i].id << " misses: " << example;
    for (const auto& counter : signatures[i].counter_examples)
      EXPECT_FALSE(matches(**set, i, counter)) << signatures[i].id << " matches what it must not: " << counter;
  }
}

TEST_P(SignatureFile, CausesAreThoseOfTheTypesAndIdsAreItsOwn) {
  const auto types = parse_error_type_table(read_file(MEND_SOURCE_DIR "/catalog/error_types.yaml").value(), "error_types.yaml");
  ASSERT_TRUE(types) << types.error().message;
  for (const Signature& s : signatures_of(GetParam())) {
    const auto& causes = (*types)[std::size_t(s.type)].causes;
    EXPECT_NE(std::ranges::find(causes, s.cause), causes.end()) << s.id << ": '" << s.cause << "' is no cause of " << to_string(s.type);
    EXPECT_FALSE(s.platform.empty()) << s.id;
    EXPECT_EQ(std::ranges::find(s.overrides, s.type), s.overrides.end()) << s.id << " overrides its own type";
  }
}

INSTANTIATE_TEST_SUITE_P(Catalog, SignatureFile, ::testing::ValuesIn(catalog_files("signatures", ".yaml")),
                         [](const auto& info) { return info.param.stem().string(); });

TEST(SignatureCatalog, IdsAreUniqueOverAllFiles) {
  std::map<std::string, std::string> seen;
  for (const auto& file : catalog_files("signatures", ".yaml"))
    for (const Signature& s : signatures_of(file)) {
      const auto [at, fresh] = seen.emplace(s.id, file.filename().string());
      EXPECT_TRUE(fresh) << s.id << " stands in " << at->second << " and " << file.filename();
    }
  EXPECT_GT(seen.size(), 1000U);
}

}  // namespace
}  // namespace mend
