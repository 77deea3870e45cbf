// Values of the product's words with arbitrary content.
#pragma once

#include "model/audit.h"
#include "model/diagnosis.h"
#include "model/event.h"
#include "model/job.h"
#include "model/knowledge.h"
#include "model/plan.h"
#include "support/property.h"

namespace mend::any {

template <class Id>
Id id() {
  return Id(*text());
}
inline double number() {
  return *rc::gen::map(rc::gen::arbitrary<std::pair<int, int>>(),
                       [](const auto& p) { return p.first / (1.0 + std::abs(p.second % 1000)); });
}
inline double unit() { return *rc::gen::inRange(0, 1'000'001) / 1e6; }
inline WallTime time() { return WallTime{Duration{*rc::gen::inRange<std::int64_t>(1, 4'000'000'000'000'000)}}; }
inline Duration length() { return Duration{*rc::gen::inRange<std::int64_t>(0, 100'000'000'000)}; }
inline ErrorType error_type() { return *rc::gen::elementOf(std::vector<ErrorType>(kErrorTypes.begin(), kErrorTypes.end())); }
template <class Value, class Make>
std::vector<Value> some(Make make) {
  std::vector<Value> out;
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) out.push_back(make());
  return out;
}
template <class Value, class Make>
std::optional<Value> perhaps(Make make) {
  if (*rc::gen::arbitrary<bool>()) return make();
  return std::nullopt;
}

inline Diagnosis diagnosis() {
  Diagnosis d;
  d.incident = id<IncidentId>();
  d.fingerprint = id<Fingerprint>();
  d.type = error_type();
  d.cause = *text();
  d.confidence = unit();
  d.transient = *rc::gen::arbitrary<bool>();
  d.strategy = *text();
  d.facts = some<Fact>([] { return Fact{*text(), *text(), std::size_t(*rc::gen::inRange(0, 100'000))}; });
  d.evidence = some<Evidence>([] {
    return Evidence{*rc::gen::element(EvidenceKind::signature, EvidenceKind::similar_case, EvidenceKind::runbook, EvidenceKind::context),
                    *text(), *text(), unit()};
  });
  d.evidence_status = *rc::gen::element(EvidenceStatus::confirmed, EvidenceStatus::hypothesis, EvidenceStatus::insufficient);
  d.evidence_gaps = *texts();
  d.voters = some<VoterShare>([] { return VoterShare{*text(), error_type(), unit()}; });
  d.notes = *texts();
  d.model = *text();
  d.path = *text();
  d.made_at = time();
  return d;
}

inline Decision decision() {
  return {id<IncidentId>(), *rc::gen::element(Verdict::automatic, Verdict::assist, Verdict::observe, Verdict::escalate), *text(),
          some<FiredRule>([] { return FiredRule{*text(), *text(), *text()}; }), time()};
}

inline Resources resources() {
  const auto size = [] { return *rc::gen::arbitrary<std::uint64_t>(); };
  return {perhaps<std::uint64_t>(size), perhaps<std::uint64_t>(size), perhaps<std::uint64_t>(size)};
}

inline JobSpec job() {
  JobSpec j;
  j.id = id<JobId>();
  j.type = *text();
  j.platform = *text();
  j.connector = *text();
  j.environment = *text();
  j.command = *texts();
  j.folder = *text();
  j.env = *text_map();
  j.schedule = *text();
  j.time_zone = *text();
  j.timeout = length();
  j.resources = resources();
  j.max_resources = resources();
  j.config_files = *texts();
  j.credentials = perhaps<Credentials>([] { return Credentials{*texts(), *texts(), length()}; });
  j.targets = some<DataTarget>([] { return DataTarget{*text(), *text(), *text(), *text(), *text()}; });
  j.checks = some<DataCheck>([] { return DataCheck{*text(), *text(), *text(), *text()}; });
  j.mode = *rc::gen::element(Mode::observe, Mode::assist, Mode::automatic);
  j.criticality = *rc::gen::element(Criticality::low, Criticality::normal, Criticality::high);
  j.rerun = *rc::gen::element(Rerun::safe, Rerun::unsafe);
  j.max_retries = *rc::gen::arbitrary<int>();
  j.retry_delay = length();
  j.retry_only = *rc::gen::arbitrary<bool>();
  j.allowed_strategies = *texts();
  return j;
}

inline Case past_case() {
  Case c;
  c.id = CaseId("c" + *text());
  c.job = id<JobId>();
  c.platform = *text();
  c.error_message = "e" + *text();
  c.error_type = error_type();
  c.cause = *text();
  c.resolution_strategy = *text();
  c.resolution = *text();
  c.success = *rc::gen::arbitrary<bool>();
  c.resolution_time_minutes = number();
  c.business_impact = *text();
  c.recorded_at = time();
  return c;
}

inline EventContext context() {
  EventContext c;
  const auto whole = [] { return *rc::gen::arbitrary<int>(); };
  c.exit_code = perhaps<int>(whole);
  c.signal = perhaps<int>(whole);
  c.http_status = perhaps<int>(whole);
  c.oom_killed = perhaps<bool>([] { return *rc::gen::arbitrary<bool>(); });
  c.other = *text_map();
  return c;
}

inline Step step() {
  Step s;
  s.id = id<StepId>();
  s.capability = *rc::gen::element(Capability::retry, Capability::scale, Capability::alter_schema, Capability::set_config);
  s.parameters = *rc::gen::resize(4, text_map());
  s.risk = *rc::gen::element(Risk::low, Risk::medium, Risk::high);
  s.reversible = *rc::gen::arbitrary<bool>();
  return s;
}

inline Plan plan() {
  Plan p;
  p.id = id<PlanId>();
  p.job = id<JobId>();
  p.strategy = *text();
  p.connector = *text();
  p.steps = some<Step>(step);
  return p;
}

inline AuditRecord audit_record() {
  AuditRecord r;
  r.sequence = *rc::gen::inRange<std::uint64_t>(0, 3);
  r.timestamp = time();
  r.actor = *text();
  r.action = *text();
  r.job_id = id<JobId>();
  r.incident = id<IncidentId>();
  r.step = id<StepId>();
  r.error_type = *text();
  r.strategy = *text();
  r.confidence = perhaps<double>(unit);
  r.success = perhaps<bool>([] { return *rc::gen::arbitrary<bool>(); });
  r.duration = perhaps<Duration>(length);
  r.rag_enhanced = *rc::gen::arbitrary<bool>();
  r.similar_cases_found = *rc::gen::inRange(0, 3);
  r.detail = *text();
  r.previous_hash = *text();
  return r;
}

}  // namespace mend::any
