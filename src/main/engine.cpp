#include "main/engine.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "learn/learn.h"
#include "main/job_secrets.h"
#include "model/json.h"
#include "remediate/planner.h"
#include "runtime/daemon.h"

namespace mend {
namespace {

Event event_of(const JobSpec& job, const Run& run, EventStatus status, WallTime now) {
  Event event;
  event.id = EventId(fmt::format("{}.{}", run.id.str(), to_string(status)));
  event.job = job.id;
  event.run = run.id;
  event.job_type = job.type;
  event.platform = job.platform;
  event.status = status;
  event.error_message = status == EventStatus::failed ? run.error_text : std::string();
  event.timestamp = now;
  event.received = now;
  event.attempt = run.attempt;
  event.context.exit_code = run.exit_code;
  event.context.signal = run.signal;
  event.context.oom_killed = run.oom_killed;
  return event;
}

AuditRecord audit_of(WallTime now, std::string action, const Incident& incident, const Diagnosis* diagnosis, std::string detail) {
  AuditRecord record;
  record.timestamp = now;
  record.actor = "mendline";
  record.action = std::move(action);
  record.job_id = incident.job;
  record.incident = incident.id;
  record.detail = std::move(detail);
  if (diagnosis) {
    record.error_type = std::string(to_string(diagnosis->type));
    record.confidence = diagnosis->confidence;
    record.similar_cases_found = similar_cases(*diagnosis);
    record.rag_enhanced = record.similar_cases_found > 0;
  }
  return record;
}

}  // namespace

Engine::Engine(Parts parts)
    : parts_(std::move(parts)),
      intake_({parts_.store, *parts_.diagnosis.diagnoser, [this](std::string_view text) { return parts_.app.redactor->redact(text); }, parts_.redact_id,
               parts_.app.clock, parts_.app.random, parts_.app.fail_points, parts_.owner}) {}

void Engine::set_policy(Policy policy) {
  const std::lock_guard lock(policy_mutex_);
  parts_.policy = std::move(policy);
}

Policy Engine::policy() const {
  const std::lock_guard lock(policy_mutex_);
  return parts_.policy;
}

Reconciler::Settings Engine::reconciler_settings(const Diagnosis& diagnosis) const {
  const int cases = similar_cases(diagnosis);
  return {parts_.owner, parts_.observer, std::string(to_string(diagnosis.type)), diagnosis.confidence, cases > 0, cases};
}

Result<void> Engine::record_started(const JobSpec& job, const Run& run) {
  const JobSpec shown = without_secrets(job, *parts_.app.redactor);
  const Event event = event_of(job, run, EventStatus::started, parts_.app.clock.now());
  MEND_CHECK(parts_.store.write([&](StoreTransaction& tx) -> Result<void> {
    MEND_CHECK(tx.put_job(shown));
    MEND_CHECK(tx.put_run(run));
    MEND_CHECK(tx.add_event(event));
    return {};
  }));
  return parts_.app.fail_points.pass(FailPoint::run_after_start);
}

Result<void> Engine::record_success(const JobSpec& job, const Run& run, Connector& connector, CallContext& call) {
  MEND_CHECK(parts_.app.fail_points.pass(FailPoint::run_after_exit));
  const WallTime now = parts_.app.clock.now();
  const Event event = event_of(job, run, EventStatus::succeeded, now);
  MEND_CHECK(parts_.store.write([&](StoreTransaction& tx) -> Result<void> {
    MEND_CHECK(tx.put_run(run));
    MEND_TRY(const bool is_new, tx.add_event(event));
    if (!is_new) return {};
    return settle_open_incidents(tx, event, now);
  }));
  return connector.job_succeeded(job, call);
}

Result<void> Engine::record_cancelled(const JobSpec& job, const Run& run) {
  const Event event = event_of(job, run, EventStatus::cancelled, parts_.app.clock.now());
  return parts_.store.write([&](StoreTransaction& tx) -> Result<void> {
    MEND_CHECK(tx.put_run(run));
    MEND_CHECK(tx.add_event(event));
    return {};
  });
}

Result<HealReport> Engine::heal(const JobSpec& job, const Run& failed, Connector& connector, CallContext& call) {
  MEND_CHECK(parts_.app.fail_points.pass(FailPoint::run_after_exit));
  PreparedEvent prepared = intake_.prepare(event_of(job, failed, EventStatus::failed, parts_.app.clock.now()));
  if (prepared.diagnosis)
    deepen(*prepared.diagnosis, {prepared.event.error_message, prepared.event.platform, prepared.event.context}, job.id,
           *parts_.diagnosis.library, parts_.app.clock.now());
  MEND_CHECK(parts_.store.write([&](StoreTransaction& tx) { return tx.put_run(failed); }));
  MEND_TRY(const IntakeResult taken, intake_.commit({&prepared, 1}));
  Incident incident;
  if (!taken.new_incidents.empty()) {
    MEND_TRY(auto found, parts_.store.incident(taken.new_incidents.front()));
    incident = std::move(*found);
  } else {
    MEND_TRY(auto open, parts_.store.open_incident(job.id, prepared.diagnosis->fingerprint));
    if (!open) return fail(ErrorKind::internal, "the incident of this failure is missing");
    incident = std::move(*open);
  }
  Diagnosis diagnosis = *prepared.diagnosis;
  diagnosis.incident = incident.id;
  // A failure that joined an incident which waits for a person or was given up: it is counted, nothing new is tried.
  if (incident.state != IncidentState::diagnosed || !is_ours(incident)) {
    if (parts_.observer) parts_.observer->joined(incident);
    return report(incident.id, std::nullopt, {});
  }
  return decide_and_repair(std::move(incident), std::move(diagnosis), &job, &connector, call);
}

Result<Engine::Choice> Engine::choose(const Incident& incident, const Diagnosis& diagnosis, const JobSpec* job, Connector* connector,
                                      CallContext& call) {
  MEND_TRY(const Controls controls, parts_.store.controls());
  MEND_TRY(const auto learned, parts_.store.strategy_statistics());
  std::uint64_t recent = 0;
  if (job) {
    MEND_TRY(recent, parts_.store.plans_since(job->id, parts_.app.clock.now() - std::chrono::hours{1}));
  }
  const Policy in_force = policy();
  DecisionInput input{diagnosis, job, nullptr, {}, nullptr, controls, in_force, recent, incident.strategies_tried, false,
                      parts_.app.clock.now()};
  if (job && connector) input.offered = connector->capabilities(*job);
  std::optional<Choice> first;
  auto candidates = parts_.registry.candidates(diagnosis.type, diagnosis.strategy, learned);
  if (candidates.empty()) candidates.push_back(parts_.registry.find(diagnosis.strategy));
  for (const Strategy* strategy : candidates) {
    input.strategy = strategy;
    Choice choice{decide(input), std::nullopt};
    if (choice.decision.verdict != Verdict::escalate && job && connector) {
      auto plan = make_plan(incident.id, *job, diagnosis, *strategy, incident.error_text, *connector, parts_.app.random, call);
      if (plan) {
        input.plan = &*plan;
        choice.decision = decide(input);
        input.plan = nullptr;
        choice.plan = std::move(*plan);
      } else {
        choice.decision.verdict = Verdict::escalate;
        choice.decision.strategy = "escalate_to_human";
        choice.decision.rules.push_back({"plan.not_possible", "forbids", fmt::format("{}: {}", strategy->name, plan.error().message)});
      }
    }
    choice.decision.incident = incident.id;
    if (choice.decision.verdict != Verdict::escalate) {
      // Why the recommended one was passed over stays with the decision.
      if (first)
        for (auto& rule : first->decision.rules)
          if (rule.effect == "forbids") choice.decision.rules.insert(choice.decision.rules.begin(), {rule.rule, "passed_over", rule.text});
      return choice;
    }
    if (!first) first = std::move(choice);
  }
  return std::move(*first);
}

Result<void> Engine::record_choice(Incident& incident, const Diagnosis& diagnosis, const Choice& choice) {
  Incident next = incident;
  const WallTime now = parts_.app.clock.now();
  next.updated_at = now;
  next.owner = parts_.owner;
  if (choice.plan) next.plan = choice.plan->id;
  switch (choice.decision.verdict) {
    case Verdict::automatic: next.state = IncidentState::planned; next.reason = "decided: " + choice.decision.strategy; break;
    case Verdict::assist: next.state = IncidentState::awaiting_approval; next.reason = "waits for approval of " + choice.decision.strategy; break;
    case Verdict::observe: next.state = IncidentState::observed; next.reason = "observe mode: " + choice.decision.strategy + " would be tried"; break;
    case Verdict::escalate: {
      next.state = IncidentState::escalated;
      next.reason = "no repair is allowed";
      for (const auto& rule : choice.decision.rules)
        if (rule.effect == "forbids") {
          next.reason = rule.text;
          break;
        }
      break;
    }
  }
  MEND_CHECK(parts_.store.write([&](StoreTransaction& tx) -> Result<void> {
    MEND_TRY(const auto stored, tx.incident(incident.id));
    if (!stored || stored->state != IncidentState::diagnosed || incident.state != IncidentState::diagnosed || stored->fence != incident.fence)
      return fail(ErrorKind::conflict, fmt::format("incident {} changed meanwhile", incident.id.str()));
    next.occurrences = stored->occurrences;
    MEND_CHECK(tx.add_decision(choice.decision));
    if (choice.plan) MEND_CHECK(tx.put_plan(*choice.plan));
    MEND_CHECK(tx.put_incident(next));
    AuditRecord record = audit_of(now, "decision.made", next, &diagnosis, fmt::format("{}: {}", to_string(choice.decision.verdict), next.reason));
    record.strategy = choice.decision.strategy;
    MEND_CHECK(tx.append_audit(std::move(record)));
    return {};
  }));
  incident = std::move(next);
  MEND_CHECK(parts_.app.fail_points.pass(FailPoint::decision_after_record));
  if (choice.plan) MEND_CHECK(parts_.app.fail_points.pass(FailPoint::plan_after_record));
  if (parts_.observer) parts_.observer->decided(incident, choice.decision, choice.plan ? &*choice.plan : nullptr);
  return {};
}

Result<RemediationOutcome> Engine::repair(const Incident& incident, const Plan& plan, const Diagnosis& diagnosis, const JobSpec& job,
                                          Connector& connector, CallContext& call) {
  Reconciler reconciler(parts_.store, parts_.app.clock, parts_.app.random, parts_.app.fail_points, reconciler_settings(diagnosis));
  MEND_TRY(RemediationOutcome outcome, reconciler.reconcile({incident, plan}, job, connector, call));
  MEND_CHECK(learn(incident.id, diagnosis, outcome.state == IncidentState::healed));
  if (outcome.state == IncidentState::escalated) {
    MEND_TRY(const auto stored, parts_.store.incident(incident.id));
    if (stored) escalate(*stored, diagnosis, call);
  }
  return outcome;
}

Result<void> Engine::learn(const IncidentId& id, const Diagnosis& diagnosis, bool helped) {
  MEND_CHECK(parts_.app.fail_points.pass(FailPoint::learn_before_record));
  MEND_TRY(const auto incident, parts_.store.incident(id));
  if (!incident || incident->plan.empty()) return {};
  MEND_TRY(const auto plan, parts_.store.plan(incident->plan));
  if (!plan) return {};
  const Case past = case_of(*incident, diagnosis, *plan, helped, parts_.app.clock.now());
  const bool tells_something = !past.error_message.empty();
  MEND_CHECK(parts_.store.write([&](StoreTransaction& tx) -> Result<void> {
    MEND_TRY(const bool known, tx.has_case(past.id));
    if (!known) {
      if (tells_something) MEND_CHECK(tx.put_case(past));
      MEND_CHECK(tx.count_strategy(plan->strategy, diagnosis.type, helped));
    }
    // Given up by its owner means learned from: what is healed and still has a dead owner is learned from after a restart.
    MEND_TRY(auto stored, tx.incident(id));
    if (!stored || stored->state != IncidentState::healed || stored->owner.empty()) return {};
    stored->owner.clear();
    return tx.put_incident(*stored);
  }));
  if (tells_something) parts_.diagnosis.library->add_case(past);
  return {};
}

// The repair did not help and nothing is left of it: note that, look at the newest error, and say what is to be decided next.
Result<Incident> Engine::after_rollback(const IncidentId& id, const std::string& strategy, const std::optional<Run>& last_run,
                                        Diagnosis& diagnosis) {
  if (last_run && !last_run->error_text.empty()) {
    EventContext context;
    context.exit_code = last_run->exit_code;
    context.signal = last_run->signal;
    context.oom_killed = last_run->oom_killed;
    diagnosis = parts_.diagnosis.diagnoser->diagnose({last_run->error_text, "", context});
    deepen(diagnosis, {last_run->error_text, "", context}, last_run->job, *parts_.diagnosis.library, parts_.app.clock.now());
    diagnosis.incident = id;
  }
  Incident next;
  const WallTime now = parts_.app.clock.now();
  MEND_CHECK(parts_.store.write([&](StoreTransaction& tx) -> Result<void> {
    MEND_TRY(auto stored, tx.incident(id));
    if (!stored || stored->state != IncidentState::rolled_back)
      return fail(ErrorKind::conflict, fmt::format("incident {} changed meanwhile", id.str()));
    next = std::move(*stored);
    next.strategies_tried.push_back(strategy);
    next.state = IncidentState::diagnosed;
    next.reason = strategy + " did not help";
    next.owner = parts_.owner;
    if (last_run && !last_run->error_text.empty()) next.error_text = last_run->error_text;
    next.updated_at = now;
    MEND_CHECK(tx.add_diagnosis(diagnosis));
    MEND_CHECK(tx.put_incident(next));
    MEND_CHECK(tx.append_audit(audit_of(now, "diagnosis.made", next, &diagnosis, next.reason)));
    return {};
  }));
  return next;
}

Result<HealReport> Engine::decide_and_repair(Incident incident, Diagnosis diagnosis, const JobSpec* job, Connector* connector, CallContext& call) {
  std::vector<std::string> actions;
  std::optional<Run> last_run;
  // Bounded by policy: each pass tries another strategy or ends.
  for (;;) {
    if (parts_.observer) parts_.observer->diagnosed(incident, diagnosis);
    MEND_TRY(const Choice choice, choose(incident, diagnosis, job, connector, call));
    MEND_CHECK(record_choice(incident, diagnosis, choice));
    if (incident.state == IncidentState::escalated || incident.state == IncidentState::awaiting_approval) escalate(incident, diagnosis, call);
    if (incident.state != IncidentState::planned) return report(incident.id, last_run, actions);
    actions.push_back(choice.plan->strategy);
    MEND_TRY(const RemediationOutcome outcome, repair(incident, *choice.plan, diagnosis, *job, *connector, call));
    if (outcome.last_run) last_run = outcome.last_run;
    if (outcome.state != IncidentState::rolled_back) return report(incident.id, last_run, actions);
    MEND_TRY(incident, after_rollback(incident.id, choice.plan->strategy, outcome.last_run, diagnosis));
  }
}

Result<Diagnosis> Engine::newest_diagnosis(const IncidentId& id) {
  MEND_TRY(auto all, parts_.store.diagnoses(id));
  if (all.empty()) return fail(ErrorKind::not_found, fmt::format("incident {} has no diagnosis", id.str()));
  return std::move(all.back());
}

Result<HealReport> Engine::continue_diagnosed(const IncidentId& id, const JobSpec* job, Connector* connector, CallContext& call) {
  MEND_TRY(auto incident, parts_.store.incident(id));
  if (!incident) return fail(ErrorKind::not_found, fmt::format("no incident {}", id.str()));
  if (incident->state != IncidentState::diagnosed || !is_ours(*incident))
    return fail(ErrorKind::conflict, fmt::format("incident {} is {} meanwhile", id.str(), to_string(incident->state)));
  MEND_TRY(Diagnosis diagnosis, newest_diagnosis(id));
  return decide_and_repair(std::move(*incident), std::move(diagnosis), job, connector, call);
}

Result<HealReport> Engine::execute_approved(const IncidentId& id, const JobSpec& job, Connector& connector, CallContext& call) {
  MEND_TRY(const auto incident, parts_.store.incident(id));
  if (!incident) return fail(ErrorKind::not_found, fmt::format("no incident {}", id.str()));
  MEND_TRY(const auto plan, parts_.store.plan(incident->plan));
  if (!plan) return fail(ErrorKind::not_found, fmt::format("incident {} has no plan", id.str()));
  if (incident->state != IncidentState::planned || !is_ours(*incident))
    return fail(ErrorKind::conflict, fmt::format("incident {} is {} meanwhile", id.str(), to_string(incident->state)));
  MEND_TRY(Diagnosis diagnosis, newest_diagnosis(id));
  if (auto valid = check_approval(*incident, *plan); !valid) {
    if (valid.error().kind != ErrorKind::permission) return std::unexpected(valid.error());
    MEND_CHECK(hand_over(id, diagnosis, valid.error().message, call));
    return report(id, std::nullopt, {});
  }
  MEND_TRY(const RemediationOutcome outcome, repair(*incident, *plan, diagnosis, job, connector, call));
  if (outcome.state == IncidentState::rolled_back) {
    MEND_TRY(Incident next, after_rollback(id, plan->strategy, outcome.last_run, diagnosis));
    MEND_TRY(HealReport rest, decide_and_repair(std::move(next), std::move(diagnosis), &job, &connector, call));
    rest.actions.insert(rest.actions.begin(), plan->strategy);
    if (!rest.last_run) rest.last_run = outcome.last_run;
    return rest;
  }
  return report(id, outcome.last_run, {plan->strategy});
}

Result<HealReport> Engine::roll_back(const IncidentId& id, const JobSpec& job, Connector& connector, CallContext& call, std::string_view reason) {
  MEND_TRY(const auto incident, parts_.store.incident(id));
  if (!incident) return fail(ErrorKind::not_found, fmt::format("no incident {}", id.str()));
  MEND_TRY(const auto plan, parts_.store.plan(incident->plan));
  MEND_TRY(const Diagnosis diagnosis, newest_diagnosis(id));
  Reconciler reconciler(parts_.store, parts_.app.clock, parts_.app.random, parts_.app.fail_points, reconciler_settings(diagnosis));
  MEND_TRY(const RemediationOutcome outcome, reconciler.roll_back({*incident, plan}, job, connector, call, reason));
  // A person took the repair back and knows: what comes next is a person's as well, and no restart goes on with it.
  if (outcome.state == IncidentState::rolled_back) MEND_CHECK(leave_to_person(id, fmt::format("rolled back: {}", reason)));
  return report(id, outcome.last_run, {});
}

bool Engine::is_ours(const Incident& incident) const {
  if (incident.owner.empty() || incident.owner == parts_.owner) return true;
  const auto alive = ProcessIdentity::alive(incident.owner);
  return alive && !*alive;
}

// A plan that a person had to approve is carried out as it was approved, in time, or not at all.
Result<void> Engine::check_approval(const Incident& incident, const Plan& plan) {
  if (plan_hash(plan) != plan.hash) return fail(ErrorKind::permission, "the plan is not what its hash says: it was changed after it was made");
  MEND_TRY(const auto decisions, parts_.store.decisions(incident.id));
  MEND_TRY(const auto approvals, parts_.store.approvals(incident.id));
  const bool automatic = !decisions.empty() && decisions.back().verdict == Verdict::automatic;
  if (automatic && approvals.empty()) return {};
  if (approvals.empty()) return fail(ErrorKind::permission, "the plan was never approved");
  const Approval& newest = approvals.back();
  if (!newest.approved || newest.plan_hash != plan.hash) return fail(ErrorKind::permission, "the approval is for another plan");
  if (newest.expires < parts_.app.clock.now()) return fail(ErrorKind::permission, "the approval expired before the plan was carried out");
  return {};
}

Result<std::optional<Incident>> Engine::leave_to_person(const IncidentId& id, std::string_view reason) {
  std::optional<Incident> handed;
  const WallTime now = parts_.app.clock.now();
  MEND_CHECK(parts_.store.write([&](StoreTransaction& tx) -> Result<void> {
    handed.reset();
    MEND_TRY(auto stored, tx.incident(id));
    if (!stored || !can_move(stored->state, IncidentState::escalated)) return {};
    stored->state = IncidentState::escalated;
    stored->reason = std::string(reason);
    stored->owner = parts_.owner;
    stored->updated_at = now;
    MEND_CHECK(tx.put_incident(*stored));
    AuditRecord record = audit_of(now, "incident.escalated", *stored, nullptr, stored->reason);
    record.success = false;
    MEND_CHECK(tx.append_audit(std::move(record)));
    handed = std::move(*stored);
    return {};
  }));
  return handed;
}

Result<void> Engine::hand_over(const IncidentId& id, const Diagnosis& diagnosis, std::string_view reason, CallContext& call) {
  MEND_TRY(const auto handed, leave_to_person(id, reason));
  if (handed) escalate(*handed, diagnosis, call);
  return {};
}

Result<HealReport> Engine::report(const IncidentId& id, std::optional<Run> last_run, std::vector<std::string> actions) {
  MEND_TRY(const auto incident, parts_.store.incident(id));
  if (!incident) return fail(ErrorKind::not_found, fmt::format("no incident {}", id.str()));
  return HealReport{id, incident->state, incident->reason, std::move(last_run), std::move(actions)};
}

void Engine::escalate(const Incident& incident, const Diagnosis& diagnosis, CallContext& call) {
  boost::json::object body{{"incident", to_json(incident)}, {"diagnosis", to_json(diagnosis)}};
  if (const auto decisions = parts_.store.decisions(incident.id); decisions && !decisions->empty()) body["decision"] = to_json(decisions->back());
  if (const auto plans = parts_.store.plans(incident.id); plans) {
    boost::json::array list;
    for (const Plan& plan : *plans) list.push_back(to_json(plan));
    body["plans"] = std::move(list);
  }
  const Notification notification{fmt::format("{}: {} ({})", incident.job.str(), incident.reason, to_string(diagnosis.type)), to_line(body)};
  constexpr int kRetriesOfAll = 6;  // a person waits for the first channel that works, not for the last that does not
  const CallContext told = call.with_retries(kRetriesOfAll);
  for (Notifier* notifier : parts_.notifiers) {
    CallContext bounded = told.within(std::chrono::seconds{30}, std::string("notify/") + std::string(notifier->name()));
    if (auto sent = notifier->notify(notification, bounded); !sent)
      call.log().warning("{} could not be told by {}: {}", incident.id.str(), notifier->name(), sent.error().message);
  }
  // Given up by its owner means told: what still has a dead owner is told again after a restart.
  const auto marked = parts_.store.write([&](StoreTransaction& tx) -> Result<void> {
    MEND_TRY(auto stored, tx.incident(incident.id));
    if (!stored || stored->owner.empty() || is_active(stored->state) || stored->state == IncidentState::planned) return {};
    stored->owner.clear();
    return tx.put_incident(*stored);
  });
  if (!marked) call.log().warning("{}: {}", incident.id.str(), marked.error().message);
}

}  // namespace mend
