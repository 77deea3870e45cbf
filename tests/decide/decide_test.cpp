// Every rule alone, then together: the strictest wins, whatever else holds.
#include "decide/decide.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <set>

#include "support/property.h"

namespace mend {
namespace {

// All that a decision depends on, as values that a test may change one by one. Left alone it gives "auto".
struct Case {
  Diagnosis diagnosis;
  std::optional<JobSpec> job;
  std::optional<Strategy> strategy;
  std::vector<Capability> offered;
  std::optional<Plan> plan;
  Controls controls;
  Policy policy;
  std::uint64_t plans_in_last_hour = 0;
  std::vector<std::string> tried;
  bool approved = false;

  Case() {
    diagnosis.incident = IncidentId("i1");
    diagnosis.type = ErrorType::resource_exhaustion;
    diagnosis.confidence = 0.9;
    diagnosis.strategy = "scale_compute_resources";
    job.emplace();
    job->id = JobId("nightly");
    strategy =
        Strategy{"scale_compute_resources", "Scale", 0.8, Risk::low, {Capability::scale, Capability::retry}, {}, {"resource_exhaustion"}};
    offered = {Capability::retry, Capability::scale};
  }

  Decision decide() const {
    return mend::decide({diagnosis, job ? &*job : nullptr, strategy ? &*strategy : nullptr, offered, plan ? &*plan : nullptr, controls,
                         policy, plans_in_last_hour, tried, approved, WallTime{std::chrono::seconds{1'780'000'000}}});
  }
};

Plan plan_of(Risk risk, bool reversible = true, Capability capability = Capability::scale) {
  Plan plan;
  plan.risk = reversible ? risk : Risk::high;
  Step step;
  step.capability = capability;
  step.risk = risk;
  step.reversible = reversible;
  plan.steps = {step};
  return plan;
}

struct Rule {
  const char* name;
  const char* effect;
  std::function<void(Case&)> arrange;
  std::set<std::string> also = {};  // other rules that come with it
};

const std::vector<Rule>& rules() {
  static const std::vector<Rule> all = {
      {"override.kill_switch", "forbids", [](Case& c) { c.controls.pauses.push_back({"global", "", "ann", "deploy", {}}); }},
      {"override.job_paused", "forbids", [](Case& c) { c.controls.pauses.push_back({"job", "nightly", "ann", "", {}}); }},
      {"override.strategy_paused", "forbids",
       [](Case& c) { c.controls.pauses.push_back({"strategy", "scale_compute_resources", "ann", "", {}}); }},
      {"type.unknown", "forbids", [](Case& c) { c.diagnosis.type = ErrorType::unknown_error; }},
      {"tier.escalate", "forbids", [](Case& c) { c.diagnosis.confidence = 0.49; }},
      {"tier.assist", "needs_approval", [](Case& c) { c.diagnosis.confidence = 0.6; }},
      {"strategy.missing", "forbids", [](Case& c) { c.strategy.reset(); }},
      {"strategy.hands_over", "forbids", [](Case& c) { c.strategy->capabilities.clear(); }},
      {"job.not_supervised", "forbids", [](Case& c) { c.job.reset(); }},
      {"capability.missing", "forbids", [](Case& c) { c.offered = {Capability::retry}; }},
      {"job.retry_only", "forbids", [](Case& c) { c.job->retry_only = true; }},
      {"job.rerun_unsafe", "forbids", [](Case& c) { c.job->rerun = Rerun::unsafe; }},
      {"job.strategy_not_allowed", "forbids", [](Case& c) { c.job->allowed_strategies = {"retry_with_exponential_backoff"}; }},
      {"risk.high_needs_approval", "needs_approval", [](Case& c) { c.strategy->risk = Risk::high; }},
      {"risk.high_needs_approval", "needs_approval", [](Case& c) { c.plan = plan_of(Risk::high); }},
      {"risk.medium_on_critical_job", "needs_approval",
       [](Case& c) { c.strategy->risk = Risk::medium, c.job->criticality = Criticality::high; }},
      {"risk.medium_on_critical_job", "needs_approval",
       [](Case& c) { c.plan = plan_of(Risk::medium), c.job->criticality = Criticality::high; }},
      {"risk.not_reversible", "needs_approval", [](Case& c) { c.plan = plan_of(Risk::low, false); }, {"risk.high_needs_approval"}},
      {"mode.global_observe", "observes", [](Case& c) { c.policy.mode = Mode::observe; }},
      {"mode.global_assist", "needs_approval", [](Case& c) { c.policy.mode = Mode::assist; }},
      {"mode.strategy_observe", "observes", [](Case& c) { c.policy.strategy_modes["scale_compute_resources"] = Mode::observe; }},
      {"mode.strategy_assist", "needs_approval", [](Case& c) { c.policy.strategy_modes["scale_compute_resources"] = Mode::assist; }},
      {"mode.job_observe", "observes", [](Case& c) { c.job->mode = Mode::observe; }},
      {"mode.job_assist", "needs_approval", [](Case& c) { c.job->mode = Mode::assist; }},
      {"budget.job_hour", "forbids", [](Case& c) { c.plans_in_last_hour = 6; }},
      {"budget.strategies", "forbids", [](Case& c) { c.tried = {"a", "b", "c"}; }},
      {"strategy.tried", "forbids", [](Case& c) { c.tried = {"scale_compute_resources"}; }},
  };
  return all;
}

Verdict verdict_of(std::string_view effect) {
  return effect == "forbids"          ? Verdict::escalate
         : effect == "observes"       ? Verdict::observe
         : effect == "needs_approval" ? Verdict::assist
                                      : Verdict::automatic;
}

// Less strict first.
int strictness(Verdict verdict) {
  switch (verdict) {
    case Verdict::automatic: return 0;
    case Verdict::assist: return 1;
    case Verdict::observe: return 2;
    case Verdict::escalate: return 3;
  }
  return 3;
}

bool fired(const Decision& decision, std::string_view rule) {
  return std::ranges::any_of(decision.rules, [&](const FiredRule& f) { return f.rule == rule; });
}

std::string all_rules(const Decision& decision) {
  std::string out;
  for (const auto& rule : decision.rules) out += rule.rule + " (" + rule.effect + ") ";
  return out;
}

TEST(Decide, WithNothingAgainstItARepairIsAutomatic) {
  const Decision decision = Case().decide();
  EXPECT_EQ(decision.verdict, Verdict::automatic) << all_rules(decision);
  EXPECT_EQ(decision.strategy, "scale_compute_resources");
  EXPECT_EQ(decision.incident, IncidentId("i1"));
  ASSERT_EQ(decision.rules.size(), 1U);
  EXPECT_EQ(decision.rules[0].rule, "tier.auto");
  EXPECT_EQ(decision.rules[0].effect, "allows");
  EXPECT_EQ(decision.decided_at, WallTime{std::chrono::seconds{1'780'000'000}});
}

TEST(Decide, EveryRuleAloneHasItsEffectAndSaysWhy) {
  for (const Rule& rule : rules()) {
    Case c;
    rule.arrange(c);
    const Decision decision = c.decide();
    EXPECT_EQ(decision.verdict, verdict_of(rule.effect)) << rule.name << ": " << all_rules(decision);
    EXPECT_EQ(decision.strategy, decision.verdict == Verdict::escalate ? "escalate_to_human" : "scale_compute_resources") << rule.name;
    bool found = false;
    for (const FiredRule& f : decision.rules) {
      if (f.rule == rule.name) {
        found = true;
        EXPECT_EQ(f.effect, rule.effect) << f.rule;
        EXPECT_FALSE(f.text.empty());
      } else {
        EXPECT_TRUE(f.effect == "allows" || rule.also.contains(f.rule)) << "with " << rule.name << " fires " << f.rule;
      }
    }
    EXPECT_TRUE(found) << rule.name << " did not fire: " << all_rules(decision);
  }
}

// The part of a rule's name that says what it turns: two rules of one lever cannot be arranged together.
std::string_view lever(std::string_view name) { return name.starts_with("tier.") ? "tier" : name.substr(0, name.find('_')); }

TEST(Decide, OfAnyTwoRulesTheStricterWinsAndNoneIsLost) {
  for (const Rule& a : rules())
    for (const Rule& b : rules()) {
      if (&a != &b && lever(a.name) == lever(b.name)) continue;
      Case c;
      // What takes the job or strategy away comes last, so that the other can be arranged.
      const bool a_last = std::string_view(a.name) == "strategy.missing" || std::string_view(a.name) == "job.not_supervised";
      const bool b_last = std::string_view(b.name) == "strategy.missing" || std::string_view(b.name) == "job.not_supervised";
      if (a_last && b_last && a.name != b.name) continue;
      (a_last ? b : a).arrange(c);
      (a_last ? a : b).arrange(c);
      const Decision decision = c.decide();
      const bool a_fired = fired(decision, a.name), b_fired = fired(decision, b.name);
      int strictest = 0;
      for (const auto& rule : decision.rules) strictest = std::max(strictest, strictness(verdict_of(rule.effect)));
      EXPECT_EQ(strictness(decision.verdict), strictest) << a.name << " and " << b.name << ": " << all_rules(decision);
      // One of two may hide the other (no job: no job's mode), but never for a milder verdict.
      EXPECT_TRUE(a_fired || b_fired) << a.name << " and " << b.name;
      if (!a_fired) EXPECT_GE(strictness(decision.verdict), strictness(verdict_of(a.effect))) << a.name << " hidden by " << b.name;
      if (!b_fired) EXPECT_GE(strictness(decision.verdict), strictness(verdict_of(b.effect))) << b.name << " hidden by " << a.name;
    }
}

TEST(Decide, ApprovalLiftsWhatNeedsApprovalAndNothingElse) {
  for (const Rule& rule : rules()) {
    Case c;
    rule.arrange(c);
    c.approved = true;
    const Decision decision = c.decide();
    const Verdict without = verdict_of(rule.effect);
    EXPECT_EQ(decision.verdict, without == Verdict::assist ? Verdict::automatic : without) << rule.name;
    EXPECT_EQ(fired(decision, "approval.given"), without == Verdict::assist) << rule.name;
    EXPECT_TRUE(fired(decision, rule.name)) << "the reason for the approval stays";
  }
}

TEST(Decide, TheKillSwitchWinsOverAnApproval) {
  Case c;
  c.strategy->risk = Risk::high;
  c.approved = true;
  ASSERT_EQ(c.decide().verdict, Verdict::automatic);
  c.controls.pauses.push_back({"global", "", "ann", "deploy", {}});
  const Decision decision = c.decide();
  EXPECT_EQ(decision.verdict, Verdict::escalate);
  EXPECT_FALSE(fired(decision, "approval.given"));
  EXPECT_NE(decision.rules[0].text.find("ann: deploy"), std::string::npos) << decision.rules[0].text;
}

TEST(Decide, PausesOfOthersDoNotCount) {
  Case c;
  c.controls.pauses = {{"job", "weekly", "ann", "", {}},
                       {"strategy", "other", "ann", "", {}},
                       {"job", "", "ann", "", {}},
                       {"team", "nightly", "ann", "", {}}};
  EXPECT_EQ(c.decide().verdict, Verdict::automatic);
}

TEST(Decide, TheTiersBoundsAreExact) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  const std::pair<double, Verdict> table[] = {{0.75, Verdict::automatic}, {std::nextafter(0.75, 0), Verdict::assist},
                                              {0.50, Verdict::assist},    {std::nextafter(0.50, 0), Verdict::escalate},
                                              {0.0, Verdict::escalate},   {1.0, Verdict::automatic},
                                              {nan, Verdict::escalate},   {inf, Verdict::escalate},
                                              {-inf, Verdict::escalate},  {1.5, Verdict::escalate}};
  for (const auto& [confidence, verdict] : table) {
    Case c;
    c.diagnosis.confidence = confidence;
    EXPECT_EQ(c.decide().verdict, verdict) << confidence;
  }
}

TEST(Decide, BudgetsEndAtTheirLimit) {
  Case c;
  c.policy.most_per_job_and_hour = 2;
  c.plans_in_last_hour = 1;
  EXPECT_EQ(c.decide().verdict, Verdict::automatic);
  c.plans_in_last_hour = 2;
  EXPECT_EQ(c.decide().verdict, Verdict::escalate);
  c.policy.most_per_job_and_hour = 0;
  c.plans_in_last_hour = 0;
  EXPECT_EQ(c.decide().verdict, Verdict::escalate);
  c = Case();
  c.tried = {"a", "b"};
  EXPECT_EQ(c.decide().verdict, Verdict::automatic);
  c.policy.most_strategies_per_incident = 2;
  EXPECT_EQ(c.decide().verdict, Verdict::escalate);
}

TEST(Decide, AWrappedCommandMayBeRunAgainAndNoMore) {
  Case c;
  c.job->retry_only = true;
  c.strategy->capabilities = {Capability::retry};
  EXPECT_EQ(c.decide().verdict, Verdict::automatic);
  c.strategy->capabilities = {Capability::scale, Capability::retry};
  EXPECT_EQ(c.decide().verdict, Verdict::escalate);
}

TEST(Decide, EveryMissingCapabilityIsNamed) {
  Case c;
  c.offered.clear();
  const Decision decision = c.decide();
  EXPECT_EQ(std::ranges::count(decision.rules, "capability.missing", &FiredRule::rule), 2);
  EXPECT_NE(all_rules(decision).find("capability.missing"), std::string::npos);
}

TEST(Decide, ThePlansOwnRiskCountsBesideTheStrategys) {
  Case c;
  c.strategy->risk = Risk::high;
  c.plan = plan_of(Risk::low);  // a plan cannot make a strategy safer
  EXPECT_EQ(c.decide().verdict, Verdict::assist);
  c = Case();
  c.plan = plan_of(Risk::low);
  EXPECT_EQ(c.decide().verdict, Verdict::automatic);
  c.plan->risk = Risk::medium;
  EXPECT_EQ(c.decide().verdict, Verdict::automatic) << "medium risk on a job of normal criticality";
}

TEST(Decide, ARetryThatCannotBeUndoneNeedsNobody) {
  Case c;
  c.plan = plan_of(Risk::low, true, Capability::retry);
  c.plan->steps[0].reversible = false;
  EXPECT_FALSE(fired(c.decide(), "risk.not_reversible"));
}

Case any_case() {
  Case c;
  const auto maybe = [](int of = 4) { return *rc::gen::inRange(0, of) == 0; };
  c.diagnosis.confidence =
      *rc::gen::element(0.0, 0.3, 0.4999, 0.5, 0.6, 0.7499, 0.75, 0.9, 0.99, 1.0, -1.0, std::numeric_limits<double>::quiet_NaN());
  c.diagnosis.type = kErrorTypes[*rc::gen::inRange<std::size_t>(0, kErrorTypeCount)];
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i)
    rules()[*rc::gen::inRange<std::size_t>(3, rules().size())].arrange([&]() -> Case& {
      if (!c.job) c.job.emplace().id = JobId("nightly");
      if (!c.strategy) c.strategy = Case().strategy;
      return c;
    }());
  if (maybe(6)) rules()[*rc::gen::inRange<std::size_t>(0, 3)].arrange(c);
  if (maybe()) c.plan = plan_of(*rc::gen::element(Risk::low, Risk::medium, Risk::high), *rc::gen::arbitrary<bool>());
  c.approved = maybe(2);
  return c;
}

RC_GTEST_PROP(DecideProperty, WhatAnyRuleForbidsIsEscalated, ()) {
  const Case c = any_case();
  const Decision decision = c.decide();
  const bool forbidden = std::ranges::any_of(decision.rules, [](const auto& r) { return r.effect == "forbids"; });
  const bool observed = std::ranges::any_of(decision.rules, [](const auto& r) { return r.effect == "observes"; });
  RC_ASSERT(forbidden == (decision.verdict == Verdict::escalate));
  if (observed) RC_ASSERT((decision.verdict == Verdict::escalate || decision.verdict == Verdict::observe));
  RC_ASSERT((decision.verdict == Verdict::escalate) == (decision.strategy == "escalate_to_human"));
}

RC_GTEST_PROP(DecideProperty, NothingIsAutomaticThatMustNotBe, ()) {
  const Case c = any_case();
  const Decision decision = c.decide();
  RC_CLASSIFY(decision.verdict == Verdict::automatic);
  if (decision.verdict != Verdict::automatic) return;
  RC_ASSERT(c.diagnosis.type != ErrorType::unknown_error);
  RC_ASSERT((c.diagnosis.confidence >= kAssistFrom && c.diagnosis.confidence <= 1.0));
  RC_ASSERT((c.strategy.has_value() && c.job.has_value()));
  RC_ASSERT(!c.strategy->capabilities.empty());
  RC_ASSERT(!c.controls.find("global"));
  RC_ASSERT(c.job->rerun == Rerun::safe);
  if (!c.approved) {
    RC_ASSERT(c.diagnosis.confidence >= kAutoFrom);
    RC_ASSERT(c.strategy->risk != Risk::high);
    RC_ASSERT((!c.plan || c.plan->risk != Risk::high));
    RC_ASSERT((c.policy.mode == Mode::automatic && c.job->mode == Mode::automatic));
  }
}

RC_GTEST_PROP(DecideProperty, AMoreConfidentDiagnosisIsNeverTreatedMoreStrictly, ()) {
  Case c = any_case();
  c.diagnosis.confidence = *rc::gen::inRange(0, 100) / 100.0;
  const int before = strictness(c.decide().verdict);
  c.diagnosis.confidence = std::min(1.0, c.diagnosis.confidence + *rc::gen::inRange(0, 50) / 100.0);
  RC_ASSERT(strictness(c.decide().verdict) <= before);
}

RC_GTEST_PROP(DecideProperty, TheSameInputGivesTheSameDecision, ()) {
  const Case c = any_case();
  RC_ASSERT(all_rules(c.decide()) == all_rules(c.decide()));
}

}  // namespace
}  // namespace mend
