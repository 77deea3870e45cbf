// Values with every field set, and comparisons of all fields by their JSON, for the store suite.
#pragma once

#include <boost/json.hpp>
#include <string>

#include "model/json.h"
#include "ports/store.h"

namespace mend::store_suite {

inline WallTime at(int seconds) { return WallTime{std::chrono::seconds{1'780'000'000 + seconds} + Duration{123'456}}; }

inline Event make_event(const std::string& id, const std::string& job = "nightly", EventStatus status = EventStatus::failed,
                        int seconds = 0) {
  Event event;
  event.id = EventId(id);
  event.job = JobId(job);
  event.run = RunId("run-" + id);
  event.job_type = "etl";
  event.platform = "airflow";
  event.status = status;
  event.error_message = "relation \"Käufe\" does not exist\nline 2 " + id;
  event.timestamp = at(seconds);
  event.received = at(seconds + 1);
  event.attempt = 2;
  event.context.exit_code = 137;
  event.context.oom_killed = false;
  event.context.other = {{"exit_code", "not a number"}, {"pod", "{\"name\":\"a\"}"}};
  return event;
}

inline Incident make_incident(const std::string& id, const std::string& job = "nightly", const std::string& fingerprint = "f1",
                              int seconds = 0) {
  Incident incident;
  incident.id = IncidentId(id);
  incident.job = JobId(job);
  incident.fingerprint = Fingerprint(fingerprint);
  incident.platform = "airflow";
  incident.reason = "just opened";
  incident.error_text = "relation does not exist";
  incident.opened_at = at(seconds);
  incident.updated_at = at(seconds + 5);
  incident.occurrences = 3;
  incident.first_event = EventId("e1");
  incident.last_event = EventId("e3");
  incident.last_run = RunId("r3");
  incident.strategies_tried = {"retry_with_exponential_backoff", "update_schema_and_retry"};
  incident.plan = PlanId("p1");
  incident.owner = "host:12";
  incident.fence = 7;
  return incident;
}

inline Diagnosis make_diagnosis(const std::string& incident, ErrorType type = ErrorType::schema_mismatch) {
  Diagnosis d;
  d.incident = IncidentId(incident);
  d.fingerprint = Fingerprint("f1");
  d.type = type;
  d.cause = "missing_column";
  d.confidence = 0.8125;
  d.transient = true;
  d.strategy = "update_schema_and_retry";
  d.facts = {{"column", "user_id", 12}, {"table", "users", 40}};
  d.evidence = {{EvidenceKind::similar_case, "case-7", "added the column", 0.75}};
  d.evidence_status = EvidenceStatus::confirmed;
  d.evidence_gaps = {"the table's columns"};
  d.voters = {{"signatures", type, 0.9}};
  d.notes = {"no runbooks"};
  d.model = "m1";
  d.path = "full";
  d.made_at = at(3);
  return d;
}

inline Step make_step(const std::string& id, const std::string& plan, int ordinal) {
  Step step;
  step.id = StepId(id);
  step.plan = PlanId(plan);
  step.ordinal = ordinal;
  step.capability = ordinal == 0 ? Capability::alter_schema : Capability::retry;
  step.parameters = {{"table", "users"}, {"column", "user_id"}};
  step.text = "add column user_id";
  step.undo_text = "drop column user_id";
  step.risk = Risk::medium;
  step.reversible = true;
  step.pre_image = "{\"columns\":[\"a\"]}";
  step.changed_at = at(4);
  return step;
}

inline Plan make_plan(const std::string& id, const std::string& incident, const std::string& job = "nightly") {
  Plan plan;
  plan.id = PlanId(id);
  plan.incident = IncidentId(incident);
  plan.job = JobId(job);
  plan.strategy = "update_schema_and_retry";
  plan.connector = "local";
  plan.steps = {make_step(id + "-s0", id, 0), make_step(id + "-s1", id, 1)};
  plan.hash = "h-" + id;
  plan.risk = Risk::medium;
  plan.made_at = at(4);
  return plan;
}

inline Run make_run(const std::string& id, const std::string& job = "nightly", int seconds = 0) {
  Run run;
  run.id = RunId(id);
  run.job = JobId(job);
  run.incident = IncidentId("i1");
  run.attempt = 2;
  run.started_at = at(seconds);
  run.ended_at = at(seconds + 2);
  run.exit_code = 3;
  run.oom_killed = true;
  run.timed_out = true;
  run.peak_memory_bytes = 123'456'789;
  run.cpu_time = Duration{1'500'250};
  run.command_text = "python job.py";
  run.error_text = "Traceback";
  run.limits_text = "memory 64 MiB";
  return run;
}

inline JobSpec make_job(const std::string& id) {
  JobSpec job;
  job.id = JobId(id);
  job.type = "etl";
  job.platform = "local";
  job.environment = "production";
  job.command = {"python", "job.py", "--day=1"};
  job.env = {{"A", "b"}};
  job.timeout = std::chrono::seconds{90};
  job.resources.memory_bytes = 64U << 20U;
  job.max_resources.memory_bytes = 256U << 20U;
  job.credentials = Credentials{{"refresh"}, {"token"}, std::chrono::seconds{5}};
  job.targets = {{"sqlite", "a.db", "users", "in.csv", ""}};
  job.checks = {{"rows", "a.db", "SELECT count(*) FROM users", "> 0"}};
  job.mode = Mode::assist;
  job.criticality = Criticality::high;
  job.rerun = Rerun::unsafe;
  return job;
}

inline Case make_case(const std::string& id, int seconds = 0) {
  Case past;
  past.id = CaseId(id);
  past.job = JobId("nightly");
  past.platform = "airflow";
  past.error_message = "relation does not exist";
  past.error_type = ErrorType::missing_dependency;
  past.resolution_strategy = "update_configuration_and_retry";
  past.resolution = "made the table";
  past.success = true;
  past.resolution_time_minutes = 12.5;
  past.business_impact = "high";
  past.recorded_at = at(seconds);
  return past;
}

inline AuditRecord make_audit(const std::string& action, const std::string& incident = {}) {
  AuditRecord record;
  record.timestamp = at(1);
  record.actor = "mendline";
  record.action = action;
  record.job_id = JobId("nightly");
  record.incident = IncidentId(incident);
  record.step = StepId("s0");
  record.error_type = "schema_mismatch";
  record.strategy = "update_schema_and_retry";
  record.confidence = 0.8125;
  record.success = true;
  record.duration = Duration{1'250'000};
  record.rag_enhanced = true;
  record.similar_cases_found = 3;
  record.detail = "one sentence, with \"quotes\" and ü";
  return record;
}

inline IncidentFilter where(std::optional<IncidentState> state, const JobId& job = {}, bool open_only = false, std::size_t limit = 100) {
  return {state, job, open_only, limit};
}

// Every field as text; the JSON of incidents and steps leaves a few out on purpose.
inline std::string all_fields(const Event& e) { return to_line(to_json(e)) + to_line(to_json(e.context.other)); }
inline std::string all_fields(const Incident& i) { return to_line(to_json(i)) + i.owner + std::to_string(i.fence); }
inline std::string all_fields(const Step& s) { return to_line(to_json(s)) + s.plan.str() + s.pre_image; }
inline std::string all_fields(const Plan& p) {
  std::string text = to_line(to_json(p));
  for (const Step& step : p.steps) text += all_fields(step);
  return text;
}
template <class Value>
std::string all_fields(const Value& value) {
  return to_line(to_json(value));
}
template <class Value>
std::string ids(const std::vector<Value>& values) {
  std::string text;
  for (const auto& value : values) text += (text.empty() ? "" : " ") + value.id.str();
  return text;
}

}  // namespace mend::store_suite
