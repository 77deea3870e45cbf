#include "model/incident.h"
#include "stores/sqlite_reads.h"
#include "stores/sqlite_rows.h"

namespace mend::sqlite_reads {
namespace {

#define INCIDENT_COLUMNS                                                                                                     \
  "id, job, fingerprint, platform, state, reason, error_text, opened_at, updated_at, occurrences, first_event, last_event, " \
  "last_run, plan, owner, fence, doc"

Result<std::vector<std::string>> strategies_from(const boost::json::value& json) {
  std::vector<std::string> out;
  const auto* const object = json.if_object();
  const auto* const tried = object ? object->if_contains("strategies_tried") : nullptr;
  if (!tried || !tried->is_array()) return fail(ErrorKind::invalid_input, "strategies_tried is not an array");
  for (const auto& name : tried->get_array()) {
    if (!name.is_string()) return fail(ErrorKind::invalid_input, "strategies_tried is not an array of strings");
    out.emplace_back(name.get_string().data(), name.get_string().size());
  }
  return out;
}

Result<Incident> incident_from(const Query& row) {
  Incident incident;
  incident.id = row.id<IncidentId>(0);
  incident.job = row.id<JobId>(1);
  incident.fingerprint = row.id<Fingerprint>(2);
  incident.platform = row.text(3);
  MEND_TRY(incident.state, known(parse_incident_state(row.view(4)), "incident state", row, 4));
  incident.reason = row.text(5);
  incident.error_text = row.text(6);
  incident.opened_at = row.time(7);
  incident.updated_at = row.time(8);
  incident.occurrences = std::uint64_t(row.integer(9));
  incident.first_event = row.id<EventId>(10);
  incident.last_event = row.id<EventId>(11);
  incident.last_run = row.id<RunId>(12);
  incident.plan = row.id<PlanId>(13);
  incident.owner = row.text(14);
  incident.fence = std::uint64_t(row.integer(15));
  MEND_TRY(incident.strategies_tried, from_doc(row, 16, "incident", strategies_from));
  return incident;
}

Result<std::vector<Incident>> list(Result<Query> rows) {
  if (!rows) return std::unexpected(rows.error());
  return all_rows(std::move(*rows), incident_from);
}

#define NEWEST_FIRST " ORDER BY opened_at DESC, seq DESC LIMIT "

}  // namespace

Result<std::optional<Incident>> incident(Db& db, const IncidentId& id) {
  MEND_TRY(Query rows, db.query("SELECT " INCIDENT_COLUMNS " FROM incidents WHERE id = ?1", id));
  return first_row(std::move(rows), incident_from);
}

Result<std::optional<Incident>> open_incident(Db& db, const JobId& job, const Fingerprint& fingerprint) {
  MEND_TRY(Query rows,
           db.query("SELECT " INCIDENT_COLUMNS " FROM incidents WHERE closed = 0 AND job = ?1 AND fingerprint = ?2" NEWEST_FIRST "1", job,
                    fingerprint));
  return first_row(std::move(rows), incident_from);
}

// One text for each combination, so that each is served by an index of its own.
Result<std::vector<Incident>> incidents(Db& db, const IncidentFilter& filter) {
  const auto limit = sql_limit(filter.limit);
  if (filter.state) {
    if (filter.open_only && is_closed(*filter.state)) return std::vector<Incident>{};
    const auto state = to_string(*filter.state);
    if (filter.job.empty())
      return list(db.query("SELECT " INCIDENT_COLUMNS " FROM incidents WHERE state = ?1" NEWEST_FIRST "?2", state, limit));
    return list(db.query("SELECT " INCIDENT_COLUMNS " FROM incidents INDEXED BY incidents_by_job WHERE job = ?1 AND state = ?2" NEWEST_FIRST
                         "?3",
                         filter.job, state, limit));
  }
  if (!filter.job.empty()) {
    if (filter.open_only)
      return list(
          db.query("SELECT " INCIDENT_COLUMNS " FROM incidents WHERE closed = 0 AND job = ?1" NEWEST_FIRST "?2", filter.job, limit));
    return list(db.query("SELECT " INCIDENT_COLUMNS " FROM incidents WHERE job = ?1" NEWEST_FIRST "?2", filter.job, limit));
  }
  if (filter.open_only) return list(db.query("SELECT " INCIDENT_COLUMNS " FROM incidents WHERE closed = 0" NEWEST_FIRST "?1", limit));
  return list(db.query("SELECT " INCIDENT_COLUMNS " FROM incidents" NEWEST_FIRST "?1", limit));
}

Result<std::vector<Incident>> unfinished_incidents(Db& db) {
  return list(db.query("SELECT " INCIDENT_COLUMNS " FROM incidents WHERE unfinished = 1 ORDER BY opened_at, seq"));
}

Result<std::map<std::string, std::uint64_t>> incident_counts(Db& db) {
  MEND_TRY(Query rows, db.query("SELECT state, count(*) FROM incidents GROUP BY state"));
  std::map<std::string, std::uint64_t> counts;
  for (;;) {
    MEND_TRY(const bool more, rows.step());
    if (!more) return counts;
    counts.emplace(rows.text(0), std::uint64_t(rows.integer(1)));
  }
}

}  // namespace mend::sqlite_reads
