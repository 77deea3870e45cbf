#include "diagnose/signatures.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <thread>

#include "catalog.h"
#include "diagnose/features.h"
#include "support/property.h"

namespace mend {
namespace {

std::unique_ptr<SignatureSet> compiled(std::vector<Signature> signatures) {
  auto set = SignatureSet::compile(std::move(signatures));
  if (!set) throw std::runtime_error(set.error().message);
  return std::move(*set);
}

std::vector<Signature> sample() {
  return {signature("denied", R"(permission denied for (?P<kind>table|view) (?P<table>\w+))", ErrorType::permission_denied),
          signature("timeout", R"(timed out after (?P<seconds>\d+) ?s)", ErrorType::network_timeout),
          signature("start", R"(^FATAL: )", ErrorType::configuration_error, Strength::hint)};
}

std::vector<std::string> ids(const SignatureSet& set, std::string_view text) {
  std::vector<std::string> out;
  for (const auto& hit : set.match(text)) out.push_back(set.signatures()[hit.signature].id);
  return out;
}

using Ids = std::vector<std::string>;

TEST(Signatures, MatchWithoutCaseOnAnyLineInTheOrderOfTheSet) {
  const auto set = compiled(sample());
  EXPECT_EQ(ids(*set, "x\nfatal: PERMISSION denied FOR table orders\nand it timed out after 30s"), (Ids{"denied", "timeout", "start"}));
  EXPECT_EQ(ids(*set, "not FATAL: at the beginning"), Ids{});
  EXPECT_EQ(ids(*set, "nothing"), Ids{});
  EXPECT_EQ(ids(*set, ""), Ids{});
}

TEST(Signatures, FactsAreTheNamedGroupsWithTheirPlaces) {
  const auto set = compiled(sample());
  const std::string text = "job: permission denied for view Käufe_2, and permission denied for table other";
  const auto hits = set->match(text);
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(text.substr(hits[0].begin, hits[0].end - hits[0].begin).substr(0, 26), "permission denied for view");
  ASSERT_EQ(hits[0].facts.size(), 2U);
  for (const Fact& fact : hits[0].facts) EXPECT_EQ(text.substr(fact.offset, fact.value.size()), fact.value);
  EXPECT_EQ(hits[0].facts[0].name, "kind");
  EXPECT_EQ(hits[0].facts[0].value, "view");
}

TEST(Signatures, OverlongFactsAreLeftOut) {
  const auto set = compiled({signature("s", R"(name=(?P<name>\w+))", ErrorType::configuration_error)});
  EXPECT_EQ(set->match("name=" + std::string(200, 'x'))[0].facts.size(), 1U);
  EXPECT_TRUE(set->match("name=" + std::string(201, 'x'))[0].facts.empty());
}

TEST(Signatures, OneAloneFindsWhatTheSetFinds) {
  const auto set = compiled(sample());
  SignatureHit hit;
  EXPECT_TRUE(set->match_one(1, "timed out after 5s", hit));
  EXPECT_EQ(hit.facts[0].value, "5");
  EXPECT_FALSE(set->match_one(0, "timed out after 5s", hit));
}

TEST(Signatures, SerialisedAndLoadedTheyFindTheSame) {
  const auto set = compiled(sample());
  const auto bytes = set->serialise();
  ASSERT_TRUE(bytes);
  const auto loaded = SignatureSet::load(sample(), *bytes);
  ASSERT_TRUE(loaded) << loaded.error().message;
  for (const char* const text : {"FATAL: permission denied for table a", "timed out after 9 s", "nothing", ""})
    EXPECT_EQ(ids(**loaded, text), ids(*set, text));
}

TEST(Signatures, DamagedBytesAreRefusedAndNeverCrash) {
  const std::string good = compiled(sample())->serialise().value();
  for (const std::string& bytes :
       {std::string(), std::string("x"), std::string(1000, 'x'), good.substr(0, good.size() / 2), good.substr(0, 20), good.substr(1)}) {
    const auto loaded = SignatureSet::load(sample(), bytes);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().kind, ErrorKind::corrupt);
  }
}

TEST(Signatures, AScannerOfMoreSignaturesThanGivenFindsThoseThatAreThere) {
  const std::string bytes = compiled(sample())->serialise().value();
  auto fewer = sample();
  fewer.resize(1);
  const auto loaded = SignatureSet::load(fewer, bytes);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(ids(**loaded, "FATAL: permission denied for table a, timed out after 9 s"), Ids{"denied"});
}

TEST(Signatures, APatternTheScannerCannotTakeIsNamed) {
  const auto set =
      SignatureSet::compile({signature("fine", "a", ErrorType::network_timeout), signature("broken", "(((", ErrorType::network_timeout)});
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().kind, ErrorKind::invalid_input);
  EXPECT_TRUE(set.error().message.starts_with("signature broken: ")) << set.error().message;
}

TEST(Signatures, ManyThreadsMayMatchAtOnce) {
  const auto set = compiled(sample());
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 200; ++i)
          if (ids(*set, "permission denied for table a timed out after 1s").size() != 2) ++wrong;
      });
  }
  EXPECT_EQ(wrong, 0);
}

RC_GTEST_PROP(SignaturesProperty, AnyBytesMayBeMatched, ()) {
  static const auto set = compiled(sample());
  const std::string text = *any::bytes() + "timed out after 5s" + *any::bytes();
  for (const auto& hit : set->match(text)) {
    RC_ASSERT((hit.begin < hit.end && hit.end <= text.size()));
    for (const auto& fact : hit.facts) RC_ASSERT(text.substr(fact.offset, fact.value.size()) == fact.value);
  }
}

TEST(SignatureYaml, ReadsEveryKey) {
  const auto set = parse_signatures(
      "platform: postgresql\ndocumented: https://example.org/d\nsignatures:\n  - id: a\n    match: 'x (?P<n>\\d+)'\n    type: "
      "network_timeout\n    cause: read_timeout\n"
      "    strength: decisive\n    transient: true\n    overrides: [permission_denied]\n    examples: ['x 1', 'x 2']\n    "
      "counter_examples: ['y']\n"
      "  - {id: b, match: z, type: quota_exceeded, cause: c, strength: hint, documented: own, examples: [z]}\n",
      "p.yaml");
  ASSERT_TRUE(set) << set.error().message;
  ASSERT_EQ(set->size(), 2U);
  const Signature& a = (*set)[0];
  EXPECT_EQ(a.id, "a");
  EXPECT_EQ(a.platform, "postgresql");
  EXPECT_EQ(a.type, ErrorType::network_timeout);
  EXPECT_EQ(a.cause, "read_timeout");
  EXPECT_EQ(a.strength, Strength::decisive);
  EXPECT_TRUE(a.transient);
  EXPECT_EQ(a.overrides, std::vector<ErrorType>{ErrorType::permission_denied});
  EXPECT_EQ(a.examples.size(), 2U);
  EXPECT_EQ(a.counter_examples.size(), 1U);
  EXPECT_EQ(a.documented, "https://example.org/d");
  EXPECT_EQ((*set)[1].documented, "own");
  EXPECT_FALSE((*set)[1].transient);
}

TEST(SignatureYaml, NamesFileLineAndWhatIsWrong) {
  const auto with = [](const std::string& entry) { return "platform: p\nsignatures:\n  - {" + entry + "}\n"; };
  const std::string rest = ", cause: c, strength: hint, examples: [x]";
  const std::pair<std::string, const char*> table[] = {
      {with("match: x, type: network_timeout" + rest), "p.yaml:3: a signature without id"},
      {with("id: a, match: x, type: boredom" + rest), "p.yaml:3: a: unknown type 'boredom'"},
      {with("id: a, match: x" + rest), "p.yaml:3: a: unknown type ''"},
      {with("id: a, match: x, type: network_timeout, cause: c, strength: sure, examples: [x]"),
       "p.yaml:3: a: strength is decisive, strong or hint"},
      {with("id: a, match: x, type: network_timeout, colour: red" + rest), "p.yaml:3: unknown key 'colour'"},
      {with("id: a, id: b, match: x, type: network_timeout" + rest), "p.yaml:3: duplicate key 'id'"},
      {with("id: a, match: x, type: network_timeout, overrides: [boredom]" + rest), "p.yaml:3: a: unknown type 'boredom'"},
      {with("id: a, match: x, type: network_timeout, cause: c, strength: hint"), "p.yaml:3: a: an example is missing"},
      {with("id: a, match: '(', type: network_timeout" + rest), "p.yaml:3: a: missing )"},
      {with("id: a, match: '', type: network_timeout" + rest), "p.yaml:3: a: the pattern matches the empty text"},
      {with("id: a, match: 'x*', type: network_timeout" + rest), "p.yaml:3: a: the pattern matches the empty text"},
      {with("id: a, match: x, type: network_timeout, transient: maybe" + rest), "p.yaml:3: bad conversion"},
      {with("id: a, match: x, type: network_timeout" + rest) + "  - {id: a, match: x, type: network_timeout" + rest + "}\n",
       "p.yaml:4: duplicate id 'a'"},
      {"platform: p\nsignatures: [", "p.yaml:"},
      {"platform: \"\xff\"\n", "p.yaml: not valid UTF-8"},
      {"signatures: []\n", "p.yaml:"}};
  for (const auto& [yaml, message] : table) {
    const auto set = parse_signatures(yaml, "p.yaml");
    ASSERT_FALSE(set) << yaml;
    EXPECT_EQ(set.error().kind, ErrorKind::invalid_input);
    EXPECT_TRUE(set.error().message.starts_with(message)) << set.error().message << " instead of " << message;
  }
}

TEST(JudgeHits, AnOverrideSilencesAWeakerOrEqualHitOfThatTypeOnly) {
  const auto set = compiled({signature("root", "root", ErrorType::resource_exhaustion, Strength::strong, {ErrorType::network_timeout}),
                             signature("strong", "strong", ErrorType::network_timeout, Strength::strong),
                             signature("hint", "hint", ErrorType::network_timeout, Strength::hint),
                             signature("decisive", "decisive", ErrorType::network_timeout, Strength::decisive),
                             signature("other", "other", ErrorType::permission_denied, Strength::hint)});
  const auto hits = set->match("root strong hint decisive other");
  ASSERT_EQ(hits.size(), 5U);
  EXPECT_EQ(judge_hits(*set, hits).silenced, (std::vector<bool>{false, true, true, false, false}));
  const auto without = set->match("strong hint decisive other");
  EXPECT_EQ(judge_hits(*set, without).silenced, (std::vector<bool>{false, false, false, false}));
}

TEST(JudgeHits, ASignatureNeverSilencesItsOwnType) {
  const auto set = compiled({signature("a", "a1", ErrorType::network_timeout, Strength::strong, {ErrorType::network_timeout}),
                             signature("b", "b1", ErrorType::network_timeout, Strength::hint)});
  EXPECT_EQ(judge_hits(*set, set->match("a1 b1")).silenced, (std::vector<bool>{false, false}));
}

class Features : public ::testing::Test {
 protected:
  std::vector<Feature> of(const std::string& text, std::string_view platform = "") {
    const PreparedText prepared = prepare_text(text);
    const auto hits = set_->match(prepared.focus);
    return make_features(prepared, platform, *set_, judge_hits(*set_, hits));
  }
  std::unique_ptr<SignatureSet> set_ = compiled(sample());
};

TEST_F(Features, AreTheSameForTheSameTextAndLieInTheTable) {
  const auto a = of("permission denied for table orders", "postgresql"), b = of("permission denied for table orders", "postgresql");
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].index, b[i].index);
    EXPECT_EQ(a[i].value, b[i].value);
    EXPECT_LT(a[i].index, kFeatureCount);
    EXPECT_TRUE(std::isfinite(a[i].value));
  }
}

TEST_F(Features, TheNgramsTogetherHaveLengthOne) {
  double square = 0;
  for (const Feature& feature : of("some words that no signature knows, at all")) square += double(feature.value) * feature.value;
  EXPECT_NEAR(square, 1.0, 1e-5);
}

TEST_F(Features, HitsAndPlatformStandBeside) {
  const auto bare = of("some words"), on_platform = of("some words", "spark");
  EXPECT_EQ(on_platform.size(), bare.size() + 1);
  EXPECT_TRUE(of("").size() <= 1);
}

TEST_F(Features, WhatIsNormalisedAwayMakesNoDifference) {
  const auto a = of("query 123456 on host 10.0.0.1 took too long"), b = of("query 987654 on host 10.9.8.7 took too long");
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].index, b[i].index);
}

}  // namespace
}  // namespace mend
