// What a restart does about remediations whose process is gone.
#include <fmt/format.h>

#include "main/engine.h"

namespace mend {
Result<bool> Engine::recover_one(const IncidentId& id, const JobSpec* known, Connector& connector, CallContext& call) {
  MEND_TRY(const auto found, parts_.store.incident(id));
  if (!found || (!is_active(found->state) && found->state != IncidentState::planned) || !is_ours(*found)) return false;
  const Incident& incident = *found;
  // Without a jobs file the store still knows which files and tables the job lists, which an undo needs; its command is not
  // run again: words of it may have been redacted.
  JobSpec gone;
  if (!known) {
    MEND_TRY(auto summary, parts_.store.job(incident.job));
    if (summary && summary->spec) gone = std::move(*summary->spec);
    gone.id = incident.job;
    gone.command.clear();
  }
  const JobSpec& job = known ? *known : gone;
  MEND_TRY(const auto plan, parts_.store.plan(incident.plan));
  MEND_TRY(Diagnosis diagnosis, newest_diagnosis(incident.id));
  call.log().warning("incident {} was left {} by a process that is gone: taking it to its end", incident.id.str(), to_string(incident.state));
  IncidentState state = incident.state;
  std::optional<Run> last_run;
  if (plan && state == IncidentState::rolled_back) MEND_CHECK(learn(incident.id, diagnosis, false));
  if (plan && state != IncidentState::rolled_back && !(state == IncidentState::planned && !known)) {
    MEND_TRY(const RemediationOutcome outcome, repair(incident, *plan, diagnosis, job, connector, call));
    state = outcome.state;
    last_run = outcome.last_run;
  }
  if (state == IncidentState::rolled_back && known && plan) {
    MEND_TRY(Incident next, after_rollback(incident.id, plan->strategy, last_run, diagnosis));
    MEND_CHECK(decide_and_repair(std::move(next), std::move(diagnosis), known, &connector, call));
  } else if (state == IncidentState::rolled_back || state == IncidentState::planned) {
    MEND_CHECK(hand_over(incident.id, diagnosis,
                         state == IncidentState::planned ? "approved or decided, but how the job is run is not known here any more"
                                                         : "the process that repaired it ended in between; nothing of the repair is left",
                         call));
  }
  return true;
}

Result<std::size_t> Engine::recover(const FindJob& find_job, Connector& connector, CallContext& call) {
  MEND_TRY(const auto unfinished, parts_.store.unfinished_incidents());
  std::size_t count = 0;
  for (const Incident& incident : unfinished) {
    const auto done = recover_one(incident.id, find_job(incident.job), connector, call);
    if (!done && done.error().kind != ErrorKind::conflict) return std::unexpected(done.error());
    if (done && *done) ++count;  // otherwise another process took it first
  }
  // Diagnosed, but the process that would have decided is gone.
  IncidentFilter filter;
  filter.state = IncidentState::diagnosed;
  filter.limit = 1000;
  MEND_TRY(const auto undecided, parts_.store.incidents(filter));
  for (const Incident& incident : undecided) {
    if (!is_ours(incident)) continue;
    const JobSpec* known = find_job(incident.job);
    if (auto done = continue_diagnosed(incident.id, known, known ? &connector : nullptr, call); !done) {
      if (done.error().kind != ErrorKind::conflict) return std::unexpected(done.error());
      continue;  // another process decided it first
    }
    ++count;
  }
  MEND_TRY(const std::size_t closed, finish_ended(call));
  return count + closed;
}

Result<std::size_t> Engine::finish_ended(CallContext& call) {
  std::size_t count = 0;
  IncidentFilter filter;
  filter.limit = 1000;
  filter.state = IncidentState::healed;
  MEND_TRY(const auto healed, parts_.store.incidents(filter));
  for (const Incident& incident : healed) {
    if (incident.owner.empty() || incident.owner == parts_.owner || !is_ours(incident)) continue;
    MEND_TRY(const Diagnosis diagnosis, newest_diagnosis(incident.id));
    MEND_CHECK(learn(incident.id, diagnosis, true));
    ++count;
  }
  for (const IncidentState state : {IncidentState::escalated, IncidentState::awaiting_approval}) {
    filter.state = state;
    MEND_TRY(const auto waiting, parts_.store.incidents(filter));
    for (const Incident& incident : waiting) {
      if (incident.owner.empty() || incident.owner == parts_.owner || !is_ours(incident)) continue;
      MEND_TRY(const Diagnosis diagnosis, newest_diagnosis(incident.id));
      escalate(incident, diagnosis, call);
      ++count;
    }
  }
  return count;
}

}  // namespace mend
