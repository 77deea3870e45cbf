#include "ingest/intake.h"

#include <gtest/gtest.h>

#include "fakes/memory_store.h"

namespace mend {
namespace {

// Says network_timeout; the fingerprint is the text's first word.
class FakeDiagnoser final : public Diagnoser {
 public:
  Diagnosis diagnose(const DiagnosisRequest& request) override {
    texts.emplace_back(request.text);
    Diagnosis d;
    if (knows_all) d.path = "cached";
    if (request.thorough) {
      ++thorough;
      d.facts = {{"host", "x", 0}};
    }
    d.type = ErrorType::network_timeout;
    d.confidence = 0.8;
    d.cause = "read_timeout";
    d.strategy = "retry_with_exponential_backoff";
    d.fingerprint = fingerprint(request);
    d.evidence = {
        {EvidenceKind::similar_case, "c1", "", 0.5}, {EvidenceKind::runbook, "r1", "", 0.5}, {EvidenceKind::similar_case, "c2", "", 0.4}};
    return d;
  }
  Fingerprint fingerprint(const DiagnosisRequest& request) override {
    return Fingerprint(std::string(request.text.substr(0, request.text.find(' '))));
  }
  std::vector<std::string> texts;
  bool knows_all = false;
  int thorough = 0;
};

std::string replace_all(std::string text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) text.replace(at, what.size(), with);
  return text;
}

// A redactor in small: one known secret, and whatever stands behind "password=".
std::string redact(std::string_view text) {
  std::string out = replace_all(std::string(text), "hunter2", "<secret>");
  if (const auto at = out.find("password="); at != std::string::npos) out = out.substr(0, at + 9) + "<secret>";
  return out;
}

// Keeps names apart by their length, which is enough here.
std::string redact_id(std::string_view name) {
  std::string out = redact(name);
  if (out != name) out += "-" + std::to_string(name.size());
  return out;
}

class Intake : public ::testing::Test {
 protected:
  Event failure(const std::string& id, const std::string& text = "timeout x", const std::string& job = "nightly") {
    Event event;
    event.id = EventId(id);
    event.job = JobId(job);
    event.run = RunId("run-" + id);
    event.platform = "airflow";
    event.error_message = text;
    event.timestamp = WallTime{std::chrono::seconds{1'770'000'000}};
    return event;
  }
  Result<IntakeResult> take(const std::vector<Event>& events) {
    std::vector<PreparedEvent> prepared;
    for (const Event& event : events) prepared.push_back(intake_.prepare(event));
    return intake_.commit(prepared);
  }
  std::vector<Incident> incidents() { return store_.incidents({}).value(); }

  MemoryStore store_;
  FakeDiagnoser diagnoser_;
  ManualClock clock_;
  SeededRandom random_{3};
  FailPoints points_;
  EventIntake intake_{{store_, diagnoser_, redact, redact_id, clock_, random_, points_, "process-1"}};
};

TEST_F(Intake, WhatOpensAnIncidentIsLookedAtThoroughlyThoughItsTextIsKnown) {
  diagnoser_.knows_all = true;
  ASSERT_TRUE(take({failure("e1"), failure("e2"), failure("e3")}));
  EXPECT_EQ(diagnoser_.thorough, 1) << "once for the incident, not for those that join it";
  const auto kept = store_.diagnoses(incidents().at(0).id).value();
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].facts.size(), 1U);
}

TEST_F(Intake, ATextThatWillBeShortenedIsLookedAtThoroughlyAtOnce) {
  diagnoser_.knows_all = true;
  const PreparedEvent prepared = intake_.prepare(failure("e1", "timeout " + std::string(kMostStoredErrorBytes, 'x')));
  EXPECT_EQ(prepared.diagnosis->facts.size(), 1U);
}

TEST_F(Intake, NamesLoseTheirSecretsAndStayApart) {
  Event first = failure("hunter2-1", "timeout x", "load-hunter2"), second = failure("e2", "timeout x", "load-for-hunter2");
  first.run = RunId("run-hunter2");
  first.platform = "hunter2";
  first.job_type = "password=abc";
  ASSERT_TRUE(take({first, second}));
  ASSERT_TRUE(take({first}));
  const auto stored = store_.event(EventId("<secret>-1-9")).value();
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->job.str(), "load-<secret>-12");
  EXPECT_EQ(stored->run.str(), "run-<secret>-11");
  EXPECT_EQ(stored->platform, "<secret>");
  EXPECT_EQ(stored->job_type, "password=<secret>");
  EXPECT_EQ(incidents().size(), 2U) << "two jobs stay two jobs, and the same event id is still a repeated one";
}

TEST_F(Intake, AFailureBecomesADiagnosedIncident) {
  const auto taken = take({failure("e1")});
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->accepted, 1U);
  EXPECT_EQ(taken->duplicates, 0U);
  ASSERT_EQ(taken->new_incidents.size(), 1U);
  const Incident incident = store_.incident(taken->new_incidents[0]).value().value();
  EXPECT_EQ(incident.state, IncidentState::diagnosed);
  EXPECT_EQ(incident.job, JobId("nightly"));
  EXPECT_EQ(incident.fingerprint, Fingerprint("timeout"));
  EXPECT_EQ(incident.occurrences, 1U);
  EXPECT_EQ(incident.first_event, EventId("e1"));
  EXPECT_EQ(incident.last_run, RunId("run-e1"));
  EXPECT_EQ(incident.error_text, "timeout x");
  EXPECT_EQ(incident.opened_at, clock_.now());
  const auto diagnoses = store_.diagnoses(incident.id).value();
  ASSERT_EQ(diagnoses.size(), 1U);
  EXPECT_EQ(diagnoses[0].incident, incident.id);
  EXPECT_EQ(store_.event(EventId("e1")).value()->received, clock_.now());
}

TEST_F(Intake, EveryEventAndDiagnosisLeavesAnAuditRecord) {
  ASSERT_TRUE(take({failure("e1")}));
  const auto records = store_.audit({}).value();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[1].action, "event.accepted");
  EXPECT_EQ(records[0].action, "diagnosis.made");
  EXPECT_EQ(records[0].error_type, "network_timeout");
  EXPECT_EQ(records[0].confidence, 0.8);
  EXPECT_TRUE(records[0].rag_enhanced);
  EXPECT_EQ(records[0].similar_cases_found, 2);
}

TEST_F(Intake, ARepeatedEventIdChangesNothing) {
  ASSERT_TRUE(take({failure("e1")}));
  const auto before = store_.state();
  clock_.advance(std::chrono::hours{1});
  Event other = failure("e1", "another text", "another job");
  for (const auto& events : {std::vector{failure("e1")}, std::vector{other}, std::vector{failure("e1"), failure("e1")}}) {
    const auto taken = take(events);
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->accepted, 0U);
    EXPECT_EQ(taken->duplicates, events.size());
    EXPECT_TRUE(taken->new_incidents.empty());
  }
  EXPECT_EQ(store_.state().audit.size(), before.audit.size());
  EXPECT_EQ(incidents()[0].occurrences, 1U);
  EXPECT_EQ(incidents()[0].updated_at, incidents()[0].opened_at);
  EXPECT_EQ(incidents().size(), 1U);
}

TEST_F(Intake, RepeatsInsideOneBatchCountOnce) {
  const auto taken = take({failure("e1"), failure("e1"), failure("e2")});
  EXPECT_EQ(taken->accepted, 2U);
  EXPECT_EQ(taken->duplicates, 1U);
  EXPECT_EQ(incidents()[0].occurrences, 2U);
}

TEST_F(Intake, FailuresOfOneJobAndCauseJoinOneIncident) {
  ASSERT_TRUE(take({failure("e1"), failure("e2", "timeout again"), failure("e3", "denied x"), failure("e4", "timeout x", "weekly")}));
  ASSERT_TRUE(take({failure("e5", "timeout later")}));
  std::map<std::string, std::uint64_t> counts;
  for (const Incident& incident : incidents()) counts[incident.job.str() + "/" + incident.fingerprint.str()] = incident.occurrences;
  EXPECT_EQ(counts, (std::map<std::string, std::uint64_t>{{"nightly/timeout", 3}, {"nightly/denied", 1}, {"weekly/timeout", 1}}));
  const Incident joined = store_.open_incident(JobId("nightly"), Fingerprint("timeout")).value().value();
  EXPECT_EQ(joined.first_event, EventId("e1"));
  EXPECT_EQ(joined.last_event, EventId("e5"));
  EXPECT_EQ(joined.error_text, "timeout later");
  EXPECT_EQ(store_.diagnoses(joined.id)->size(), 1U) << "one diagnosis for one incident";
}

TEST_F(Intake, AClosedIncidentIsNotJoined) {
  ASSERT_TRUE(take({failure("e1")}));
  Incident closed = incidents()[0];
  for (const IncidentState state : {IncidentState::healed, IncidentState::resolved}) {
    closed.state = state;
    ASSERT_TRUE(store_.write([&](StoreTransaction& tx) { return tx.put_incident(closed); }));
    const auto taken = take({failure("again-" + std::string(to_string(state)))});
    ASSERT_EQ(taken->new_incidents.size(), 1U);
    EXPECT_NE(taken->new_incidents[0], closed.id);
    closed = store_.incident(taken->new_incidents[0]).value().value();
  }
}

TEST_F(Intake, AnOpenIncidentIsJoinedInWhateverStateItIsAndStaysInIt) {
  ASSERT_TRUE(take({failure("e1")}));
  Incident incident = incidents()[0];
  std::uint64_t expected = 1;
  for (const IncidentState state :
       {IncidentState::escalated, IncidentState::executing, IncidentState::awaiting_approval, IncidentState::suppressed}) {
    incident = incidents()[0];
    incident.state = state;
    incident.owner = "somebody";
    incident.fence = 7;
    ASSERT_TRUE(store_.write([&](StoreTransaction& tx) { return tx.put_incident(incident); }));
    const auto taken = take({failure("e-" + std::string(to_string(state)))});
    EXPECT_TRUE(taken->new_incidents.empty());
    ASSERT_EQ(incidents().size(), 1U);
    EXPECT_EQ(incidents()[0].state, state);
    EXPECT_EQ(incidents()[0].occurrences, ++expected);
    EXPECT_EQ(incidents()[0].owner, "somebody");
    EXPECT_EQ(incidents()[0].fence, 7U);
  }
}

Event success(Event event) {
  event.status = EventStatus::succeeded;
  event.error_message.clear();
  event.timestamp += std::chrono::seconds{1};
  return event;
}

TEST_F(Intake, ASuccessSettlesWhatIsOpenOfItsJobAndNotUnderRepair) {
  ASSERT_TRUE(take({failure("e1"), failure("e2", "denied x"), failure("e3", "full x"), failure("e4", "timeout x", "weekly")}));
  Incident repaired = store_.open_incident(JobId("nightly"), Fingerprint("full")).value().value();
  repaired.state = IncidentState::executing;
  ASSERT_TRUE(store_.write([&](StoreTransaction& tx) { return tx.put_incident(repaired); }));
  ASSERT_TRUE(take({success(failure("e5"))}));
  std::map<std::string, std::string> states;
  for (const Incident& incident : incidents()) states[incident.job.str() + "/" + incident.fingerprint.str()] = to_string(incident.state);
  EXPECT_EQ(states, (std::map<std::string, std::string>{{"nightly/timeout", "resolved"},
                                                        {"nightly/denied", "resolved"},
                                                        {"nightly/full", "executing"},
                                                        {"weekly/timeout", "diagnosed"}}));
  EXPECT_EQ(store_.audit({}).value().front().action, "incident.resolved");
}

TEST_F(Intake, ASuccessSettlesHoweverManyAreOpen) {
  std::vector<Event> many;
  for (int i = 0; i < 250; ++i) many.push_back(failure("e" + std::to_string(i), "cause" + std::to_string(i) + " x"));
  ASSERT_TRUE(take(many));
  ASSERT_TRUE(take({success(failure("good"))}));
  IncidentFilter open;
  open.open_only = true;
  open.limit = 1000;
  EXPECT_EQ(store_.incidents(open).value().size(), 0U);
}

TEST_F(Intake, OfOneBatchEachSuccessSettlesWhatCameBeforeIt) {
  const auto taken = take({failure("e1"), success(failure("e2")), failure("e3"), failure("e4")});
  ASSERT_EQ(taken->new_incidents.size(), 2U);
  EXPECT_EQ(store_.incident(taken->new_incidents[0]).value()->state, IncidentState::resolved);
  const Incident open = store_.incident(taken->new_incidents[1]).value().value();
  EXPECT_EQ(open.state, IncidentState::diagnosed);
  EXPECT_EQ(open.first_event, EventId("e3"));
  EXPECT_EQ(open.occurrences, 2U);
}

TEST_F(Intake, ALateMessageOfAnEarlierSuccessSettlesNothing) {
  ASSERT_TRUE(take({failure("e1")}));
  Event late = success(failure("e0"));
  late.timestamp -= std::chrono::hours{1};
  ASSERT_TRUE(take({late}));
  EXPECT_EQ(incidents()[0].state, IncidentState::diagnosed);
}

TEST_F(Intake, ARepeatedSuccessSettlesNothingThatCameAfterIt) {
  ASSERT_TRUE(take({success(failure("e1"))}));
  ASSERT_TRUE(take({failure("e2")}));
  ASSERT_TRUE(take({success(failure("e1"))}));
  EXPECT_EQ(incidents()[0].state, IncidentState::diagnosed);
}

TEST_F(Intake, OtherEventsAreJournalledAndOpenNothing) {
  for (const EventStatus status : {EventStatus::started, EventStatus::succeeded, EventStatus::cancelled}) {
    Event event = failure("e-" + std::string(to_string(status)));
    event.status = status;
    const auto taken = take({event});
    EXPECT_EQ(taken->accepted, 1U);
    EXPECT_TRUE(taken->new_incidents.empty());
  }
  EXPECT_TRUE(incidents().empty());
  EXPECT_TRUE(diagnoser_.texts.empty());
  EXPECT_EQ(store_.event_count().value(), 3U);
}

TEST_F(Intake, ABatchIsWrittenWholeOrNotAtAll) {
  store_.set_audit_fails(true);
  EXPECT_FALSE(take({failure("e1"), failure("e2")}));
  EXPECT_EQ(store_.event_count().value(), 0U);
  EXPECT_TRUE(incidents().empty());
  store_.set_audit_fails(false);
  const auto taken = take({failure("e1"), failure("e2")});
  EXPECT_EQ(taken->accepted, 2U) << "what was not acknowledged may be sent again";
}

TEST_F(Intake, AFailPointBeforeTheJournalLeavesNothingOneAfterItLosesNothing) {
  for (const char* const point : {"ingest_before_journal=error", "diagnosis_before_record=error"}) {
    ASSERT_TRUE(FailPoints::configure(points_, point));
    EXPECT_FALSE(take({failure("e1")})) << point;
    EXPECT_EQ(store_.event_count().value(), 0U) << point;
  }
  for (const char* const point : {"ingest_after_journal=error", "diagnosis_after_record=error"}) {
    ASSERT_TRUE(FailPoints::configure(points_, point));
    EXPECT_FALSE(take({failure(point, "timeout x", point)})) << point;
    EXPECT_TRUE(store_.event(EventId(point)).value()) << point;
    const auto again = take({failure(point, "timeout x", point)});
    EXPECT_EQ(again->duplicates, 1U) << "sent again because it was not acknowledged: nothing is doubled";
  }
}

TEST_F(Intake, NothingUnredactedReachesTheDiagnoserOrTheStore) {
  Event event = failure("e1", "timeout with hunter2");
  event.context.other = {{"note", "it is hunter2"}, {"password", "swordfish"}, {"hunter2", "as a name"}, {"pod", "a-1"}};
  const PreparedEvent prepared = intake_.prepare(event);
  EXPECT_EQ(prepared.event.error_message, "timeout with <secret>");
  EXPECT_EQ(prepared.event.context.other,
            (std::map<std::string, std::string>{
                {"note", "it is <secret>"}, {"password", "<secret>"}, {"<secret>", "as a name"}, {"pod", "a-1"}}));
  ASSERT_TRUE(intake_.commit({&prepared, 1}));
  EXPECT_EQ(diagnoser_.texts, (std::vector<std::string>{"timeout with <secret>"}));
  EXPECT_EQ(incidents()[0].error_text, "timeout with <secret>");
}

TEST_F(Intake, ALongTextIsDiagnosedWholeAndKeptShort) {
  ASSERT_TRUE(take({failure("e1", "timeout " + std::string(100'000, 'x') + " end")}));
  EXPECT_GT(diagnoser_.texts[0].size(), 100'000U);
  const Event kept = store_.event(EventId("e1")).value().value();
  EXPECT_LE(kept.error_message.size(), kMostStoredErrorBytes);
  EXPECT_TRUE(kept.error_message.starts_with("timeout x") && kept.error_message.ends_with("x end"));
  EXPECT_LE(incidents()[0].error_text.size(), kMostStoredErrorBytes);
}

TEST_F(Intake, AnEmptyBatchIsFine) {
  const auto taken = intake_.commit({});
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->accepted, 0U);
}

}  // namespace
}  // namespace mend
