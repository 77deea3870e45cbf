#include "remediate/reconciler.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace mend {
namespace {

bool is_change(const Step& step) { return step.capability != Capability::retry; }

// The first step that is still to be looked at, or the number of steps.
std::size_t first_in(const Plan& plan, StepState state, bool changes) {
  for (std::size_t i = 0; i < plan.steps.size(); ++i)
    if (plan.steps[i].state == state && is_change(plan.steps[i]) == changes) return i;
  return plan.steps.size();
}

bool any(const Plan& plan, StepState state) {
  return std::ranges::any_of(plan.steps, [&](const Step& step) { return step.state == state; });
}

// The delay before a re-run; a parameter of the step, so that the plan's hash covers it.
Duration delay_of(const Step& step) {
  const auto found = step.parameters.find("delay_ms");
  return found == step.parameters.end() ? Duration{0} : std::chrono::milliseconds{std::atol(found->second.c_str())};
}

}  // namespace

Reconciler::Reconciler(Store& store, Clock& clock, Random& random, const FailPoints& fail_points, Settings settings)
    : store_(store), clock_(clock), random_(random), fail_points_(fail_points), settings_(std::move(settings)) {}

void Reconciler::tell(const RemediationState& before, const RemediationState& after, const Run* run) const {
  if (!settings_.observer) return;
  if (before.incident.state != after.incident.state) settings_.observer->incident_moved(after.incident);
  if (before.plan && after.plan)
    for (std::size_t i = 0; i < after.plan->steps.size(); ++i)
      if (before.plan->steps[i].state != after.plan->steps[i].state) settings_.observer->step_moved(after.plan->steps[i]);
  if (run) settings_.observer->run_ended(*run);
}

// One transaction: every update, its audit records and the run, or none of them. Refused when another owner took the incident.
Result<void> Reconciler::journal(RemediationState& state, const std::vector<RemediationUpdate>& updates, const std::vector<Audit>& audits,
                                 const Run* run) {
  const WallTime now = clock_.now();
  RemediationState next = state;
  for (const auto& update : updates) {
    MEND_CHECK(can_apply(next, update));
    apply(next, update, now);
  }
  const bool claims = std::ranges::any_of(updates, [](const auto& update) { return std::holds_alternative<Claim>(update); });
  MEND_CHECK(store_.write([&](StoreTransaction& tx) -> Result<void> {
    MEND_TRY(const auto stored, tx.incident(state.incident.id));
    if (!stored) return fail(ErrorKind::not_found, "the incident is gone from the store");
    if (stored->fence != state.incident.fence || (!claims && stored->owner != settings_.owner))
      return fail(ErrorKind::conflict, fmt::format("incident {} was taken over by another process", state.incident.id.str()));
    if (stored->state != state.incident.state)
      return fail(ErrorKind::conflict, fmt::format("incident {} became {} meanwhile", state.incident.id.str(), to_string(stored->state)));
    // Failures that joined in the meantime are kept.
    next.incident.occurrences = stored->occurrences;
    next.incident.last_event = stored->last_event;
    next.incident.last_run = stored->last_run;
    next.incident.error_text = stored->error_text;
    MEND_CHECK(tx.put_incident(next.incident));
    for (const auto& update : updates)
      if (const auto* step = std::get_if<MoveStep>(&update)) MEND_CHECK(tx.put_step(next.plan->steps[std::size_t(step->ordinal)]));
    if (run) MEND_CHECK(tx.put_run(*run));
    for (const Audit& audit : audits) {
      AuditRecord record;
      record.timestamp = now;
      record.actor = "mendline";
      record.action = audit.action;
      record.job_id = next.incident.job;
      record.incident = next.incident.id;
      record.step = audit.step;
      record.error_type = settings_.error_type;
      record.strategy = next.plan ? next.plan->strategy : std::string();
      record.confidence = settings_.confidence;
      record.success = audit.success;
      record.duration = audit.duration;
      record.rag_enhanced = settings_.rag_enhanced;
      record.similar_cases_found = settings_.similar_cases;
      record.detail = audit.detail;
      MEND_CHECK(tx.append_audit(std::move(record)));
    }
    return {};
  }));
  tell(state, next, run);
  state = std::move(next);
  return {};
}

Result<void> Reconciler::move(RemediationState& state, IncidentState to, std::string reason) {
  const std::string detail = reason;
  const bool end = to == IncidentState::healed || to == IncidentState::escalated || to == IncidentState::rolled_back;
  return journal(state, {MoveIncident{to, std::move(reason)}},
                 {{fmt::format("incident.{}", to_string(to)), detail, end ? std::optional(to == IncidentState::healed) : std::nullopt, {}, {}}});
}

Result<void> Reconciler::claim(RemediationState& state) {
  if (state.incident.owner == settings_.owner) return {};
  return journal(state, {Claim{settings_.owner}}, {{"remediation.claimed", fmt::format("by {}", settings_.owner), {}, {}, {}}});
}

// Reads the live state again right before an effect: a person may have closed the incident, paused everything, or the job may
// have recovered by itself.
Result<bool> Reconciler::may_act(RemediationState& state) {
  MEND_TRY(const auto stored, store_.incident(state.incident.id));
  if (stored && stored->fence == state.incident.fence && stored->state != state.incident.state) {
    state.incident = *stored;
    return false;
  }
  MEND_TRY(const Controls controls, store_.controls());
  const Pause* pause = controls.find("global");
  if (!pause) pause = controls.find("job", state.incident.job.str());
  if (!pause && state.plan) pause = controls.find("strategy", state.plan->strategy);
  if (!pause) return true;
  const std::string reason = fmt::format("paused by {}{}", pause->by, pause->reason.empty() ? "" : ": " + pause->reason);
  if (state.incident.state == IncidentState::planned) MEND_CHECK(move(state, IncidentState::escalated, reason));
  else MEND_CHECK(move(state, IncidentState::failed, reason));
  return false;
}

// Steps that a crash cut short: find out what is so, and journal that.
Result<void> Reconciler::settle_interrupted(RemediationState& state, const JobSpec& job, Connector& connector, CallContext& call) {
  for (std::size_t i = 0; i < state.plan->steps.size(); ++i) {
    const Step step = state.plan->steps[i];
    if (step.state != StepState::started) continue;
    if (!is_change(step)) {
      MEND_CHECK(journal(state, {MoveStep{step.ordinal, StepState::failed, "interrupted: how the re-run ended is not known", {}}},
                         {{"step.outcome", "the re-run was interrupted", false, {}, step.id}}));
      continue;
    }
    const auto found = connector.check(job, step, call);
    if (found && *found == StepCheck::applied) {
      MEND_CHECK(journal(state, {MoveStep{step.ordinal, StepState::applied, "interrupted, but the change is there", {}}},
                         {{"step.outcome", "interrupted; the change is there", true, {}, step.id}}));
    } else if (found && *found == StepCheck::not_applied) {
      MEND_CHECK(journal(state, {MoveStep{step.ordinal, StepState::failed, "interrupted before the change happened", {}}},
                         {{"step.outcome", "interrupted before the change happened", false, {}, step.id}}));
    } else {
      // Half done, or changed by somebody else since: what capture saw is put back where that is safe, which undo decides.
      MEND_CHECK(journal(state, {MoveStep{step.ordinal, StepState::undoing, "interrupted half-way", {}}},
                         {{"step.undo_intent", found ? "interrupted half-way" : found.error().message, {}, {}, step.id}}));
    }
  }
  return {};
}

Result<void> Reconciler::change_next(RemediationState& state, std::size_t index, const JobSpec& job, Connector& connector, CallContext& call) {
  MEND_TRY(const bool allowed, may_act(state));
  if (!allowed) return {};
  Step& step = state.plan->steps[index];
  const StepId id = step.id;
  const auto give_up = [&](const Error& error) -> Result<void> {
    return journal(state, {MoveIncident{IncidentState::failed, fmt::format("{}: {}", to_string(step.capability), error.message)}},
                   {{"step.refused", error.message, false, {}, id}});
  };
  if (auto ok = call.check(); !ok) return give_up(ok.error());
  auto pre_image = connector.capture(job, step, call);
  if (!pre_image) return give_up(pre_image.error());
  Step captured = step;
  captured.pre_image = *pre_image;
  auto before = connector.check(job, captured, call);
  if (!before) return give_up(before.error());
  if (*before != StepCheck::not_applied)
    return give_up({ErrorKind::conflict, *before == StepCheck::applied ? "what the step would do is so already" : "the target changed meanwhile"});

  MEND_CHECK(fail_points_.pass(FailPoint::step_before_intent));
  MEND_CHECK(journal(state, {MoveStep{step.ordinal, StepState::started, "", *pre_image}}, {{"step.intent", step.text, {}, {}, id}}));
  MEND_CHECK(fail_points_.pass(FailPoint::step_after_intent));
  const SteadyTime begin = clock_.steady();
  const auto done = connector.apply(job, state.plan->steps[index], call);
  const Duration took = clock_.steady() - begin;
  MEND_CHECK(fail_points_.pass(FailPoint::step_after_apply));
  const Step& applied = state.plan->steps[index];
  if (done) {
    MEND_CHECK(journal(state, {MoveStep{applied.ordinal, StepState::applied, *done, {}}}, {{"step.outcome", *done, true, took, id}}));
    return fail_points_.pass(FailPoint::step_after_outcome);
  }
  // A refused change may still have left something behind: only a clean "not applied" needs no undo.
  const auto left = connector.check(job, applied, call);
  const StepState to = left && *left == StepCheck::not_applied ? StepState::failed : StepState::undoing;
  return journal(state,
                 {MoveStep{applied.ordinal, to, done.error().message, {}},
                  MoveIncident{IncidentState::failed, fmt::format("{}: {}", to_string(applied.capability), done.error().message)}},
                 {{"step.outcome", done.error().message, false, took, id}});
}

Result<void> Reconciler::verify_next(RemediationState& state, std::size_t index, const JobSpec& job, Connector& connector, CallContext& call) {
  MEND_TRY(const bool allowed, may_act(state));
  if (!allowed) return {};
  Step& step = state.plan->steps[index];
  const StepId id = step.id;
  if (auto waited = call.sleep(delay_of(step)); !waited)
    return journal(state, {MoveIncident{IncidentState::failed, waited.error().message}}, {{"step.refused", waited.error().message, false, {}, id}});
  MEND_CHECK(fail_points_.pass(FailPoint::verify_before_run));
  Run run;
  run.id = RunId(make_id("run", clock_.now(), random_));
  run.job = job.id;
  run.incident = state.incident.id;
  run.attempt = 2 + int(index);
  run.started_at = clock_.now();
  MEND_CHECK(journal(state, {MoveStep{step.ordinal, StepState::started, "", {}}}, {{"step.intent", step.text, {}, {}, id}}, nullptr));
  const SteadyTime begin = clock_.steady();
  auto ended = connector.run_job(job, run, call);
  const Duration took = clock_.steady() - begin;
  MEND_CHECK(fail_points_.pass(FailPoint::verify_after_run));
  const Step& ran = state.plan->steps[index];
  if (!ended)
    return journal(state, {MoveStep{ran.ordinal, StepState::failed, ended.error().message, {}}}, {{"step.outcome", ended.error().message, false, took, id}});
  last_run_ = *ended;
  const std::string outcome =
      ended->succeeded ? std::string("the job succeeded")
                       : fmt::format("the job failed again{}", ended->exit_code ? fmt::format(" (exit {})", *ended->exit_code) : std::string());
  std::vector<RemediationUpdate> updates{MoveStep{ran.ordinal, ended->succeeded ? StepState::applied : StepState::failed, outcome, {}}};
  std::vector<Audit> audits{{"step.outcome", outcome, ended->succeeded, took, id}};
  if (ended->succeeded) {
    for (std::size_t i = index + 1; i < state.plan->steps.size(); ++i)
      if (state.plan->steps[i].state == StepState::pending) updates.push_back(MoveStep{int(i), StepState::skipped, "not needed", {}});
    updates.push_back(MoveIncident{IncidentState::healed, fmt::format("{} helped: {}", state.plan->strategy, outcome)});
    audits.push_back({"incident.healed", outcome, true, took, {}});
  }
  MEND_CHECK(journal(state, updates, audits, &*ended));
  MEND_CHECK(fail_points_.pass(FailPoint::verify_after_record));
  if (ended->succeeded)
    if (auto told = connector.job_succeeded(job, call); !told) call.log().warning("{}: {}", job.id.str(), told.error().message);
  return {};
}

Result<void> Reconciler::undo_all(RemediationState& state, const JobSpec& job, Connector& connector, CallContext& call) {
  // The undo goes on when a stop was asked for: a change that did not help must not stay because somebody pressed a key.
  CallContext own(call.clock(), call.log(), std::stop_token{}, call.prefix() + "/undo");
  CallContext bounded = own.within(std::chrono::minutes{10});
  for (std::size_t back = state.plan->steps.size(); back-- > 0;) {
    const Step step = state.plan->steps[back];
    if (!is_change(step) || (step.state != StepState::applied && step.state != StepState::undoing)) continue;
    if (!step.reversible) {
      std::vector<RemediationUpdate> updates{MoveIncident{IncidentState::escalated, fmt::format("{} cannot be undone: {}", to_string(step.capability), step.text)}};
      if (step.state == StepState::undoing) updates.emplace_back(MoveStep{step.ordinal, StepState::failed, "interrupted, and it cannot be undone", {}});
      return journal(state, updates, {{"incident.escalated", "a step cannot be undone", false, {}, step.id}});
    }
    if (step.state == StepState::applied) {
      MEND_CHECK(fail_points_.pass(FailPoint::undo_before_intent));
      MEND_CHECK(journal(state, {MoveStep{step.ordinal, StepState::undoing, "", {}}}, {{"step.undo_intent", step.undo_text, {}, {}, step.id}}));
    }
    const SteadyTime begin = clock_.steady();
    const auto undone = connector.undo(job, state.plan->steps[back], bounded);
    const Duration took = clock_.steady() - begin;
    MEND_CHECK(fail_points_.pass(FailPoint::undo_after_apply));
    if (!undone) {
      return journal(state,
                     {MoveStep{step.ordinal, StepState::failed, "undo failed: " + undone.error().message, {}},
                      MoveIncident{IncidentState::escalated, fmt::format("the change could not be undone: {}", undone.error().message)}},
                     {{"step.undo_outcome", undone.error().message, false, took, step.id},
                      {"incident.escalated", "an undo failed", false, {}, {}}});
    }
    MEND_CHECK(journal(state, {MoveStep{step.ordinal, StepState::undone, *undone, {}}}, {{"step.undo_outcome", *undone, true, took, step.id}}));
    MEND_CHECK(fail_points_.pass(FailPoint::undo_after_outcome));
  }
  return move(state, IncidentState::rolled_back, state.incident.reason.empty() ? "nothing is left of the repair" : state.incident.reason);
}

Result<RemediationOutcome> Reconciler::reconcile(RemediationState state, const JobSpec& job, Connector& connector, CallContext& call) {
  if (!state.plan) return fail(ErrorKind::internal, "a remediation without a plan");
  MEND_CHECK(claim(state));
  MEND_CHECK(settle_interrupted(state, job, connector, call));
  // Each pass makes at least one journalled move, and the moves lead to an end: the bound only guards against a fault of ours.
  for (int pass = 0; pass < 200; ++pass) {
    Plan& plan = *state.plan;
    switch (state.incident.state) {
      case IncidentState::planned: {
        MEND_TRY(const bool allowed, may_act(state));
        if (allowed) MEND_CHECK(move(state, IncidentState::executing, fmt::format("{} begins", plan.strategy)));
        break;
      }
      case IncidentState::executing: {
        if (job.command.empty()) {
          MEND_CHECK(move(state, IncidentState::failed, "interrupted; the job's command is not known any more"));
          break;
        }
        const std::size_t next = first_in(plan, StepState::pending, true);
        const bool broken = std::ranges::any_of(plan.steps, [](const Step& step) {
          return is_change(step) && (step.state == StepState::failed || step.state == StepState::undoing);
        });
        if (broken) MEND_CHECK(move(state, IncidentState::failed, "a step did not take effect"));
        else if (next < plan.steps.size()) MEND_CHECK(change_next(state, next, job, connector, call));
        else MEND_CHECK(move(state, IncidentState::verifying, "every change is made; the job runs again"));
        break;
      }
      case IncidentState::verifying: {
        const std::size_t next = first_in(plan, StepState::pending, false);
        if (next < plan.steps.size() && !job.command.empty() && !call.stop().stop_requested()) {
          MEND_CHECK(verify_next(state, next, job, connector, call));
        } else {
          const bool stopped = call.stop().stop_requested();
          MEND_CHECK(move(state, IncidentState::failed, stopped ? "stopped" : job.command.empty() ? "interrupted" : "the job still fails"));
        }
        break;
      }
      case IncidentState::failed: MEND_CHECK(move(state, IncidentState::rolling_back, state.incident.reason)); break;
      case IncidentState::rolling_back: MEND_CHECK(undo_all(state, job, connector, call)); break;
      default: return RemediationOutcome{state.incident.state, last_run_};
    }
  }
  return fail(ErrorKind::internal, fmt::format("the remediation of {} does not come to an end", state.incident.id.str()));
}

Result<RemediationOutcome> Reconciler::roll_back(RemediationState state, const JobSpec& job, Connector& connector, CallContext& call,
                                                 std::string_view reason) {
  if (!state.plan) return fail(ErrorKind::not_found, "there is no plan to roll back");
  if (!any(*state.plan, StepState::applied) || first_in(*state.plan, StepState::applied, true) == state.plan->steps.size())
    return fail(ErrorKind::invalid_input, "the repair changed nothing: there is nothing to undo");
  MEND_CHECK(claim(state));
  MEND_CHECK(move(state, IncidentState::rolling_back, std::string(reason)));
  return reconcile(std::move(state), job, connector, call);
}

}  // namespace mend
