#include "ingest/intake.h"

#include <algorithm>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "base/text.h"

namespace mend {
namespace {

AuditRecord record_of(std::string action, const JobId& job, WallTime now, std::string detail) {
  AuditRecord record;
  record.timestamp = now;
  record.actor = "mendline";
  record.action = std::move(action);
  record.job_id = job;
  record.detail = std::move(detail);
  return record;
}

// Writes the events of one batch inside one transaction. Incidents that events of the batch touch are kept until the end, so
// that a thousand events of one failure are one write.
class BatchWriter {
 public:
  BatchWriter(StoreTransaction& tx, const EventIntake::Parts& parts) : tx_(tx), parts_(parts), now_(parts.clock.now()) {}

  Result<void> add(const PreparedEvent& prepared) {
    const Event& event = prepared.event;
    MEND_TRY(const bool is_new, tx_.add_event(event));
    if (!is_new) {
      ++result_.duplicates;
      return {};
    }
    ++result_.accepted;
    MEND_CHECK(tx_.append_audit(record_of("event.accepted", event.job, now_, fmt::format("{} {}", event.id.str(), to_string(event.status)))));
    if (event.status == EventStatus::succeeded) return settle_open(event);
    if (prepared.diagnosis) return join(event, *prepared.diagnosis);
    return {};
  }

  Result<IntakeResult> finish() {
    for (const auto& [key, one] : touched_) MEND_CHECK(write(one));
    touched_.clear();
    return std::move(result_);
  }

 private:
  struct Touched {
    Incident incident;
    const Event* opened_by = nullptr;  // of a new one, with its diagnosis
    Diagnosis diagnosis;
  };

  Result<void> join(const Event& event, const Diagnosis& diagnosis) {
    const auto key = std::pair{event.job.str(), diagnosis.fingerprint.str()};
    auto found = touched_.find(key);
    if (found == touched_.end()) {
      MEND_TRY(auto open, tx_.open_incident(event.job, diagnosis.fingerprint));
      Touched one = open ? Touched{std::move(*open), nullptr, {}} : Touched{new_incident(event, diagnosis), &event, diagnosis};
      found = touched_.emplace(key, std::move(one)).first;
    }
    Incident& incident = found->second.incident;
    ++incident.occurrences;
    incident.updated_at = now_;
    incident.last_event = event.id;
    incident.last_run = event.run;
    incident.error_text = event.error_message;
    return {};
  }

  Incident new_incident(const Event& event, const Diagnosis& diagnosis) {
    Incident incident;
    incident.id = IncidentId(make_id("inc", now_, parts_.random));
    incident.job = event.job;
    incident.fingerprint = diagnosis.fingerprint;
    incident.platform = event.platform;
    incident.opened_at = now_;
    incident.first_event = event.id;
    incident.occurrences = 0;
    incident.owner = parts_.owner;
    incident.state = IncidentState::diagnosed;
    incident.reason = fmt::format("{} at confidence {:.2f}", to_string(diagnosis.type), diagnosis.confidence);
    return incident;
  }

  Result<void> write(const Touched& one) {
    MEND_CHECK(tx_.put_incident(one.incident));
    if (!one.opened_by) return {};
    Diagnosis diagnosis = one.diagnosis;
    // Until now it was only known to be a repeated failure (see prepare).
    if (diagnosis.path == "cached")
      diagnosis = parts_.diagnoser.diagnose({one.opened_by->error_message, one.opened_by->platform, one.opened_by->context});
    diagnosis.fingerprint = one.incident.fingerprint;
    diagnosis.incident = one.incident.id;
    MEND_CHECK(parts_.fail_points.pass(FailPoint::diagnosis_before_record));
    MEND_CHECK(tx_.add_diagnosis(diagnosis));
    AuditRecord record = record_of("diagnosis.made", one.incident.job, now_,
                                   fmt::format("{}{}", to_string(diagnosis.type), diagnosis.cause.empty() ? "" : "/" + diagnosis.cause));
    record.incident = one.incident.id;
    record.error_type = std::string(to_string(diagnosis.type));
    record.strategy = diagnosis.strategy;
    record.confidence = diagnosis.confidence;
    record.similar_cases_found = similar_cases(diagnosis);
    record.rag_enhanced = record.similar_cases_found > 0;
    MEND_CHECK(tx_.append_audit(std::move(record)));
    result_.new_incidents.push_back(one.incident.id);
    return {};
  }

  // What this batch knows of the job is written first: it is open too.
  Result<void> settle_open(const Event& event) {
    for (auto it = touched_.begin(); it != touched_.end();) {
      if (it->first.first != event.job.str()) {
        ++it;
        continue;
      }
      MEND_CHECK(write(it->second));
      it = touched_.erase(it);
    }
    return settle_open_incidents(tx_, event, now_);
  }

  StoreTransaction& tx_;
  const EventIntake::Parts& parts_;
  const WallTime now_;
  std::map<std::pair<std::string, std::string>, Touched> touched_;  // by job and fingerprint
  IntakeResult result_;
};

}  // namespace

Result<void> settle_open_incidents(StoreTransaction& tx, const Event& success, WallTime now) {
  IncidentFilter filter;
  filter.job = success.job;
  filter.open_only = true;
  filter.limit = std::numeric_limits<std::size_t>::max();  // all of them: nothing else would ever close the rest
  MEND_TRY(const auto open, tx.incidents(filter));
  for (Incident incident : open) {
    if (is_active(incident.state) || !can_move(incident.state, IncidentState::resolved)) continue;
    MEND_TRY(const auto failure, tx.event(incident.last_event));
    if (failure && failure->timestamp > success.timestamp) continue;
    incident.state = IncidentState::resolved;
    incident.reason = "the job succeeded by itself";
    incident.updated_at = now;
    MEND_CHECK(tx.put_incident(incident));
    AuditRecord record = record_of("incident.resolved", success.job, now, incident.reason);
    record.incident = incident.id;
    MEND_CHECK(tx.append_audit(std::move(record)));
  }
  return {};
}

// Names hardly ever hold a secret, and each event has five: they are looked through together first.
void EventIntake::redact_names(Event& event) const {
  std::string names;
  for (const std::string_view name : {std::string_view(event.id.str()), std::string_view(event.job.str()), std::string_view(event.run.str()),
                                      std::string_view(event.job_type), std::string_view(event.platform)})
    names.append(name).append("\n");
  if (parts_.redact(names) == names) return;
  event.id = EventId(parts_.redact_id(event.id.str()));
  event.job = JobId(parts_.redact_id(event.job.str()));
  event.run = RunId(parts_.redact_id(event.run.str()));
  event.job_type = parts_.redact(event.job_type);
  event.platform = parts_.redact(event.platform);
}

PreparedEvent EventIntake::prepare(Event event) {
  event.received = parts_.clock.now();
  // The context may hold secrets as well as the text. A value is judged together with its name: "password": "x" is a secret, "x" is none.
  // It is shortened afterwards: a part of a secret would not be recognised as one.
  std::map<std::string, std::string> context;
  std::size_t kept = 0;
  for (const auto& [name, value] : event.context.other) {
    if (kept >= kMostStoredContextBytes) break;
    const std::string key = parts_.redact(name), pair = parts_.redact(key + "=" + value);
    const std::string clean = parts_.redact(pair.starts_with(key + "=") ? std::string_view(pair).substr(key.size() + 1) : std::string_view(pair));
    const auto [entry, added] = context.emplace(shorten_middle(key, kMostStoredNameBytes), shorten_middle(clean, kMostStoredValueBytes));
    if (added) kept += entry->first.size() + entry->second.size();
  }
  event.context.other = std::move(context);
  event.error_message = parts_.redact(event.error_message);
  redact_names(event);
  PreparedEvent out;
  // Most failures join an incident; one that opens another is looked at thoroughly when that is known. Not a text that is shortened
  // until then.
  const bool thorough = event.error_message.size() > kMostStoredErrorBytes;
  if (event.status == EventStatus::failed)
    out.diagnosis = parts_.diagnoser.diagnose({event.error_message, event.platform, event.context, thorough});
  event.error_message = shorten_middle(event.error_message, kMostStoredErrorBytes);
  out.event = std::move(event);
  return out;
}

Result<IntakeResult> EventIntake::commit(std::span<const PreparedEvent> events) {
  MEND_CHECK(parts_.fail_points.pass(FailPoint::ingest_before_journal));
  IntakeResult result;
  MEND_CHECK(parts_.store.write([&](StoreTransaction& tx) -> Result<void> {
    BatchWriter writer(tx, parts_);
    for (const PreparedEvent& event : events) MEND_CHECK(writer.add(event));
    MEND_TRY(result, writer.finish());
    return {};
  }));
  MEND_CHECK(parts_.fail_points.pass(FailPoint::ingest_after_journal));
  if (!result.new_incidents.empty()) MEND_CHECK(parts_.fail_points.pass(FailPoint::diagnosis_after_record));
  return result;
}

}  // namespace mend
