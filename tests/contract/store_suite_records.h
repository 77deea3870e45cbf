// Each kind of record: written, read back in full, listed in order.
#pragma once

#include "contract/store_suite.h"

namespace mend {

using namespace store_suite;

TEST_P(StoreSuite, AnEmptyStoreAnswersEveryQuestionWithNothing) {
  EXPECT_FALSE(got(store().event(EventId("x"))));
  EXPECT_EQ(got(store().event_count()), 0U);
  EXPECT_FALSE(got(store().incident(IncidentId("x"))));
  EXPECT_FALSE(got(store().open_incident(JobId("x"), Fingerprint("y"))));
  EXPECT_TRUE(got(store().incidents({})).empty());
  EXPECT_TRUE(got(store().unfinished_incidents()).empty());
  EXPECT_TRUE(got(store().incident_counts()).empty());
  EXPECT_TRUE(got(store().jobs(10)).empty());
  EXPECT_FALSE(got(store().job(JobId("x"))));
  EXPECT_TRUE(got(store().runs(JobId("x"), 10)).empty());
  EXPECT_TRUE(got(store().diagnoses(IncidentId("x"))).empty());
  EXPECT_TRUE(got(store().decisions(IncidentId("x"))).empty());
  EXPECT_FALSE(got(store().plan(PlanId("x"))));
  EXPECT_TRUE(got(store().plans(IncidentId("x"))).empty());
  EXPECT_TRUE(got(store().approvals(IncidentId("x"))).empty());
  EXPECT_EQ(got(store().plans_since(JobId("x"), at(0))), 0U);
  EXPECT_TRUE(got(store().cases(10)).empty());
  EXPECT_TRUE(got(store().runbooks()).empty());
  EXPECT_TRUE(got(store().vectors("m")).empty());
  EXPECT_FALSE(got(store().vector_graph("m")));
  EXPECT_TRUE(got(store().strategy_statistics()).empty());
  EXPECT_TRUE(got(store().controls()).pauses.empty());
  EXPECT_TRUE(got(store().audit({})).empty());
  EXPECT_FALSE(got(store().setting("x")));
  EXPECT_TRUE(got(store().verify_audit()).intact);
  EXPECT_TRUE(store().check_integrity());
}

TEST_P(StoreSuite, AnEventComesBackWithEveryField) {
  Event event = make_event("e1");
  event.error_message += std::string("\0 and bytes \xff\xfe", 14);
  bool added = false;
  write([&](StoreTransaction& t) -> Result<void> {
    MEND_TRY(added, t.add_event(event));
    return {};
  });
  EXPECT_TRUE(added);
  reopen();
  const auto found = got(store().event(EventId("e1")));
  ASSERT_TRUE(found);
  EXPECT_EQ(all_fields(*found), all_fields(event));
  EXPECT_EQ(found->error_message, event.error_message);
  EXPECT_EQ(found->context.other.at("exit_code"), "not a number");
}

TEST_P(StoreSuite, ARepeatedEventIdChangesNothing) {
  std::vector<bool> added;
  Event other = make_event("e1", "another job", EventStatus::succeeded, 50);
  other.error_message = "other";
  for (const Event& event : {make_event("e1"), make_event("e1"), other})
    write([&](StoreTransaction& t) -> Result<void> {
      MEND_TRY(const bool is_new, t.add_event(event));
      added.push_back(is_new);
      return {};
    });
  EXPECT_EQ(added, (std::vector<bool>{true, false, false}));
  EXPECT_EQ(got(store().event_count()), 1U);
  EXPECT_EQ(all_fields(*got(store().event(EventId("e1")))), all_fields(make_event("e1")));
  EXPECT_FALSE(got(store().job(JobId("another job"))));
  EXPECT_EQ(got(store().job(JobId("nightly")))->failures, 1U);
}

TEST_P(StoreSuite, AJobIsSummedUpFromItsEventsIncidentsAndSpecification) {
  write([&](StoreTransaction& t) -> Result<void> {
    MEND_CHECK(t.add_event(make_event("e1", "a", EventStatus::failed, 10)));
    MEND_CHECK(t.add_event(make_event("e2", "a", EventStatus::succeeded, 20)));
    MEND_CHECK(t.add_event(make_event("late", "a", EventStatus::failed, 5)));
    MEND_CHECK(t.add_event(make_event("e3", "b", EventStatus::started, 30)));
    MEND_CHECK(t.put_incident(make_incident("i1", "a", "f1")));
    Incident closed = make_incident("i2", "a", "f2");
    closed.state = IncidentState::healed;
    return t.put_incident(closed);
  });
  write([&](StoreTransaction& t) -> Result<void> {
    MEND_CHECK(t.add_event(make_event("e4", "a", EventStatus::failed, 15)));
    return {};
  });
  write([&](StoreTransaction& t) { return t.put_job(make_job("c")); });
  const auto a = got(store().job(JobId("a")));
  ASSERT_TRUE(a);
  EXPECT_EQ(a->failures, 3U);
  EXPECT_EQ(a->last_status, EventStatus::succeeded);  // the newest by its own time, not the last to arrive
  EXPECT_EQ(a->last_event_at, at(20));
  EXPECT_EQ(a->open_incidents, 1U);
  EXPECT_EQ(a->platform, "airflow");
  EXPECT_FALSE(a->spec);
  const auto c = got(store().job(JobId("c")));
  ASSERT_TRUE(c && c->spec);
  EXPECT_EQ(all_fields(*c->spec), all_fields(make_job("c")));
  EXPECT_FALSE(c->last_status);
  EXPECT_EQ(ids(got(store().jobs(10))), "b a c");  // heard of last comes first
  EXPECT_EQ(ids(got(store().jobs(1))), "b");
  EXPECT_EQ(got(store().event_count()), 5U);
}

TEST_P(StoreSuite, AnIncidentComesBackWithEveryFieldAndIsReplacedById) {
  const Incident first = make_incident("i1");
  put_incidents({first});
  EXPECT_EQ(all_fields(*got(store().incident(first.id))), all_fields(first));
  Incident second = first;
  second.state = IncidentState::planned;
  second.occurrences = 9;
  second.owner.clear();
  second.fence = 8;
  second.strategies_tried.clear();
  put_incidents({second});
  reopen();
  EXPECT_EQ(all_fields(*got(store().incident(first.id))), all_fields(second));
  EXPECT_EQ(got(store().incidents({})).size(), 1U);
}

TEST_P(StoreSuite, EveryStateOfAnIncidentIsKept) {
  std::vector<Incident> all;
#define STATE(name)                         \
  all.push_back(make_incident("i-" #name)); \
  all.back().state = IncidentState::name;
#include "model/incident_states.def"
  put_incidents(all);
  for (const Incident& incident : all) {
    EXPECT_EQ(got(store().incident(incident.id))->state, incident.state);
    EXPECT_EQ(ids(got(store().incidents(where(incident.state)))), incident.id.str());
    EXPECT_EQ(got(store().incident_counts()).at(std::string(to_string(incident.state))), 1U);
  }
  std::string unfinished;
  for (const Incident& incident : all)
    if (is_active(incident.state) || incident.state == IncidentState::planned)
      unfinished += (unfinished.empty() ? "" : " ") + incident.id.str();
  EXPECT_EQ(ids(got(store().unfinished_incidents())), unfinished);
  EXPECT_EQ(got(store().incidents(where(std::nullopt, JobId(), true))).size(), all.size() - 2);
  EXPECT_TRUE(got(store().incidents(where(IncidentState::healed, JobId(), true))).empty());
}

TEST_P(StoreSuite, TheOpenIncidentIsTheNewestOneThatIsNotClosed) {
  auto old = make_incident("old", "nightly", "f1", 10), newest = make_incident("new", "nightly", "f1", 20),
       closed = make_incident("closed", "nightly", "f1", 30);
  closed.state = IncidentState::resolved;
  put_incidents({newest, old, closed, make_incident("other", "nightly", "f2", 40), make_incident("elsewhere", "weekly", "f1", 50)});
  EXPECT_EQ(got(store().open_incident(JobId("nightly"), Fingerprint("f1")))->id.str(), "new");
  newest.state = IncidentState::healed;
  put_incidents({newest});
  EXPECT_EQ(got(store().open_incident(JobId("nightly"), Fingerprint("f1")))->id.str(), "old");
  old.state = IncidentState::suppressed;
  put_incidents({old});
  EXPECT_EQ(got(store().open_incident(JobId("nightly"), Fingerprint("f1")))->id.str(), "old");
  old.state = IncidentState::healed;
  put_incidents({old});
  EXPECT_FALSE(got(store().open_incident(JobId("nightly"), Fingerprint("f1"))));
}

TEST_P(StoreSuite, IncidentsAreListedNewestFirstThroughEveryFilter) {
  auto a = make_incident("a", "j1", "f", 10), b = make_incident("b", "j2", "f", 30), c = make_incident("c", "j1", "f", 20),
       d = make_incident("d", "j1", "f", 20);
  b.state = IncidentState::healed;
  d.state = IncidentState::escalated;
  put_incidents({a, b, c, d});
  EXPECT_EQ(ids(got(store().incidents({}))), "b d c a");  // of one moment, the later one written is the newer
  EXPECT_EQ(ids(got(store().incidents(where(std::nullopt, JobId(), false, 2)))), "b d");
  EXPECT_EQ(ids(got(store().incidents(where(std::nullopt, JobId(), true)))), "d c a");
  EXPECT_EQ(ids(got(store().incidents(where(std::nullopt, JobId("j1"))))), "d c a");
  EXPECT_EQ(ids(got(store().incidents(where(std::nullopt, JobId("j2"), true)))), "");
  EXPECT_EQ(ids(got(store().incidents(where(IncidentState::open)))), "c a");
  EXPECT_EQ(ids(got(store().incidents(where(IncidentState::open, JobId("j1"), false, 1)))), "c");
  EXPECT_EQ(ids(got(store().incidents(where(IncidentState::escalated, JobId("j2"))))), "");
}

TEST_P(StoreSuite, RunsAreListedNewestFirstAndReplacedById) {
  const mend::Run first = make_run("r1", "nightly", 10);
  mend::Run second = make_run("r2", "nightly", 20);
  second.ended_at.reset();
  second.exit_code.reset();
  second.oom_killed.reset();
  write([&](StoreTransaction& t) -> Result<void> {
    MEND_CHECK(t.put_run(second));
    MEND_CHECK(t.put_run(first));
    return t.put_run(make_run("r3", "weekly", 30));
  });
  const auto runs = got(store().runs(JobId("nightly"), 10));
  ASSERT_EQ(ids(runs), "r2 r1");
  EXPECT_EQ(all_fields(runs[0]), all_fields(second));
  EXPECT_EQ(all_fields(runs[1]), all_fields(first));
  second.ended_at = at(25);
  second.signal = 9;
  write([&](StoreTransaction& t) { return t.put_run(second); });
  EXPECT_EQ(all_fields(got(store().runs(JobId("nightly"), 1)).at(0)), all_fields(second));
}

TEST_P(StoreSuite, DiagnosesDecisionsAndApprovalsAreListedOldestFirst) {
  put_incidents({make_incident("i1"), make_incident("i2")});
  Decision decision{
      IncidentId("i1"), Verdict::assist, "update_schema_and_retry", {{"tier.assist", "needs_approval", "confidence 0.6"}}, at(5)};
  const Approval no{IncidentId("i1"), "h1", false, "ann", "not now", at(6), at(60)};
  const Approval yes{IncidentId("i1"), "h1", true, "bob", "", at(7), at(61)};
  write([&](StoreTransaction& t) -> Result<void> {
    MEND_CHECK(t.add_diagnosis(make_diagnosis("i1")));
    MEND_CHECK(t.add_diagnosis(make_diagnosis("i2")));
    MEND_CHECK(t.add_diagnosis(make_diagnosis("i1", ErrorType::unknown_error)));
    MEND_CHECK(t.add_decision(decision));
    MEND_CHECK(t.add_approval(no));
    return t.add_approval(yes);
  });
  reopen();
  const auto diagnoses = got(store().diagnoses(IncidentId("i1")));
  ASSERT_EQ(diagnoses.size(), 2U);
  EXPECT_EQ(all_fields(diagnoses[0]), all_fields(make_diagnosis("i1")));
  EXPECT_EQ(diagnoses[1].type, ErrorType::unknown_error);
  const auto decisions = got(store().decisions(IncidentId("i1")));
  ASSERT_EQ(decisions.size(), 1U);
  EXPECT_EQ(all_fields(decisions[0]), all_fields(decision));
  const auto approvals = got(store().approvals(IncidentId("i1")));
  ASSERT_EQ(approvals.size(), 2U);
  EXPECT_EQ(all_fields(approvals[0]), all_fields(no));
  EXPECT_EQ(all_fields(approvals[1]), all_fields(yes));
}

TEST_P(StoreSuite, APlanComesBackWithItsStepsInOrder) {
  put_incidents({make_incident("i1")});
  Plan plan = make_plan("p1", "i1");
  Plan shuffled = plan;
  std::swap(shuffled.steps[0], shuffled.steps[1]);
  write([&](StoreTransaction& t) -> Result<void> {
    MEND_CHECK(t.put_plan(shuffled));
    return t.put_plan(make_plan("p2", "i1"));
  });
  EXPECT_EQ(all_fields(*got(store().plan(plan.id))), all_fields(plan));
  EXPECT_EQ(ids(got(store().plans(IncidentId("i1")))), "p1 p2");

  plan.steps[0].state = StepState::applied;
  plan.steps[0].outcome = "added";
  write([&](StoreTransaction& t) { return t.put_step(plan.steps[0]); });
  reopen();
  EXPECT_EQ(all_fields(*got(store().plan(plan.id))), all_fields(plan));

  plan.steps.pop_back();
  write([&](StoreTransaction& t) { return t.put_plan(plan); });
  EXPECT_EQ(all_fields(*got(store().plan(plan.id))), all_fields(plan));
  const auto unknown = store().write([](StoreTransaction& t) { return t.put_step(make_step("nowhere", "p1", 0)); });
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, ErrorKind::not_found);
}

TEST_P(StoreSuite, APlanCountsOnceItsFirstStepLeftPending) {
  put_incidents({make_incident("i1")});
  Plan plan = make_plan("p1", "i1");
  write([&](StoreTransaction& t) -> Result<void> {
    MEND_CHECK(t.put_plan(plan));
    return t.put_plan(make_plan("p2", "i1"));
  });
  EXPECT_EQ(got(store().plans_since(JobId("nightly"), at(0))), 0U);  // both only planned
  Step step = plan.steps[0];
  step.state = StepState::started;
  step.changed_at = at(100);
  write([&](StoreTransaction& t) { return t.put_step(step); });
  EXPECT_EQ(got(store().plans_since(JobId("nightly"), at(100))), 1U);
  EXPECT_EQ(got(store().plans_since(JobId("nightly"), at(101))), 0U);
  EXPECT_EQ(got(store().plans_since(JobId("weekly"), at(0))), 0U);
  step.state = StepState::undone;  // much later: it did not begin again
  step.changed_at = at(1000);
  write([&](StoreTransaction& t) { return t.put_step(step); });
  EXPECT_EQ(got(store().plans_since(JobId("nightly"), at(101))), 0U);
  EXPECT_EQ(got(store().plans_since(JobId("nightly"), at(100))), 1U);
}

TEST_P(StoreSuite, WhatBelongsToAnIncidentOrPlanNeedsIt) {
  const std::vector<Store::Work> orphans = {
      [](StoreTransaction& t) { return t.add_diagnosis(make_diagnosis("none")); },
      [](StoreTransaction& t) { return t.add_decision(Decision{IncidentId("none"), Verdict::escalate, {}, {}, {}}); },
      [](StoreTransaction& t) { return t.add_approval(Approval{IncidentId("none"), {}, false, {}, {}, {}, {}}); },
      [](StoreTransaction& t) { return t.put_plan(make_plan("p", "none")); },
  };
  for (const auto& orphan : orphans) {
    const auto done = store().write(orphan);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::invalid_input) << done.error().message;
  }
}

TEST_P(StoreSuite, CasesAreListedNewestFirstAndReplacedById) {
  write([&](StoreTransaction& t) -> Result<void> {
    MEND_CHECK(t.put_case(make_case("c1", 10)));
    MEND_CHECK(t.put_case(make_case("c2", 30)));
    return t.put_case(make_case("c3", 20));
  });
  Case changed = make_case("c1", 10);
  changed.success = false;
  write([&](StoreTransaction& t) { return t.put_case(changed); });
  const auto cases = got(store().cases(10));
  ASSERT_EQ(ids(cases), "c2 c3 c1");
  EXPECT_EQ(all_fields(cases[0]), all_fields(make_case("c2", 30)));
  EXPECT_EQ(all_fields(cases[2]), all_fields(changed));
  EXPECT_EQ(ids(got(store().cases(1))), "c2");
  EXPECT_TRUE(got(store().has_case(CaseId("c1"))));
  EXPECT_FALSE(got(store().has_case(CaseId("c9"))));
  EXPECT_FALSE(store().write([](StoreTransaction& t) { return t.put_case(Case{}); }));
}

TEST_P(StoreSuite, ACaseIsRemovedById) {
  write([](StoreTransaction& t) -> Result<void> {
    MEND_CHECK(t.put_case(make_case("c1", 10)));
    return t.put_case(make_case("c2", 20));
  });
  std::vector<bool> removed;
  write([&](StoreTransaction& t) -> Result<void> {
    for (const char* id : {"c1", "c1", "c9"}) {
      MEND_TRY(const bool was, t.remove_case(CaseId(id)));
      removed.push_back(was);
    }
    return {};
  });
  EXPECT_EQ(removed, (std::vector<bool>{true, false, false}));
  EXPECT_EQ(ids(got(store().cases(10))), "c2");
}

TEST_P(StoreSuite, RunbooksAreListedByIdReplacedAndRemoved) {
  write([](StoreTransaction& t) -> Result<void> {
    MEND_CHECK(t.put_runbook({"b", "B", "text"}, at(1)));
    MEND_CHECK(t.put_runbook({"a", "A", "old"}, at(2)));
    return t.put_runbook({"a", "A2", "new"}, at(3));
  });
  reopen();
  const auto runbooks = got(store().runbooks());
  ASSERT_EQ(runbooks.size(), 2U);
  EXPECT_EQ(runbooks[0].id, "a");
  EXPECT_EQ(runbooks[0].title, "A2");
  EXPECT_EQ(runbooks[0].text, "new");
  std::vector<bool> removed;
  write([&](StoreTransaction& t) -> Result<void> {
    for (const char* id : {"a", "a"}) {
      MEND_TRY(const bool was, t.remove_runbook(id));
      removed.push_back(was);
    }
    return {};
  });
  EXPECT_EQ(removed, (std::vector<bool>{true, false}));
  EXPECT_EQ(got(store().runbooks()).size(), 1U);
  EXPECT_FALSE(store().write([](StoreTransaction& t) { return t.put_runbook({"", "T", "text"}, at(1)); }));
  EXPECT_FALSE(store().write([](StoreTransaction& t) { return t.put_runbook({"id", "T", ""}, at(1)); }));
}

TEST_P(StoreSuite, VectorsAreKeptByKeyAndModel) {
  const std::string bytes("\0\xff'\0", 4);
  write([&](StoreTransaction& t) -> Result<void> {
    MEND_CHECK(t.put_vector("m1", {7, "old"}));
    MEND_CHECK(t.put_vector("m1", {7, bytes}));
    MEND_CHECK(t.put_vector("m1", {0xffff'ffff'ffff'fff0U, "high"}));
    return t.put_vector("m2", {8, "other"});
  });
  reopen();
  const auto vectors = got(store().vectors("m1"));
  ASSERT_EQ(vectors.size(), 2U);
  EXPECT_EQ(vectors[0].key, 0xffff'ffff'ffff'fff0U) << "keys are SQL's integers, which are signed";
  EXPECT_EQ(vectors[1].key, 7U);
  EXPECT_EQ(vectors[1].bytes, bytes);
  EXPECT_EQ(got(store().vectors("m2")).size(), 1U);
  write([](StoreTransaction& t) -> Result<void> {
    MEND_CHECK(t.remove_vector(7));
    MEND_CHECK(t.remove_vector(99));
    return t.put_vector("m2", {0xffff'ffff'ffff'fff0U, "made again"});
  });
  EXPECT_TRUE(got(store().vectors("m1")).empty());
  EXPECT_EQ(got(store().vectors("m2")).size(), 2U);
}

TEST_P(StoreSuite, TheVectorsIndexIsOneAndOfItsModel) {
  std::string large;
  for (std::size_t i = 0; i < (9U << 20U); ++i) large += char(i * 31 % 251);
  write([&](StoreTransaction& t) -> Result<void> {
    MEND_CHECK(t.put_vector("m1", {1, "one"}));
    MEND_CHECK(t.put_vector_graph("m1", "small"));
    return t.put_vector_graph("m1", large);
  });
  reopen();
  EXPECT_TRUE(got(store().vector_graph("m1")) == large);
  EXPECT_FALSE(got(store().vector_graph("m2")));
  write([](StoreTransaction& t) { return t.remove_vectors_but("m2"); });
  EXPECT_FALSE(got(store().vector_graph("m1")));
  EXPECT_TRUE(got(store().vectors("m1")).empty());
  EXPECT_FALSE(store().write([](StoreTransaction& t) -> Result<void> {
    MEND_CHECK(t.put_vector("m2", {2, "two"}));
    return fail(ErrorKind::internal, "undone");
  }));
  EXPECT_TRUE(got(store().vectors("m2")).empty());
}

TEST_P(StoreSuite, StrategiesAreCountedPerErrorType) {
  for (const bool helped : {true, false, true})
    write([&](StoreTransaction& t) { return t.count_strategy("retry", ErrorType::network_timeout, helped); });
  write([&](StoreTransaction& t) { return t.count_strategy("retry", ErrorType::quota_exceeded, false); });
  const auto statistics = got(store().strategy_statistics());
  ASSERT_EQ(statistics.size(), 2U);
  EXPECT_EQ(statistics[0].error_type, ErrorType::network_timeout);
  EXPECT_EQ(statistics[0].tried, 3U);
  EXPECT_EQ(statistics[0].helped, 2U);
  EXPECT_EQ(statistics[1].tried, 1U);
  EXPECT_EQ(statistics[1].helped, 0U);
}

TEST_P(StoreSuite, PausesAreSetReplacedAndRemoved) {
  std::vector<bool> removed;
  const auto remove = [&](const char* scope, const char* name) {
    write([&](StoreTransaction& t) -> Result<void> {
      MEND_TRY(const bool was, t.remove_pause(scope, name));
      removed.push_back(was);
      return {};
    });
  };
  write([&](StoreTransaction& t) -> Result<void> {
    MEND_CHECK(t.put_pause({"global", "", "ann", "deploy", at(1)}));
    MEND_CHECK(t.put_pause({"job", "nightly", "ann", "", at(2)}));
    return t.put_pause({"job", "nightly", "bob", "moving", at(3)});
  });
  const auto controls = got(store().controls());
  ASSERT_EQ(controls.pauses.size(), 2U);
  ASSERT_TRUE(controls.find("global"));
  ASSERT_TRUE(controls.find("job", "nightly"));
  EXPECT_EQ(all_fields(*controls.find("job", "nightly")), all_fields(Pause{"job", "nightly", "bob", "moving", at(3)}));
  remove("job", "nightly");
  remove("job", "nightly");
  EXPECT_EQ(removed, (std::vector<bool>{true, false}));
  EXPECT_EQ(got(store().controls()).pauses.size(), 1U);
}

TEST_P(StoreSuite, SettingsAreSetAndReplaced) {
  write([](StoreTransaction& t) -> Result<void> {
    MEND_CHECK(t.put_setting("a", "1"));
    MEND_CHECK(t.put_setting("a", "2"));
    return t.put_setting("empty", "");
  });
  reopen();
  EXPECT_EQ(got(store().setting("a")), "2");
  EXPECT_EQ(got(store().setting("empty")), "");
  EXPECT_FALSE(got(store().setting("b")));
}

}  // namespace mend
