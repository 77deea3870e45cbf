#include "main/cli/incident_action.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "main/job_secrets.h"
#include "main/output.h"
#include "model/json.h"

namespace mend {

ExitStatus refuse(std::string_view why) {
  print_error(fmt::format("mendline: {}\n", why));
  return ExitStatus::refused;
}

void print_outcome(const Incident& incident, std::string_view message, bool json) {
  if (json) print_json(to_json(incident));
  else print(fmt::format("{}\n", message));
}

Result<Incident> move_by_person(AppContext& app, Store& store, const Incident& seen, const PersonsMove& move) {
  Incident moved;
  const WallTime now = app.clock.now();
  MEND_CHECK(store.write([&](StoreTransaction& tx) -> Result<void> {
    MEND_TRY(auto stored, tx.incident(seen.id));
    if (!stored || stored->state != seen.state || stored->fence != seen.fence || stored->plan != seen.plan)
      return fail(ErrorKind::conflict, fmt::format("incident {} changed meanwhile{}: look at it again", seen.id.str(),
                                                   stored ? fmt::format(", it is {} now", to_string(stored->state)) : ""));
    if (!can_move(stored->state, move.to))
      return fail(ErrorKind::conflict,
                  fmt::format("incident {} cannot go from {} to {}", seen.id.str(), to_string(stored->state), to_string(move.to)));
    if (move.also) MEND_CHECK(move.also(tx));
    stored->state = move.to;
    stored->reason = move.reason;
    stored->updated_at = now;
    stored->owner.clear();
    ++stored->fence;
    MEND_CHECK(tx.put_incident(*stored));
    AuditRecord record;
    record.timestamp = now;
    record.actor = "user:" + app.user;
    record.action = move.action;
    record.job_id = stored->job;
    record.incident = stored->id;
    record.strategy = move.strategy;
    record.success = move.success;
    record.detail = move.detail;
    MEND_CHECK(tx.append_audit(std::move(record)));
    moved = std::move(*stored);
    return {};
  }));
  return moved;
}

Result<std::optional<JobsFile>> load_optional_jobs(AppContext& app, const std::string& config) {
  if (config.empty()) return std::nullopt;
  MEND_TRY(auto jobs, load_jobs_file(app, config));
  return std::move(jobs);
}

Result<std::optional<JobSpec>> find_spec(StoreReader& store, const std::optional<JobsFile>& jobs, const JobId& id) {
  if (jobs) {
    if (const JobSpec* found = jobs->find(id)) return *found;
    return fail(ErrorKind::invalid_input, fmt::format("{} has no job '{}'", jobs->path.string(), id.str()));
  }
  MEND_TRY(auto job, store.job(id));
  if (!job) return std::nullopt;
  return std::move(job->spec);
}

bool can_be_run(const JobSpec& spec) {
  const auto whole = [](std::string_view text) { return text.find("[redacted:") == std::string_view::npos; };
  if (spec.command.empty() || !std::ranges::all_of(spec.command, whole)) return false;
  if (spec.credentials && !std::ranges::all_of(spec.credentials->refresh_command, whole)) return false;
  return std::ranges::all_of(spec.env, [&](const auto& entry) { return whole(entry.second); });
}

}  // namespace mend
