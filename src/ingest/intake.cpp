#include "ingest/intake.h"

#include <map>

#include <fmt/format.h>

#include "base/text.h"

namespace mend {
namespace {

struct Touched {
  Incident incident;
  const Diagnosis* diagnosis = nullptr;  // set for a new one
  bool closed_by_success = false;
};

AuditRecord record_of(std::string action, const Event& event, WallTime now, std::string detail) {
  AuditRecord record;
  record.timestamp = now;
  record.actor = "mendline";
  record.action = std::move(action);
  record.job_id = event.job;
  record.detail = std::move(detail);
  return record;
}

bool has_cases(const Diagnosis& diagnosis, int& count) {
  count = 0;
  for (const Evidence& item : diagnosis.evidence) count += item.kind == EvidenceKind::similar_case;
  return count > 0;
}

}  // namespace

PreparedEvent EventIntake::prepare(Event event) {
  event.received = parts_.clock.now();
  // The context may hold secrets as well as the text. A value is judged together with its name: "password": "x" is a secret, "x" is none.
  std::map<std::string, std::string> context;
  for (const auto& [name, value] : event.context.other) {
    const std::string key = parts_.redact(name), pair = parts_.redact(key + "=" + value);
    context.emplace(key, parts_.redact(pair.starts_with(key + "=") ? std::string_view(pair).substr(key.size() + 1) : std::string_view(pair)));
  }
  event.context.other = std::move(context);
  event.error_message = parts_.redact(event.error_message);
  PreparedEvent out;
  if (event.status == EventStatus::failed) out.diagnosis = parts_.diagnoser.diagnose({event.error_message, event.platform, event.context});
  event.error_message = shorten_middle(event.error_message, kMostStoredErrorBytes);
  out.event = std::move(event);
  return out;
}

Result<IntakeResult> EventIntake::commit(std::span<const PreparedEvent> events) {
  MEND_CHECK(parts_.fail_points.pass(FailPoint::ingest_before_journal));
  IntakeResult result;
  MEND_CHECK(parts_.store.write([&](StoreTransaction& tx) -> Result<void> {
    result = {};
    std::map<std::pair<std::string, std::string>, Touched> touched;  // by job and fingerprint
    const WallTime now = parts_.clock.now();
    for (const PreparedEvent& prepared : events) {
      const Event& event = prepared.event;
      MEND_TRY(const bool is_new, tx.add_event(event));
      if (!is_new) {
        ++result.duplicates;
        continue;
      }
      ++result.accepted;
      if (auto written = tx.append_audit(record_of("event.accepted", event, now, fmt::format("{} {}", event.id.str(), to_string(event.status)))); !written)
        return std::unexpected(written.error());
      if (!prepared.diagnosis) continue;
      const Diagnosis& diagnosis = *prepared.diagnosis;
      const auto key = std::pair{event.job.str(), diagnosis.fingerprint.str()};
      auto found = touched.find(key);
      if (found == touched.end()) {
        MEND_TRY(auto open, tx.open_incident(event.job, diagnosis.fingerprint));
        Touched one;
        if (open) {
          one.incident = std::move(*open);
        } else {
          one.incident.id = IncidentId(make_id("inc", now, parts_.random));
          one.incident.job = event.job;
          one.incident.fingerprint = diagnosis.fingerprint;
          one.incident.platform = event.platform;
          one.incident.opened_at = now;
          one.incident.first_event = event.id;
          one.incident.occurrences = 0;
          one.incident.owner = parts_.owner;
          one.incident.state = IncidentState::diagnosed;
          one.incident.reason = fmt::format("{} at confidence {:.2f}", to_string(diagnosis.type), diagnosis.confidence);
          one.diagnosis = &diagnosis;
        }
        found = touched.emplace(key, std::move(one)).first;
      }
      Incident& incident = found->second.incident;
      ++incident.occurrences;
      incident.updated_at = now;
      incident.last_event = event.id;
      incident.last_run = event.run;
      incident.error_text = event.error_message;
    }
    for (const auto& [key, one] : touched) {
      MEND_CHECK(tx.put_incident(one.incident));
      if (!one.diagnosis) continue;
      Diagnosis diagnosis = *one.diagnosis;
      diagnosis.incident = one.incident.id;
      MEND_CHECK(parts_.fail_points.pass(FailPoint::diagnosis_before_record));
      MEND_CHECK(tx.add_diagnosis(diagnosis));
      AuditRecord record;
      record.timestamp = now;
      record.actor = "mendline";
      record.action = "diagnosis.made";
      record.job_id = one.incident.job;
      record.incident = one.incident.id;
      record.error_type = std::string(to_string(diagnosis.type));
      record.strategy = diagnosis.strategy;
      record.confidence = diagnosis.confidence;
      record.rag_enhanced = has_cases(diagnosis, record.similar_cases_found);
      record.detail = fmt::format("{}{}", to_string(diagnosis.type), diagnosis.cause.empty() ? "" : "/" + diagnosis.cause);
      if (auto written = tx.append_audit(std::move(record)); !written) return std::unexpected(written.error());
      result.new_incidents.push_back(one.incident.id);
    }
    return {};
  }));
  MEND_CHECK(parts_.fail_points.pass(FailPoint::ingest_after_journal));
  if (!result.new_incidents.empty()) MEND_CHECK(parts_.fail_points.pass(FailPoint::diagnosis_after_record));
  return result;
}

}  // namespace mend
