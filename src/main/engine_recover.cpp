// What a restart does about remediations whose process is gone.
#include <fmt/format.h>

#include "main/engine.h"
#include "runtime/daemon.h"

namespace mend {
namespace {

// An owner that still lives is left alone: several processes may share one home.
bool owner_lives(const std::string& owner, const std::string& self) {
  if (owner.empty() || owner == self) return false;
  const auto alive = ProcessIdentity::alive(owner);
  return !alive || *alive;  // in doubt it lives
}

}  // namespace

Result<std::size_t> Engine::recover(const FindJob& find_job, Connector& connector, CallContext& call) {
  MEND_TRY(const auto unfinished, parts_.store.unfinished_incidents());
  std::size_t count = 0;
  for (const Incident& incident : unfinished) {
    if (owner_lives(incident.owner, parts_.owner)) continue;
    const JobSpec* known = find_job(incident.job);
    JobSpec gone;
    gone.id = incident.job;
    const JobSpec& job = known ? *known : gone;
    MEND_TRY(const auto plan, parts_.store.plan(incident.plan));
    MEND_TRY(Diagnosis diagnosis, newest_diagnosis(incident.id));
    ++count;
    call.log().warning("incident {} was left {} by a process that is gone: taking it to its end", incident.id.str(), to_string(incident.state));
    IncidentState state = incident.state;
    std::optional<Run> last_run;
    if (plan && state != IncidentState::rolled_back && !(state == IncidentState::planned && !known)) {
      MEND_TRY(const RemediationOutcome outcome, repair(incident, *plan, diagnosis, job, connector, call));
      state = outcome.state;
      last_run = outcome.last_run;
      MEND_CHECK(learn(incident.id, diagnosis, state == IncidentState::healed));
    }
    if (state == IncidentState::rolled_back && known && plan) {
      MEND_TRY(Incident next, after_rollback(incident.id, plan->strategy, last_run, diagnosis));
      MEND_CHECK(decide_and_repair(std::move(next), std::move(diagnosis), known, &connector, call));
    } else if (state == IncidentState::rolled_back || state == IncidentState::planned) {
      Incident handed;
      const WallTime now = parts_.app.clock.now();
      MEND_CHECK(parts_.store.write([&](StoreTransaction& tx) -> Result<void> {
        MEND_TRY(auto stored, tx.incident(incident.id));
        if (!stored || !can_move(stored->state, IncidentState::escalated)) return {};
        stored->state = IncidentState::escalated;
        stored->reason = "the process that repaired it ended in between; nothing of the repair is left";
        stored->updated_at = now;
        handed = *stored;
        MEND_CHECK(tx.put_incident(*stored));
        AuditRecord record;
        record.timestamp = now;
        record.actor = "mendline";
        record.action = "incident.escalated";
        record.job_id = stored->job;
        record.incident = stored->id;
        record.success = false;
        record.detail = stored->reason;
        if (auto written = tx.append_audit(std::move(record)); !written) return std::unexpected(written.error());
        return {};
      }));
      if (!handed.id.empty()) escalate(handed, diagnosis, call);
    }
  }
  // Diagnosed, but the process that would have decided is gone.
  IncidentFilter filter;
  filter.state = IncidentState::diagnosed;
  filter.limit = 1000;
  MEND_TRY(const auto undecided, parts_.store.incidents(filter));
  for (const Incident& incident : undecided) {
    if (owner_lives(incident.owner, parts_.owner)) continue;
    const JobSpec* known = find_job(incident.job);
    if (auto done = continue_diagnosed(incident.id, known, known ? &connector : nullptr, call); !done) {
      if (done.error().kind != ErrorKind::conflict) return std::unexpected(done.error());
      continue;  // another process decided it first
    }
    ++count;
  }
  return count;
}

}  // namespace mend
