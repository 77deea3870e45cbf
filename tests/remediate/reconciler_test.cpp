// Remediations that nothing interrupts: their ends, their order, their delays and their journal.
#include "fixture.h"

namespace mend {
namespace {

using std::chrono::seconds;

const Error kRefused{ErrorKind::permission, "the system refused"};

TEST_F(Remediation, HealsAtTheFirstRun) {
  begin(1, {0}, {.run_results = {true}});
  const auto outcome = process().reconcile();
  expect_outcome(outcome, IncidentState::healed);
  ASSERT_TRUE(outcome->last_run);
  EXPECT_TRUE(outcome->last_run->succeeded);
  EXPECT_EQ(connector().effects(), (Strings{"apply p1.0", "run"}));
  EXPECT_EQ(connector().calls().back(), "succeeded");
  EXPECT_EQ(world_.settings.at("a"), "new");
  EXPECT_EQ(step_states(), "applied applied");
  EXPECT_EQ(store_.runs(JobId("nightly"), 10).value().size(), 1U);
}

TEST_F(Remediation, EveryArrowLeavesAnAuditRecordIntentBeforeOutcome) {
  begin(1, {0}, {.run_results = {true}});
  ASSERT_TRUE(process().reconcile());
  EXPECT_EQ(actions(), (Strings{"remediation.claimed", "incident.executing", "step.intent", "step.outcome", "incident.verifying",
                                "step.intent", "step.outcome", "incident.healed"}));
  for (const auto& record : store_.audit({{}, 100}).value()) {
    EXPECT_EQ(record.actor, "mendline");
    EXPECT_EQ(record.incident, IncidentId("i1"));
    EXPECT_EQ(record.job_id, JobId("nightly"));
    EXPECT_EQ(record.strategy, "update_configuration_and_retry");
    EXPECT_EQ(record.error_type, "configuration_error");
    EXPECT_EQ(record.confidence, 0.9);
    EXPECT_TRUE(record.rag_enhanced);
    EXPECT_EQ(record.similar_cases_found, 2);
    if (record.action.starts_with("step.")) EXPECT_FALSE(record.step.empty());
  }
}

// Whenever the connector is asked for an effect, its intent with the pre-image is in the store already.
TEST_F(Remediation, NothingIsDoneBeforeItsIntentIsDurable) {
  int effects = 0;
  begin(2, {0}, {});
  connector().script().run_results = {false};
  connector().script().before = [&](const std::string& call) {
    const auto plan = store_.plan(PlanId("p1")).value().value();
    for (const Step& step : plan.steps) {
      if (call == "apply " + step.id.str()) {
        ++effects;
        EXPECT_EQ(step.state, StepState::started);
        EXPECT_EQ(step.pre_image, "old");
      }
      if (call == "undo " + step.id.str()) {
        ++effects;
        EXPECT_EQ(step.state, StepState::undoing);
      }
      if (call == "run" && step.capability == Capability::retry) {
        ++effects;
        EXPECT_EQ(step.state, StepState::started);
      }
    }
  };
  expect_outcome(process().reconcile(), IncidentState::rolled_back);
  EXPECT_EQ(effects, 5);
}

TEST_F(Remediation, HealsAtTheThirdRunAfterOneTwoAndFourSeconds) {
  begin(0, {1000, 2000, 4000}, {.run_results = {false, false, true}});
  const auto outcome = process().reconcile();
  expect_outcome(outcome, IncidentState::healed);
  EXPECT_EQ(process().clock_.slept(), seconds{7});
  EXPECT_EQ(connector().effects(), (Strings{"run", "run", "run"}));
  EXPECT_EQ(step_states(), "failed failed applied");
  const auto runs = store_.runs(JobId("nightly"), 10).value();
  ASSERT_EQ(runs.size(), 3U);
  for (const mend::Run& run : runs) EXPECT_EQ(run.incident, IncidentId("i1"));
  EXPECT_EQ(runs[0].started_at - runs[1].started_at, seconds{4});
  EXPECT_EQ(runs[1].started_at - runs[2].started_at, seconds{2});
  EXPECT_EQ(runs[0].attempt, 4) << "the failed run was the first";
}

TEST_F(Remediation, HealingEarlySkipsTheRest) {
  begin(0, {1000, 2000, 4000}, {.run_results = {true}});
  expect_outcome(process().reconcile(), IncidentState::healed);
  EXPECT_EQ(step_states(), "applied skipped skipped");
  EXPECT_EQ(process().clock_.slept(), seconds{1});
}

TEST_F(Remediation, WhatDoesNotHelpIsUndoneInReverseOrder) {
  begin(3, {0, 0}, {});
  const auto outcome = process().reconcile();
  expect_outcome(outcome, IncidentState::rolled_back);
  EXPECT_FALSE(outcome->last_run->succeeded);
  EXPECT_EQ(connector().effects(),
            (Strings{"apply p1.0", "apply p1.1", "apply p1.2", "run", "run", "undo p1.2", "undo p1.1", "undo p1.0"}));
  for (const char* const name : {"a", "b", "c"}) EXPECT_EQ(world_.settings.at(name), "old");
  EXPECT_EQ(step_states(), "undone undone undone failed failed");
  EXPECT_EQ(incident().reason, "the job still fails");
}

TEST_F(Remediation, ARefusedApplyUndoesOnlyWhatWasDone) {
  begin(3, {0}, {.run_results = {true}, .refuse_apply = {{"p1.1", kRefused}}});
  expect_outcome(process().reconcile(), IncidentState::rolled_back);
  EXPECT_EQ(connector().effects(), (Strings{"apply p1.0", "apply p1.1", "undo p1.0"}));
  EXPECT_EQ(step_states(), "undone failed pending pending");
  EXPECT_NE(incident().reason.find("the system refused"), std::string::npos);
}

TEST_F(Remediation, AnApplyThatBreaksHalfWayIsUndoneToo) {
  begin(2, {0}, {.run_results = {true}, .half_apply = {{"p1.1", true}}});
  expect_outcome(process().reconcile(), IncidentState::rolled_back);
  EXPECT_EQ(connector().effects(), (Strings{"apply p1.0", "apply p1.1", "undo p1.1", "undo p1.0"}));
  EXPECT_EQ(world_.settings.at("b"), "old");
  EXPECT_EQ(step_states(), "undone undone pending");
}

TEST_F(Remediation, WithoutAPreImageThereIsNoAction) {
  begin(2, {0}, {.run_results = {true}, .refuse_capture = {{"p1.1", kRefused}}});
  expect_outcome(process().reconcile(), IncidentState::rolled_back);
  EXPECT_EQ(connector().effects(), (Strings{"apply p1.0", "undo p1.0"}));
  EXPECT_EQ(step_states(), "undone pending pending");
}

TEST_F(Remediation, WithoutACheckThereIsNoAction) {
  begin(1, {0}, {.run_results = {true}, .refuse_check = {{"p1.0", kRefused}}});
  expect_outcome(process().reconcile(), IncidentState::rolled_back);
  EXPECT_TRUE(connector().effects().empty());
}

TEST_F(Remediation, ATargetThatSomebodyChangedMeanwhileIsLeftAlone) {
  begin(1, {0}, {.run_results = {true}, .change_after_capture = {{"p1.0", "theirs"}}});
  expect_outcome(process().reconcile(), IncidentState::rolled_back);
  EXPECT_TRUE(connector().effects().empty());
  EXPECT_EQ(world_.settings.at("a"), "theirs");
  EXPECT_NE(incident().reason.find("changed meanwhile"), std::string::npos);
}

TEST_F(Remediation, ATargetThatIsSoAlreadyIsLeftAlone) {
  begin(1, {0}, {.run_results = {true}, .change_after_capture = {{"p1.0", "new"}}});
  expect_outcome(process().reconcile(), IncidentState::rolled_back);
  EXPECT_TRUE(connector().effects().empty());
}

TEST_F(Remediation, AnUndoThatFailsIsEscalatedNeverSilent) {
  begin(2, {0}, {.refuse_undo = {{"p1.1", kRefused}}});
  expect_outcome(process().reconcile(), IncidentState::escalated);
  EXPECT_EQ(step_states(), "applied failed failed");
  EXPECT_NE(incident().reason.find("could not be undone: the system refused"), std::string::npos);
  EXPECT_EQ(actions().back(), "incident.escalated");
  EXPECT_EQ(world_.settings.at("a"), "new") << "what lies before it stays as it is: it may depend on it";
}

TEST_F(Remediation, WhatCannotBeUndoneIsHandedToAPerson) {
  begin(2, {0}, {});
  Plan plan = store_.plan(PlanId("p1")).value().value();
  plan.steps[1].reversible = false;
  ASSERT_TRUE(store_.write([&](StoreTransaction& tx) { return tx.put_plan(plan); }));
  expect_outcome(process().reconcile(), IncidentState::escalated);
  EXPECT_EQ(connector().effects(), (Strings{"apply p1.0", "apply p1.1", "run"}));
  EXPECT_EQ(step_states(), "applied applied failed");
  EXPECT_NE(incident().reason.find("cannot be undone"), std::string::npos);
}

TEST_F(Remediation, ARunThatCannotBeStartedCountsAsFailed) {
  begin(1, {0, 0}, {.run_results = {false, true}, .run_errors = {{1, kRefused}}});
  expect_outcome(process().reconcile(), IncidentState::healed);
  EXPECT_EQ(step_states(), "applied failed applied");
}

class PausedBetween : public Remediation, public ::testing::WithParamInterface<Pause> {};

TEST_P(PausedBetween, TheStepsAreNotGoneOnWithAndWhatWasDoneIsUndone) {
  begin(2, {0}, {.run_results = {true}});
  connector().script().before = [&](const std::string& call) {
    if (call == "apply p1.0") ASSERT_TRUE(store_.write([](StoreTransaction& tx) { return tx.put_pause(GetParam()); }));
  };
  expect_outcome(process().reconcile(), IncidentState::rolled_back);
  EXPECT_EQ(connector().effects(), (Strings{"apply p1.0", "undo p1.0"}));
  EXPECT_NE(incident().reason.find("paused by ann"), std::string::npos) << incident().reason;
}

TEST_P(PausedBetween, BeforeTheFirstStepNothingIsDone) {
  begin(1, {0}, {.run_results = {true}});
  ASSERT_TRUE(store_.write([](StoreTransaction& tx) { return tx.put_pause(GetParam()); }));
  expect_outcome(process().reconcile(), IncidentState::escalated);
  EXPECT_TRUE(connector().calls().empty());
}

TEST_P(PausedBetween, TheVerifyingRunIsNotMadeEither) {
  begin(1, {0, 0}, {});
  connector().script().before = [&](const std::string& call) {
    if (call == "run") ASSERT_TRUE(store_.write([](StoreTransaction& tx) { return tx.put_pause(GetParam()); }));
  };
  expect_outcome(process().reconcile(), IncidentState::rolled_back);
  EXPECT_EQ(connector().effects(), (Strings{"apply p1.0", "run", "undo p1.0"}));
}

INSTANTIATE_TEST_SUITE_P(Scopes, PausedBetween,
                         ::testing::Values(Pause{"global", "", "ann", "deploy", {}}, Pause{"job", "nightly", "ann", "", {}},
                                           Pause{"strategy", "update_configuration_and_retry", "ann", "", {}}),
                         [](const auto& info) { return info.param.scope; });

TEST_F(Remediation, APauseOfAnotherJobIsNone) {
  begin(1, {0}, {.run_results = {true}});
  ASSERT_TRUE(store_.write([](StoreTransaction& tx) { return tx.put_pause({"job", "weekly", "ann", "", {}}); }));
  expect_outcome(process().reconcile(), IncidentState::healed);
}

TEST_F(Remediation, AStopBetweenStepsUndoesWhatWasDone) {
  begin(2, {0}, {.run_results = {true}});
  connector().script().before = [&](const std::string& call) {
    if (call == "apply p1.0") process().stop_.request_stop();
  };
  expect_outcome(process().reconcile(), IncidentState::rolled_back);
  EXPECT_EQ(connector().effects(), (Strings{"apply p1.0", "undo p1.0"}));
  EXPECT_EQ(world_.settings.at("a"), "old");
}

TEST_F(Remediation, AStopWhileTheJobRunsAgainEndsTheWaiting) {
  begin(1, {0, 60'000}, {});
  connector().script().before = [&](const std::string& call) {
    if (call == "run") process().stop_.request_stop();
  };
  expect_outcome(process().reconcile(), IncidentState::rolled_back);
  EXPECT_EQ(connector().effects(), (Strings{"apply p1.0", "run", "undo p1.0"}));
  EXPECT_EQ(process().clock_.slept(), Duration{0});
}

TEST_F(Remediation, ADeadlineCutsTheDelayAndUndoes) {
  begin(1, {60'000}, {.run_results = {true}});
  process().call_ = process().call_.within(seconds{5});
  expect_outcome(process().reconcile(), IncidentState::rolled_back);
  EXPECT_EQ(connector().effects(), (Strings{"apply p1.0", "undo p1.0"}));
  EXPECT_NE(incident().reason.find("time limit"), std::string::npos);
}

TEST_F(Remediation, WithoutItsCommandAJobIsNotRunAndWhatWasDoneIsUndone) {
  begin(1, {0}, {.run_results = {true}});
  FailPoints points;
  ASSERT_TRUE(FailPoints::configure(points, "step_after_outcome=error"));
  Process first(store_, world_, {}, "process-0", &points);
  ASSERT_FALSE(first.reconcile());
  ASSERT_EQ(step_states(), "applied pending");
  process().job_.command.clear();
  expect_outcome(process().reconcile(), IncidentState::rolled_back);
  EXPECT_EQ(connector().effects(), (Strings{"undo p1.0"}));
}

TEST_F(Remediation, FailuresThatJoinMeanwhileAreKept) {
  begin(1, {0}, {.run_results = {true}});
  connector().script().before = [&](const std::string& call) {
    if (call != "apply p1.0") return;
    ASSERT_TRUE(store_.write([](StoreTransaction& tx) -> Result<void> {
      MEND_TRY(auto incident, tx.incident(IncidentId("i1")));
      ++incident->occurrences;
      incident->last_event = EventId("e2");
      incident->last_run = RunId("r2");
      incident->error_text = "the newer text";
      return tx.put_incident(*incident);
    }));
  };
  expect_outcome(process().reconcile(), IncidentState::healed);
  EXPECT_EQ(incident().occurrences, 2U);
  EXPECT_EQ(incident().last_event, EventId("e2"));
  EXPECT_EQ(incident().last_run, RunId("r2"));
  EXPECT_EQ(incident().error_text, "the newer text");
}

TEST_F(Remediation, APersonsRollbackUndoesAHealedRepair) {
  begin(2, {0}, {.run_results = {true}});
  expect_outcome(process().reconcile(), IncidentState::healed);
  Process later(store_, world_, {}, "process-2");
  const auto outcome = later.roll_back();
  expect_outcome(outcome, IncidentState::rolled_back);
  EXPECT_EQ(later.connector_.effects(), (Strings{"undo p1.1", "undo p1.0"}));
  EXPECT_EQ(world_.settings.at("a"), "old");
  EXPECT_EQ(incident().reason, "ann asked for it");
  EXPECT_FALSE(later.roll_back()) << "nothing is left to undo";
}

TEST_F(Remediation, ARollbackOfNothingIsRefused) {
  begin(0, {0}, {.run_results = {true}});
  expect_outcome(process().reconcile(), IncidentState::healed);
  const auto outcome = process().roll_back();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(incident().state, IncidentState::healed);
}

class Told final : public RemediationObserver {
 public:
  void incident_moved(const Incident& incident) override { lines.push_back("incident " + std::string(to_string(incident.state))); }
  void step_moved(const Step& step) override { lines.push_back(step.id.str() + " " + std::string(to_string(step.state))); }
  void run_ended(const Run& run) override { lines.push_back(run.succeeded ? "run ok" : "run failed"); }
  Strings lines;
};

TEST_F(Remediation, TheObserverIsToldOfEveryMove) {
  begin(1, {0}, {.run_results = {true}});
  Told told;
  ASSERT_TRUE(process().reconciler(&told).reconcile(process().stored(), process().job_, connector(), process().call_));
  EXPECT_EQ(told.lines, (Strings{"incident executing", "p1.0 started", "p1.0 applied", "incident verifying", "p1.1 started",
                                 "incident healed", "p1.1 applied", "run ok"}));
}

TEST_F(Remediation, AnIncidentWithoutAPlanIsRefused) {
  begin(1, {0}, {});
  RemediationState state = process().stored();
  state.plan.reset();
  EXPECT_FALSE(process().reconciler().reconcile(state, process().job_, connector(), process().call_));
  EXPECT_TRUE(actions().empty());
}

}  // namespace
}  // namespace mend
