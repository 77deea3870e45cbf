#include <gtest/gtest.h>

#include <functional>
#include <tuple>

#include "model/generators.h"

namespace mend {
namespace {

Plan sample() {
  Plan plan;
  plan.id = PlanId("p1");
  plan.incident = IncidentId("i1");
  plan.job = JobId("nightly");
  plan.strategy = "scale_compute_resources";
  plan.connector = "local";
  Step scale;
  scale.id = StepId("p1.0");
  scale.capability = Capability::scale;
  scale.parameters = {{"from", "64"}, {"to", "128"}};
  Step retry;
  retry.id = StepId("p1.1");
  retry.ordinal = 1;
  retry.parameters = {{"delay_ms", "0"}};
  plan.steps = {scale, retry};
  return plan;
}

TEST(PlanHash, ChangesWithEverythingThatWouldBeDone) {
  const std::pair<const char*, std::function<void(Plan&)>> changes[] = {
      {"job", [](Plan& p) { p.job = JobId("weekly"); }},
      {"strategy", [](Plan& p) { p.strategy = "other"; }},
      {"connector", [](Plan& p) { p.connector = "other"; }},
      {"capability", [](Plan& p) { p.steps[0].capability = Capability::elevate; }},
      {"a value", [](Plan& p) { p.steps[0].parameters["to"] = "129"; }},
      {"another value", [](Plan& p) { p.steps[1].parameters["delay_ms"] = "1"; }},
      {"a name", [](Plan& p) { p.steps[0].parameters.erase("to"), p.steps[0].parameters["tO"] = "128"; }},
      {"one parameter less", [](Plan& p) { p.steps[0].parameters.erase("from"); }},
      {"one parameter more", [](Plan& p) { p.steps[0].parameters["x"] = ""; }},
      {"reversible", [](Plan& p) { p.steps[0].reversible = false; }},
      {"risk", [](Plan& p) { p.steps[0].risk = Risk::high; }},
      {"order", [](Plan& p) { std::swap(p.steps[0], p.steps[1]); }},
      {"one step less", [](Plan& p) { p.steps.pop_back(); }},
      {"one step twice", [](Plan& p) { p.steps.push_back(p.steps.back()); }},
      {"moved to the next step", [](Plan& p) { p.steps[1].parameters.insert(p.steps[0].parameters.extract("to")); }},
  };
  const std::string before = plan_hash(sample());
  EXPECT_EQ(before.size(), 32U);
  for (const auto& [what, change] : changes) {
    Plan plan = sample();
    change(plan);
    EXPECT_NE(plan_hash(plan), before) << what;
  }
}

TEST(PlanHash, DoesNotChangeWithIdsStatesTimesAndTexts) {
  const std::string before = plan_hash(sample());
  Plan plan = sample();
  plan.id = PlanId("p2");
  plan.incident = IncidentId("i2");
  plan.hash = "old";
  plan.made_at += std::chrono::hours{1};
  for (Step& step : plan.steps) {
    step.id = StepId("other");
    step.plan = PlanId("p2");
    step.state = StepState::applied;
    step.pre_image = "{}";
    step.outcome = "done";
    step.changed_at += std::chrono::hours{1};
  }
  EXPECT_EQ(plan_hash(plan), before);
}

// What the hash is about, as a value that can be compared.
auto meaning(const Plan& plan) {
  std::vector<std::tuple<Capability, bool, Risk, std::map<std::string, std::string>>> steps;
  for (const Step& step : plan.steps) steps.emplace_back(step.capability, step.reversible, step.risk, step.parameters);
  return std::tuple(plan.job, plan.strategy, plan.connector, steps);
}

RC_GTEST_PROP(PlanHashProperty, IsEqualExactlyWhenThePlansDoTheSame, ()) {
  const Plan a = any::plan();
  Plan b = *rc::gen::arbitrary<bool>() ? any::plan() : a;
  if (!b.steps.empty() && *rc::gen::arbitrary<bool>()) b.steps.back() = any::step();
  RC_ASSERT((plan_hash(a) == plan_hash(b)) == (meaning(a) == meaning(b)));
}

TEST(PlanHash, AParameterCannotPoseAsAStep) {
  Plan two = sample();
  two.steps.resize(2);
  two.steps[0].parameters = {};
  two.steps[1] = two.steps[0];
  Plan one = two;
  one.steps.resize(1);
  // The parts of a second step, as parameters of the first.
  one.steps[0].parameters = {{"", "scale"}, {"reversible", "low"}};
  EXPECT_NE(plan_hash(one), plan_hash(two));
}

TEST(AuditText, EveryFieldIsInIt) {
  AuditRecord record;
  record.confidence = 0.5;
  record.success = true;
  record.duration = Duration{5};
  const std::string before = canonical_text(record);
  const std::pair<const char*, std::function<void(AuditRecord&)>> changes[] = {
      {"sequence", [](auto& r) { r.sequence = 2; }},
      {"timestamp", [](auto& r) { r.timestamp += Duration{1}; }},
      {"actor", [](auto& r) { r.actor = "x"; }},
      {"action", [](auto& r) { r.action = "x"; }},
      {"job", [](auto& r) { r.job_id = JobId("x"); }},
      {"incident", [](auto& r) { r.incident = IncidentId("x"); }},
      {"step", [](auto& r) { r.step = StepId("x"); }},
      {"error type", [](auto& r) { r.error_type = "x"; }},
      {"strategy", [](auto& r) { r.strategy = "x"; }},
      {"confidence", [](auto& r) { r.confidence = 0.6; }},
      {"confidence in the ninth digit", [](auto& r) { r.confidence = 0.500000001; }},
      {"no confidence", [](auto& r) { r.confidence.reset(); }},
      {"success", [](auto& r) { r.success = false; }},
      {"no success", [](auto& r) { r.success.reset(); }},
      {"duration", [](auto& r) { r.duration = Duration{6}; }},
      {"no duration", [](auto& r) { r.duration.reset(); }},
      {"rag", [](auto& r) { r.rag_enhanced = true; }},
      {"cases", [](auto& r) { r.similar_cases_found = 1; }},
      {"detail", [](auto& r) { r.detail = "x"; }},
      {"previous hash", [](auto& r) { r.previous_hash = "x"; }},
  };
  for (const auto& [what, change] : changes) {
    AuditRecord changed = record;
    change(changed);
    EXPECT_NE(canonical_text(changed), before) << what;
  }
  record.hash = "x";  // the hash is taken over the rest
  EXPECT_EQ(canonical_text(record), before);
}

auto meaning(const AuditRecord& r) {
  return std::tuple(r.sequence, r.timestamp, r.actor, r.action, r.job_id, r.incident, r.step, r.error_type, r.strategy, r.confidence,
                    r.success, r.duration, r.rag_enhanced, r.similar_cases_found, r.detail, r.previous_hash);
}

RC_GTEST_PROP(AuditTextProperty, NoTwoRecordsGiveTheSameText, ()) {
  const AuditRecord a = any::audit_record();
  AuditRecord b = a;
  // Text moves from one field into its neighbour: what a careless separator would not notice.
  const auto whole = a.actor + "\n" + a.action;
  const auto cut = *rc::gen::inRange<std::size_t>(0, whole.size() + 1);
  switch (*rc::gen::inRange(0, 4)) {
    case 0: b = any::audit_record(); break;
    case 1: b.actor = whole.substr(0, cut), b.action = whole.substr(cut); break;
    case 2: b.error_type = a.strategy, b.strategy = a.error_type; break;
    default: b.detail = a.previous_hash, b.previous_hash = a.detail; break;
  }
  RC_ASSERT((canonical_text(a) == canonical_text(b)) == (meaning(a) == meaning(b)));
}

}  // namespace
}  // namespace mend
