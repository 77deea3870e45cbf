#include "remediate/planner.h"

#include <gtest/gtest.h>

#include "fakes/scripted_connector.h"
#include "support/quiet_log.h"

namespace mend {
namespace {

Step step_of(std::string text, Risk risk = Risk::low, bool reversible = true) {
  Step step;
  step.text = std::move(text);
  step.risk = risk;
  step.reversible = reversible;
  step.parameters = {{"name", "memory"}, {"value", "128"}};
  return step;
}

class Planner : public ::testing::Test {
 protected:
  Planner() {
    job_.id = JobId("nightly");
    strategy_ = Strategy{"scale_compute_resources", "Scale", 0.8, Risk::low, {Capability::scale, Capability::retry}, {}, {}};
    connector_.planned = {{Capability::scale, {step_of("raise"), step_of("raise again")}}, {Capability::retry, {step_of("run again")}}};
  }
  Result<Plan> plan() { return make_plan(IncidentId("i1"), job_, diagnosis_, strategy_, "error", connector_, random_, call_); }

  JobSpec job_;
  Diagnosis diagnosis_;
  Strategy strategy_;
  World world_;
  ScriptedConnector connector_{world_};
  SeededRandom random_{1};
  ManualClock clock_;
  KeptLog log_;
  CallContext call_{clock_, log_, {}};
};

TEST_F(Planner, StepsComeInTheOrderOfTheCapabilitiesWithIdsOfTheirOwn) {
  const auto plan = this->plan();
  ASSERT_TRUE(plan) << plan.error().message;
  ASSERT_EQ(plan->steps.size(), 3U);
  EXPECT_EQ(plan->incident, IncidentId("i1"));
  EXPECT_EQ(plan->job, JobId("nightly"));
  EXPECT_EQ(plan->connector, "scripted");
  EXPECT_EQ(plan->strategy, "scale_compute_resources");
  EXPECT_EQ(plan->made_at, clock_.now());
  for (int i = 0; i < 3; ++i) {
    const Step& step = plan->steps[std::size_t(i)];
    EXPECT_EQ(step.ordinal, i);
    EXPECT_EQ(step.plan, plan->id);
    EXPECT_EQ(step.id.str(), plan->id.str() + "." + std::to_string(i));
    EXPECT_EQ(step.state, StepState::pending);
    EXPECT_EQ(step.capability, i < 2 ? Capability::scale : Capability::retry);
  }
  EXPECT_EQ(plan->hash, plan_hash(*plan));
  EXPECT_EQ(connector_.calls(), (std::vector<std::string>{"plan scale", "plan retry"}));
  EXPECT_TRUE(world_.settings.empty()) << "planning changes nothing";
}

TEST_F(Planner, TheSamePlanTwiceHasTheSameHashAndAnotherId) {
  const auto a = plan(), b = plan();
  EXPECT_EQ(a->hash, b->hash);
  EXPECT_NE(a->id, b->id);
}

TEST_F(Planner, TheRiskIsTheHighestOfItsSteps) {
  EXPECT_EQ(plan()->risk, Risk::low);
  connector_.planned[Capability::scale][1].risk = Risk::medium;
  EXPECT_EQ(plan()->risk, Risk::medium);
  connector_.planned[Capability::scale][0].reversible = false;
  EXPECT_EQ(plan()->risk, Risk::high) << "what cannot be undone counts as high";
}

TEST_F(Planner, ARefusalOfTheConnectorComesBackAsItsError) {
  connector_.planned.erase(Capability::scale);
  const auto plan = this->plan();
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().kind, ErrorKind::not_found);
  EXPECT_EQ(plan.error().message, "nothing to plan");
}

TEST_F(Planner, APlanWithoutStepsOrWithoutAVerifyingRunIsNone) {
  connector_.planned[Capability::scale].clear();
  EXPECT_EQ(plan().error().kind, ErrorKind::invalid_input);
  strategy_.capabilities.clear();
  EXPECT_EQ(plan().error().kind, ErrorKind::invalid_input);
  connector_.planned[Capability::scale] = {step_of("raise")};
  strategy_.capabilities = {Capability::retry, Capability::scale};
  EXPECT_EQ(plan().error().kind, ErrorKind::internal);
}

}  // namespace
}  // namespace mend
