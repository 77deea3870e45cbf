#include "diagnose/fuse.h"

#include <gtest/gtest.h>

#include <cmath>
#include <csignal>
#include <limits>

#include "base/file.h"
#include "catalog.h"
#include "diagnose/error_type_table.h"
#include "support/property.h"

namespace mend {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN(), kInf = std::numeric_limits<double>::infinity();

std::size_t at(ErrorType type) { return std::size_t(type); }

Votes even() {
  Votes votes;
  votes.linear.fill(1.0 / kErrorTypeCount);
  votes.linear_present = true;
  return votes;
}

TEST(Fuse, TheStrongestVoteWins) {
  Votes votes = even();
  votes.hits = {{ErrorType::quota_exceeded, Strength::decisive, true}, {ErrorType::network_timeout, Strength::hint, true}};
  const FusedVerdict verdict = fuse(votes, {});
  EXPECT_EQ(verdict.type, ErrorType::quota_exceeded);
  EXPECT_TRUE(verdict.firm_hit);
  double sum = 0;
  for (const double p : verdict.fused) sum += p;
  EXPECT_NEAR(sum, 1.0, 1e-12);
  EXPECT_GT(verdict.confidence, fuse(even(), {}).confidence);
}

TEST(Fuse, AgreementIsOfAFirmHitWithTheLinearModel) {
  FusionNumbers numbers;
  numbers.agreement = 1;
  Votes votes = even();
  votes.linear[at(ErrorType::quota_exceeded)] = 0.5;
  votes.hits = {{ErrorType::quota_exceeded, Strength::hint, true}};
  EXPECT_FALSE(fuse(votes, numbers).agreement) << "a hint is no agreement";
  votes.hits = {{ErrorType::quota_exceeded, Strength::strong, true}};
  const FusedVerdict agreed = fuse(votes, numbers);
  EXPECT_TRUE(agreed.agreement);
  EXPECT_GT(agreed.confidence, fuse(votes, {}).confidence);
  votes.linear_present = false;
  EXPECT_FALSE(fuse(votes, numbers).agreement);
  votes.linear_present = true;
  votes.linear[at(ErrorType::data_corruption)] = 0.6;
  EXPECT_FALSE(fuse(votes, numbers).agreement);
}

TEST(Fuse, WithoutAFirmHitConfidenceIsCorrected) {
  FusionNumbers numbers;
  numbers.no_hit = -2;
  Votes votes = even();
  votes.linear[at(ErrorType::quota_exceeded)] = 0.9;
  EXPECT_LT(fuse(votes, numbers).confidence, fuse(votes, {}).confidence);
  votes.hits = {{ErrorType::quota_exceeded, Strength::strong, false}};
  EXPECT_DOUBLE_EQ(fuse(votes, numbers).confidence, fuse(votes, {}).confidence);
}

TEST(Fuse, TheConfidenceFollowsFromTheRestOfTheVerdict) {
  Votes votes = even();
  votes.linear[at(ErrorType::quota_exceeded)] = 0.7;
  FusionNumbers numbers;
  const FusedVerdict verdict = fuse(votes, numbers);
  EXPECT_DOUBLE_EQ(calibrated(verdict, numbers), verdict.confidence);
  numbers.by_type[at(ErrorType::quota_exceeded)] = 1;
  EXPECT_GT(calibrated(verdict, numbers), verdict.confidence);
}

TEST(Fuse, WithoutAVoteNothingIsBelieved) {
  const FusedVerdict verdict = fuse(Votes{}, {});
  EXPECT_LT(verdict.confidence, kAssistFrom);
}

TEST(Fuse, ANumberThatIsNoneMakesItUnknownAtZero) {
  for (const double bad : {kNan, -kNan, kInf, -kInf})
    for (const int where : {0, 1}) {
      Votes votes = even();
      votes.hits = {{ErrorType::quota_exceeded, Strength::decisive, true}};
      (where == 0 ? votes.linear : votes.context)[at(ErrorType::data_corruption)] = bad;
      if (where == 0 && bad < 0) continue;  // a probability below zero counts as none
      const FusedVerdict verdict = fuse(votes, {});
      EXPECT_EQ(verdict.type, ErrorType::unknown_error) << bad << " " << where;
      EXPECT_EQ(verdict.confidence, 0) << bad << " " << where;
    }
  FusionNumbers numbers;
  numbers.offset = kNan;
  EXPECT_EQ(fuse(even(), numbers).confidence, 0);
  EXPECT_EQ(fuse(even(), numbers).type, ErrorType::unknown_error);
  numbers = {};
  numbers.linear_weight = kNan;
  EXPECT_EQ(fuse(even(), numbers).confidence, 0);
  numbers = {};
  numbers.decisive = kInf;
  Votes votes = even();
  votes.hits = {{ErrorType::quota_exceeded, Strength::decisive, true}};
  EXPECT_EQ(fuse(votes, numbers).confidence, 0);
}

RC_GTEST_PROP(FuseProperty, ConfidenceIsNeverOneAndNeverNothing, ()) {
  const auto number = [] {
    return *rc::gen::element(0.0, 1.0, 0.5, -3.0, 3.0, 50.0, -50.0, 1e3, -1e3, 1e6, 1e300, -1e300, kNan, kInf, -kInf, 1e-300);
  };
  Votes votes;
  for (auto* const part : {&votes.linear, &votes.context})
    for (double& value : *part) value = number();
  votes.linear_present = *rc::gen::arbitrary<bool>();
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i)
    votes.hits.push_back({kErrorTypes[*rc::gen::inRange<std::size_t>(0, kErrorTypeCount)],
                          *rc::gen::element(Strength::hint, Strength::strong, Strength::decisive), *rc::gen::arbitrary<bool>()});
  FusionNumbers numbers;
  numbers.agreement = *rc::gen::element(0.0, 1.0, 100.0);
  numbers.slope = *rc::gen::element(0.8, 2.0, 100.0);
  const FusedVerdict verdict = fuse(votes, numbers);
  RC_ASSERT(!std::isnan(verdict.confidence));
  RC_ASSERT((verdict.confidence >= 0.0 && verdict.confidence <= 0.99));
}

EventContext exit_code(int code) {
  EventContext context;
  context.exit_code = code;
  return context;
}
EventContext signal(int number) {
  EventContext context;
  context.signal = number;
  return context;
}
EventContext http_status(int status) {
  EventContext context;
  context.http_status = status;
  return context;
}
EventContext oom_killed(bool killed) {
  EventContext context;
  context.oom_killed = killed;
  return context;
}

TEST(ContextVotes, SayWhatTheCodesMean) {
  const auto strongest = [](EventContext context) -> std::optional<ErrorType> {
    const Probabilities votes = context_votes(context);
    const auto best = std::ranges::max_element(votes);
    if (*best <= 0) return std::nullopt;
    return kErrorTypes[std::size_t(best - votes.begin())];
  };
  EventContext none;
  EXPECT_FALSE(strongest(none));
  const std::pair<EventContext, ErrorType> table[] = {
      {exit_code(137), ErrorType::resource_exhaustion},      {exit_code(127), ErrorType::missing_dependency},
      {exit_code(126), ErrorType::permission_denied},        {signal(SIGKILL), ErrorType::resource_exhaustion},
      {signal(SIGXCPU), ErrorType::resource_exhaustion},     {signal(SIGSEGV), ErrorType::unknown_error},
      {http_status(401), ErrorType::authentication_failure}, {http_status(403), ErrorType::permission_denied},
      {http_status(404), ErrorType::missing_dependency},     {http_status(429), ErrorType::quota_exceeded},
      {http_status(503), ErrorType::network_timeout},        {oom_killed(true), ErrorType::resource_exhaustion}};
  for (const auto& [context, type] : table) EXPECT_EQ(strongest(context), type) << to_string(type);
  for (const EventContext& context : {exit_code(1), http_status(200), oom_killed(false), signal(SIGTERM)}) EXPECT_FALSE(strongest(context));
}

class SignatureVotes : public ::testing::Test {
 protected:
  Probabilities votes(const std::string& text) {
    const PreparedText prepared = prepare_text(text);
    const auto hits = set_->match(prepared.focus);
    return signature_scores(hit_votes(*set_, judge_hits(*set_, hits), prepared), {});
  }
  std::unique_ptr<SignatureSet> set_ = SignatureSet::compile({signature("d", "decisive", ErrorType::quota_exceeded, Strength::decisive),
                                                              signature("s", "strong", ErrorType::network_timeout, Strength::strong),
                                                              signature("t", "second", ErrorType::network_timeout, Strength::strong),
                                                              signature("h", "hinting", ErrorType::data_corruption, Strength::hint)})
                                           .value();
};

TEST_F(SignatureVotes, StrengthAndPlaceCount) {
  EXPECT_DOUBLE_EQ(votes("error: decisive")[at(ErrorType::quota_exceeded)], 3.4);
  EXPECT_DOUBLE_EQ(votes("error: strong")[at(ErrorType::network_timeout)], 2.2);
  EXPECT_DOUBLE_EQ(votes("error: strong and second")[at(ErrorType::network_timeout)], 2.2 + 0.3 * 2.2);
  EXPECT_DOUBLE_EQ(votes("strong words here\nerror: something failed")[at(ErrorType::network_timeout)], 1.8) << "not in a root line";
  EXPECT_DOUBLE_EQ(votes("error: hinting")[at(ErrorType::data_corruption)], 0.6);
  for (const double vote : votes("nothing")) EXPECT_EQ(vote, 0);
}

TEST(FusionNumbers, TheCatalogsAreRead) {
  const auto numbers = parse_fusion_numbers(read_file(MEND_SOURCE_DIR "/catalog/calibration.yaml").value(), "calibration.yaml");
  ASSERT_TRUE(numbers) << numbers.error().message;
  EXPECT_LT(numbers->most, 1.0);
}

TEST(FusionNumbers, WhatIsWrongIsNamed) {
  const std::pair<const char*, const char*> table[] = {{"decisive: 3\nbias: 2\n", "c.yaml:2: unknown key 'bias'"},
                                                       {"decisive: much\n", "c.yaml:1: bad conversion"},
                                                       {"by_type: {boredom: 1}\n", "c.yaml:1: no error type 'boredom'"},
                                                       {"most: 1\n", "c.yaml: 'most' must lie below 1"},
                                                       {"most: .nan\n", "c.yaml: 'most'"},
                                                       {"offset: .nan\n", "c.yaml: 'offset' must be a finite number"},
                                                       {"slope: .inf\n", "c.yaml: 'slope' must be a finite number"},
                                                       {"by_type: {quota_exceeded: .nan}\n", "c.yaml: 'by_type'"},
                                                       {"least: 2\n", "c.yaml: 'least'"},
                                                       {"least: -1\n", "c.yaml: 'least'"},
                                                       {"least: 0.5\nmost: 0.4\n", "c.yaml: 'least'"},
                                                       {"[", "c.yaml:"}};
  for (const auto& [yaml, message] : table) {
    const auto numbers = parse_fusion_numbers(yaml, "c.yaml");
    ASSERT_FALSE(numbers) << yaml;
    EXPECT_TRUE(numbers.error().message.starts_with(message)) << numbers.error().message;
  }
  EXPECT_EQ(parse_fusion_numbers("by_type: {quota_exceeded: 0.5}\n", "c.yaml")->by_type[at(ErrorType::quota_exceeded)], 0.5);
}

TEST(ErrorTypeTable, TheCatalogsIsReadAndWhatIsWrongIsNamed) {
  const auto types = parse_error_type_table(read_file(MEND_SOURCE_DIR "/catalog/error_types.yaml").value(), "error_types.yaml");
  ASSERT_TRUE(types) << types.error().message;
  EXPECT_DOUBLE_EQ((*types)[at(ErrorType::permission_denied)].prior_success, 0.90);
  EXPECT_DOUBLE_EQ((*types)[at(ErrorType::unknown_error)].prior_success, 0.30);
  EXPECT_EQ((*types)[at(ErrorType::unknown_error)].strategy, "escalate_to_human");
  const std::string one = "error_types:\n  - {name: quota_exceeded, prior_success: 0.5, strategy: s, causes: [a]}\n";
  const std::pair<std::string, const char*> table[] = {
      {one, "t.yaml: type 'permission_denied' is missing"},
      {one + "  - {name: quota_exceeded, prior_success: 0.5, strategy: s, causes: [a]}\n",
       "t.yaml:3: type 'quota_exceeded' stands here twice"},
      {one + "  - {name: boredom, prior_success: 0.5, strategy: s, causes: [a]}\n", "t.yaml:3: no error type 'boredom'"},
      {one + "  - {name: data_corruption, colour: red}\n", "t.yaml:3: unknown key 'colour'"},
      {one + "  - {name: data_corruption, prior_success: much, strategy: s, causes: [a]}\n", "t.yaml:3: bad conversion"},
      {"error_types: [", "t.yaml:"}};
  for (const auto& [yaml, message] : table) {
    const auto parsed = parse_error_type_table(yaml, "t.yaml");
    ASSERT_FALSE(parsed) << yaml;
    EXPECT_TRUE(parsed.error().message.starts_with(message)) << parsed.error().message;
  }
}

TEST(LinearModel, PredictsWhatItsWeightsSay) {
  std::vector<float> weights(std::size_t(kFeatureCount) * kErrorTypeCount), bias(kErrorTypeCount, -2.0F);
  weights[7 * kErrorTypeCount + at(ErrorType::quota_exceeded)] = 5.0F;
  const std::string bytes = LinearModel::to_bytes(weights, bias);
  const auto model = LinearModel::from_bytes(bytes);
  ASSERT_TRUE(model);
  EXPECT_TRUE(model->present());
  const Feature features[] = {{7, 1.0F}, {9, 1.0F}};
  const Probabilities p = model->predict(features);
  double sum = 0;
  for (const double one : p) sum += one;
  EXPECT_NEAR(sum, 1.0, 1e-12);
  EXPECT_EQ(std::ranges::max_element(p) - p.begin(), std::ptrdiff_t(at(ErrorType::quota_exceeded)));
  const double yes = 1 / (1 + std::exp(-3.0)), no = 1 / (1 + std::exp(2.0));
  EXPECT_NEAR(p[at(ErrorType::quota_exceeded)], yes / (yes + 10 * no), 1e-6);
  EXPECT_FALSE(LinearModel{}.present());
  for (const std::size_t size : {std::size_t(0), std::size_t(4), bytes.size() - 4, bytes.size() + 4}) {
    const auto wrong = LinearModel::from_bytes(std::string_view(std::string(bytes) + "1234").substr(0, size));
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().kind, ErrorKind::corrupt);
  }
}

}  // namespace
}  // namespace mend
