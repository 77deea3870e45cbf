#include "stores/sqlite_transaction.h"

#include "stores/sqlite_audit.h"
#include "stores/sqlite_rows.h"

namespace mend {
namespace {

std::string context_doc(const EventContext& context) {
  if (!context.exit_code && !context.signal && !context.http_status && !context.oom_killed && context.other.empty()) return {};
  EventContext known_fields = context;
  known_fields.other.clear();
  return to_doc(boost::json::object{{"known", to_json(known_fields)}, {"other", to_json(context.other)}});
}

}  // namespace

Result<bool> SqliteTransaction::add_event(const Event& event) {
  MEND_TRY(const int added,
           db_.run("INSERT INTO events (id, job, run, job_type, platform, status, error_message, happened_at, received_at, attempt, doc) "
                   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (id) DO NOTHING",
                   event.id, event.job, event.run, event.job_type, event.platform, to_string(event.status), event.error_message,
                   event.timestamp, event.received, event.attempt, context_doc(event.context)));
  if (added == 0) return false;
  count_event(event);
  return true;
}

void SqliteTransaction::count_event(const Event& event) {
  JobChange& change = job_changes_[event.job];
  // Events may arrive out of order: the newest by its own time says how the job stands.
  if (change.events == 0 || event.timestamp >= change.last_event_at) {
    change.last_event_at = event.timestamp;
    change.last_status = event.status;
    if (!event.platform.empty()) change.platform = event.platform;
  }
  ++change.events;
  if (event.status == EventStatus::failed) ++change.failures;
}

Result<void> SqliteTransaction::write_job_changes() {
  for (const auto& [job, change] : job_changes_)
    MEND_CHECK(
        db_.run("INSERT INTO jobs (id, platform, last_status, last_event_at, events, failures) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
                "ON CONFLICT (id) DO UPDATE SET "
                "platform = CASE WHEN excluded.last_event_at >= last_event_at AND excluded.platform <> '' THEN excluded.platform ELSE "
                "platform END, "
                "last_status = CASE WHEN last_status IS NULL OR excluded.last_event_at >= last_event_at THEN excluded.last_status ELSE "
                "last_status END, "
                "last_event_at = CASE WHEN last_status IS NULL OR excluded.last_event_at >= last_event_at THEN excluded.last_event_at ELSE "
                "last_event_at END, "
                "events = events + excluded.events, failures = failures + excluded.failures",
                job, change.platform, to_string(change.last_status), change.last_event_at, change.events, change.failures));
  job_changes_.clear();
  return {};
}

Result<void> SqliteTransaction::touch_job(const JobId& job, std::string_view platform) {
  MEND_CHECK(
      db_.run("INSERT INTO jobs (id, platform, last_event_at, events, failures) VALUES (?1, ?2, 0, 0, 0) ON CONFLICT (id) DO NOTHING", job,
              platform));
  return {};
}

Result<void> SqliteTransaction::put_incident(const Incident& incident) {
  boost::json::array tried;
  for (const auto& name : incident.strategies_tried) tried.emplace_back(name);
  const bool unfinished = is_active(incident.state) || incident.state == IncidentState::planned;
  MEND_CHECK(touch_job(incident.job, incident.platform));
  MEND_CHECK(db_.run(
      "INSERT INTO incidents (id, job, fingerprint, platform, state, closed, unfinished, reason, error_text, opened_at, updated_at, "
      "occurrences, first_event, last_event, last_run, plan, owner, fence, doc) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19) "
      "ON CONFLICT (id) DO UPDATE SET job = excluded.job, fingerprint = excluded.fingerprint, platform = excluded.platform, "
      "state = excluded.state, closed = excluded.closed, unfinished = excluded.unfinished, reason = excluded.reason, "
      "error_text = excluded.error_text, opened_at = excluded.opened_at, updated_at = excluded.updated_at, "
      "occurrences = excluded.occurrences, first_event = excluded.first_event, last_event = excluded.last_event, "
      "last_run = excluded.last_run, plan = excluded.plan, owner = excluded.owner, fence = excluded.fence, doc = excluded.doc",
      incident.id, incident.job, incident.fingerprint, incident.platform, to_string(incident.state), is_closed(incident.state), unfinished,
      incident.reason, incident.error_text, incident.opened_at, incident.updated_at, incident.occurrences, incident.first_event,
      incident.last_event, incident.last_run, incident.plan, incident.owner, incident.fence,
      to_doc(boost::json::object{{"strategies_tried", std::move(tried)}})));
  return {};
}

Result<void> SqliteTransaction::put_job(const JobSpec& job) {
  MEND_CHECK(
      db_.run("INSERT INTO jobs (id, platform, last_event_at, events, failures, doc) VALUES (?1, ?2, 0, 0, 0, ?3) "
              "ON CONFLICT (id) DO UPDATE SET platform = excluded.platform, doc = excluded.doc",
              job.id, job.platform, to_doc(to_json(job))));
  return {};
}

Result<void> SqliteTransaction::put_run(const Run& run) {
  MEND_CHECK(
      db_.run("INSERT INTO runs (id, job, incident, attempt, started_at, ended_at, exit_code, signal, succeeded, timed_out, oom_killed, "
              "peak_memory_bytes, cpu_micros, command_text, error_text, limits_text) "
              "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) "
              "ON CONFLICT (id) DO UPDATE SET job = excluded.job, incident = excluded.incident, attempt = excluded.attempt, "
              "started_at = excluded.started_at, ended_at = excluded.ended_at, exit_code = excluded.exit_code, signal = excluded.signal, "
              "succeeded = excluded.succeeded, timed_out = excluded.timed_out, oom_killed = excluded.oom_killed, "
              "peak_memory_bytes = excluded.peak_memory_bytes, cpu_micros = excluded.cpu_micros, command_text = excluded.command_text, "
              "error_text = excluded.error_text, limits_text = excluded.limits_text",
              run.id, run.job, run.incident, run.attempt, run.started_at, run.ended_at, run.exit_code, run.signal, run.succeeded,
              run.timed_out, run.oom_killed, run.peak_memory_bytes, run.cpu_time, run.command_text, run.error_text, run.limits_text));
  return {};
}

Result<AuditRecord> SqliteTransaction::append_audit(AuditRecord record) {
  if (!end_) {
    MEND_TRY(end_, chain_end(db_));
    start_ = end_->sequence;
    end_before_ = end_;
  }
  return append_to_chain(db_, *end_, std::move(record));
}

Result<void> SqliteTransaction::put_setting(std::string_view name, std::string_view value) {
  MEND_CHECK(
      db_.run("INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value));
  return {};
}

Result<std::uint64_t> SqliteTransaction::event_count() {
  MEND_CHECK(write_job_changes());
  return ReadThrough::event_count();
}

Result<std::vector<JobSummary>> SqliteTransaction::jobs(std::size_t limit) {
  MEND_CHECK(write_job_changes());
  return ReadThrough::jobs(limit);
}

Result<std::optional<JobSummary>> SqliteTransaction::job(const JobId& id) {
  MEND_CHECK(write_job_changes());
  return ReadThrough::job(id);
}

void SqliteTransaction::begin_work() {
  job_changes_.clear();
  end_before_ = end_;
}

Result<void> SqliteTransaction::finish_work() { return write_job_changes(); }

void SqliteTransaction::undo_work() {
  job_changes_.clear();
  end_ = end_before_;
}

std::optional<ChainPoint> SqliteTransaction::appended() const {
  if (!end_ || end_->sequence == start_) return std::nullopt;
  return end_;
}

}  // namespace mend
