#include "remediate/updates.h"

#include "fixture.h"

namespace mend {
namespace {

constexpr WallTime kNow{std::chrono::seconds{1'790'000'000}};

RemediationState state_with(IncidentState incident, StepState step = StepState::pending) {
  RemediationState state;
  state.incident.id = IncidentId("i1");
  state.incident.state = incident;
  state.plan = plan_with(1, {0});
  state.plan->steps[0].state = step;
  return state;
}

constexpr IncidentState kStates[] = {
#define STATE(name) IncidentState::name,
#include "model/incident_states.def"
};

TEST(Updates, AnIncidentMovesAsTheTableSays) {
  for (const IncidentState from : kStates)
    for (const IncidentState to : kStates) {
      RemediationState state = state_with(from);
      const RemediationUpdate move = MoveIncident{to, "because"};
      const auto allowed = can_apply(state, move);
      ASSERT_EQ(allowed.has_value(), can_move(from, to));
      if (!allowed) {
        EXPECT_EQ(allowed.error().kind, ErrorKind::conflict);
        EXPECT_NE(allowed.error().message.find(to_string(from)), std::string::npos);
        continue;
      }
      apply(state, move, kNow);
      EXPECT_EQ(state.incident.state, to);
      EXPECT_EQ(state.incident.reason, "because");
      EXPECT_EQ(state.incident.updated_at, kNow);
    }
}

TEST(Updates, AStepMovesAsTheTableSaysAndKeepsWhatIsNotGiven) {
  RemediationState state = state_with(IncidentState::executing);
  ASSERT_TRUE(can_apply(state, MoveStep{0, StepState::started, "", "before"}));
  apply(state, MoveStep{0, StepState::started, "", "before"}, kNow);
  EXPECT_EQ(state.plan->steps[0].pre_image, "before");
  EXPECT_EQ(state.plan->steps[0].changed_at, kNow);
  apply(state, MoveStep{0, StepState::applied, "done", {}}, kNow);
  apply(state, MoveStep{0, StepState::undoing, "", {}}, kNow);
  EXPECT_EQ(state.plan->steps[0].outcome, "done");
  EXPECT_EQ(state.plan->steps[0].pre_image, "before");
  const auto again = can_apply(state, MoveStep{0, StepState::started, "", {}});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::conflict);
  EXPECT_EQ(state.plan->steps[1].state, StepState::pending);
}

TEST(Updates, AStepThatIsNotThereIsAFaultOfOurs) {
  RemediationState state = state_with(IncidentState::executing);
  for (const int ordinal : {-1, 2, 1000})
    EXPECT_EQ(can_apply(state, MoveStep{ordinal, StepState::started, "", {}}).error().kind, ErrorKind::internal);
  state.plan.reset();
  EXPECT_EQ(can_apply(state, MoveStep{0, StepState::started, "", {}}).error().kind, ErrorKind::internal);
}

TEST(Updates, AClaimRaisesTheFence) {
  RemediationState state = state_with(IncidentState::planned);
  state.incident.fence = 4;
  ASSERT_TRUE(can_apply(state, Claim{"me"}));
  apply(state, Claim{"me"}, kNow);
  EXPECT_EQ(state.incident.owner, "me");
  EXPECT_EQ(state.incident.fence, 5U);
  EXPECT_EQ(can_apply(state, Claim{""}).error().kind, ErrorKind::invalid_input);
  state.incident.state = IncidentState::resolved;
  EXPECT_EQ(can_apply(state, Claim{"other"}).error().kind, ErrorKind::conflict);
  state.incident.state = IncidentState::healed;  // for a rollback
  EXPECT_TRUE(can_apply(state, Claim{"other"}));
}

}  // namespace
}  // namespace mend
