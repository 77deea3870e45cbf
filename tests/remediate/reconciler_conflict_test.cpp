// Somebody else acts at the same time, or the journal cannot be written: then nothing is done.
#include "fixture.h"

namespace mend {
namespace {

TEST_F(Remediation, AnotherOwnerTakingOverEndsTheOldOneAtOnce) {
  begin(2, {0}, {.run_results = {true}});
  connector().script().before = [&](const std::string& call) {
    if (call != "apply p1.0") return;
    ASSERT_TRUE(store_.write([](StoreTransaction& tx) -> Result<void> {
      MEND_TRY(auto incident, tx.incident(IncidentId("i1")));
      incident->owner = "process-2";
      ++incident->fence;
      return tx.put_incident(*incident);
    }));
  };
  const auto outcome = process().reconcile();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::conflict);
  EXPECT_NE(outcome.error().message.find("taken over"), std::string::npos);
  EXPECT_EQ(connector().effects(), (Strings{"apply p1.0"}));
  EXPECT_EQ(incident().owner, "process-2");
  EXPECT_EQ(step_states(), "started pending pending") << "the new owner finds the intent and settles it";
}

TEST_F(Remediation, ANewOwnerFinishesWhatTheOldOneBegan) {
  begin(2, {0}, {.run_results = {true}});
  connector().script().before = [&](const std::string& call) {
    if (call != "capture p1.1") return;
    Process second(store_, world_, {.run_results = {true}}, "process-2");
    expect_outcome(second.reconcile(), IncidentState::healed);
    EXPECT_EQ(second.connector_.effects(), (Strings{"apply p1.1", "run"}));
  };
  const auto outcome = process().reconcile();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::conflict);
  EXPECT_EQ(connector().effects(), (Strings{"apply p1.0"}));
  EXPECT_EQ(world_.applied.at("p1.1"), 1);
  EXPECT_EQ(incident().state, IncidentState::healed);
}

TEST_F(Remediation, OfTwoThatClaimFromTheSameStateOneWins) {
  begin(1, {0}, {.run_results = {true, true}});
  Process second(store_, world_, {.run_results = {true, true}}, "process-2");
  const RemediationState seen = process().stored();
  ASSERT_TRUE(second.reconciler().reconcile(seen, second.job_, second.connector_, second.call_));
  const auto late = process().reconciler().reconcile(seen, process().job_, connector(), process().call_);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::conflict);
  EXPECT_TRUE(connector().calls().empty());
  EXPECT_EQ(world_.applied.at("p1.0"), 1);
}

// The other one has claimed it and done nothing yet: only the fence tells.
TEST_F(Remediation, AClaimFromAnOutdatedViewIsRefused) {
  begin(1, {0}, {.run_results = {true}});
  const RemediationState seen = process().stored();
  ASSERT_TRUE(store_.write([](StoreTransaction& tx) -> Result<void> {
    MEND_TRY(auto incident, tx.incident(IncidentId("i1")));
    incident->owner = "process-2";
    ++incident->fence;
    return tx.put_incident(*incident);
  }));
  const auto late = process().reconciler().reconcile(seen, process().job_, connector(), process().call_);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::conflict);
  EXPECT_TRUE(connector().calls().empty());
  EXPECT_EQ(incident().owner, "process-2");
}

// A person closes the incident, or the job recovers, between the decision and the first effect.
TEST_F(Remediation, AnIncidentThatWasResolvedBeforeItsClaimIsLeftAlone) {
  begin(1, {0}, {.run_results = {true}});
  const RemediationState seen = process().stored();
  ASSERT_TRUE(store_.write([](StoreTransaction& tx) -> Result<void> {
    MEND_TRY(auto incident, tx.incident(IncidentId("i1")));
    incident->state = IncidentState::resolved;
    incident->reason = "the job succeeded by itself";
    return tx.put_incident(*incident);
  }));
  const auto outcome = process().reconciler().reconcile(seen, process().job_, connector(), process().call_);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::conflict);
  EXPECT_TRUE(connector().calls().empty());
  EXPECT_EQ(incident().state, IncidentState::resolved);
  EXPECT_EQ(incident().reason, "the job succeeded by itself");
}

// The same right after the claim: the owner is set, the incident still only planned.
TEST_F(Remediation, AnIncidentThatWasResolvedAfterItsClaimEndsResolved) {
  begin(1, {0}, {.run_results = {true}});
  const auto resolve = [&](bool claimed) {
    ASSERT_TRUE(store_.write([&](StoreTransaction& tx) -> Result<void> {
      MEND_TRY(auto incident, tx.incident(IncidentId("i1")));
      if (claimed) incident->owner = "process-1";
      if (!claimed) incident->state = IncidentState::resolved;
      return tx.put_incident(*incident);
    }));
  };
  resolve(true);
  const RemediationState seen = process().stored();
  resolve(false);
  const auto outcome = process().reconciler().reconcile(seen, process().job_, connector(), process().call_);
  expect_outcome(outcome, IncidentState::resolved);
  EXPECT_TRUE(connector().calls().empty());
}

TEST_F(Remediation, IfTheAuditCannotBeWrittenNothingActs) {
  begin(1, {0}, {.run_results = {true}});
  store_.set_audit_fails(true);
  const auto outcome = process().reconcile();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::exhausted);
  EXPECT_TRUE(connector().calls().empty());
  EXPECT_EQ(incident().state, IncidentState::planned);
  EXPECT_TRUE(incident().owner.empty());
}

TEST_F(Remediation, IfTheAuditFailsInBetweenNothingMoreIsDone) {
  begin(2, {0}, {.run_results = {true}});
  connector().script().before = [&](const std::string& call) {
    if (call == "capture p1.1") store_.set_audit_fails(true);
  };
  ASSERT_FALSE(process().reconcile());
  EXPECT_EQ(connector().effects(), (Strings{"apply p1.0"}));
  EXPECT_EQ(step_states(), "applied pending pending") << "the intent without its audit record is not there either";
  store_.set_audit_fails(false);
  Process next(store_, world_, {.run_results = {true}}, "process-2");
  expect_outcome(next.reconcile(), IncidentState::healed);
  EXPECT_EQ(world_.applied.at("p1.0"), 1);
}

TEST_F(Remediation, AnIncidentThatIsGoneIsAnError) {
  begin(1, {0}, {});
  RemediationState state = process().stored();
  state.incident.id = IncidentId("nowhere");
  const auto outcome = process().reconciler().reconcile(state, process().job_, connector(), process().call_);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::not_found);
  EXPECT_TRUE(connector().calls().empty());
}

}  // namespace
}  // namespace mend
