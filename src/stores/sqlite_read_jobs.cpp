#include "model/job.h"
#include "model/run.h"
#include "stores/sqlite_reads.h"
#include "stores/sqlite_rows.h"

namespace mend::sqlite_reads {
namespace {

#define JOB_COLUMNS                                           \
  "id, platform, last_status, last_event_at, failures, doc, " \
  "(SELECT count(*) FROM incidents WHERE closed = 0 AND incidents.job = jobs.id)"

Result<JobSummary> job_from(const Query& row) {
  JobSummary job;
  job.id = row.id<JobId>(0);
  job.platform = row.text(1);
  if (!row.is_null(2)) {
    MEND_TRY(job.last_status, known(parse_event_status(row.view(2)), "event status", row, 2));
  }
  job.last_event_at = row.time(3);
  job.failures = std::uint64_t(row.integer(4));
  if (!row.is_null(5)) {
    MEND_TRY(job.spec, from_doc(row, 5, "job", job_from_json));
  }
  job.open_incidents = std::uint64_t(row.integer(6));
  return job;
}

Result<Run> run_from(const Query& row) {
  Run run;
  run.id = row.id<RunId>(0);
  run.job = row.id<JobId>(1);
  run.incident = row.id<IncidentId>(2);
  run.attempt = int(row.integer(3));
  run.started_at = row.time(4);
  run.ended_at = row.maybe<WallTime>(5);
  run.exit_code = row.maybe<int>(6);
  run.signal = row.maybe<int>(7);
  run.succeeded = row.flag(8);
  run.timed_out = row.flag(9);
  run.oom_killed = row.maybe<bool>(10);
  run.peak_memory_bytes = std::uint64_t(row.integer(11));
  run.cpu_time = Duration{row.integer(12)};
  run.command_text = row.text(13);
  run.error_text = row.text(14);
  run.limits_text = row.text(15);
  return run;
}

}  // namespace

// The jobs that were heard of last come first.
Result<std::vector<JobSummary>> jobs(Db& db, std::size_t limit) {
  MEND_TRY(Query rows, db.query("SELECT " JOB_COLUMNS " FROM jobs ORDER BY last_event_at DESC, id LIMIT ?1", sql_limit(limit)));
  return all_rows(std::move(rows), job_from);
}

Result<std::optional<JobSummary>> job(Db& db, const JobId& id) {
  MEND_TRY(Query rows, db.query("SELECT " JOB_COLUMNS " FROM jobs WHERE id = ?1", id));
  return first_row(std::move(rows), job_from);
}

Result<std::vector<Run>> runs(Db& db, const JobId& job, std::size_t limit) {
  MEND_TRY(Query rows,
           db.query("SELECT id, job, incident, attempt, started_at, ended_at, exit_code, signal, succeeded, timed_out, oom_killed, "
                    "peak_memory_bytes, cpu_micros, command_text, error_text, limits_text "
                    "FROM runs WHERE job = ?1 ORDER BY started_at DESC, seq DESC LIMIT ?2",
                    job, sql_limit(limit)));
  return all_rows(std::move(rows), run_from);
}

}  // namespace mend::sqlite_reads
