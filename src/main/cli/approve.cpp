#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "base/time_text.h"
#include "main/cli/commands.h"
#include "main/cli/home_access.h"
#include "main/cli/incident_action.h"
#include "main/cli/narrator.h"
#include "main/output.h"
#include "main/session.h"

namespace mend {
namespace {

constexpr Duration kApprovalCounts = std::chrono::hours{24};

// What is to be approved, read before anything is written.
struct Request {
  std::optional<JobsFile> jobs;
  std::unique_ptr<Store> store;
  Incident incident;
  Plan plan;
  std::string reason;             // of the person, redacted
  std::optional<JobSpec> job;     // for carrying it out here
  bool by_daemon = false;
  std::optional<std::string> refusal;
};

std::optional<std::string> pause_refusal(const Controls& controls, const Plan& plan) {
  const Pause* pause = controls.find("global");
  if (!pause) pause = controls.find("job", plan.job.str());
  if (!pause) pause = controls.find("strategy", plan.strategy);
  if (!pause) return std::nullopt;
  return fmt::format("{} paused by {}{}; mendline resume ends that",
                     pause->scope == "global" ? "everything is" : fmt::format("{} {} is", pause->scope, pause->name), pause->by,
                     pause->reason.empty() ? "" : ": " + pause->reason);
}

std::optional<std::string> state_refusal(const Incident& incident) {
  const bool waits =
      incident.state == IncidentState::awaiting_approval || (incident.state == IncidentState::escalated && !incident.plan.empty());
  if (waits) return std::nullopt;
  return fmt::format("incident {} is {}{}, so there is nothing to approve", incident.id.str(), to_string(incident.state),
                     incident.reason.empty() ? "" : " (" + incident.reason + ")");
}

std::optional<std::string> plan_refusal(const Incident& incident, const Plan& plan) {
  if (plan.id != incident.plan)
    return fmt::format("plan {} is not the newest one of incident {}, which is {}", plan.id.str(), incident.id.str(), incident.plan.str());
  if (plan_hash(plan) != plan.hash)
    return fmt::format("plan {} is not what its hash says: it was changed after it was made", plan.id.str());
  if (!std::ranges::all_of(plan.steps, [](const Step& step) { return step.state == StepState::pending; }))
    return fmt::format("plan {} was carried out already; a plan is carried out at most once", plan.id.str());
  return std::nullopt;
}

Result<Request> read_request(AppContext& app, const IncidentActionOptions& options) {
  Request out;
  MEND_TRY(out.jobs, load_optional_jobs(app, options.config));
  MEND_TRY(out.store, open_existing_store(app));
  if (!out.store) return std::unexpected(no_home_error(app));
  MEND_TRY(auto subject, find_subject(app, *out.store, options.id));
  if (!subject.incident) return fail(ErrorKind::not_found, fmt::format("'{}' belongs to no incident", options.id));
  out.incident = std::move(*subject.incident);
  if (out.refusal = state_refusal(out.incident); out.refusal) return out;
  if (!subject.plan) {
    MEND_TRY(subject.plan, out.store->plan(out.incident.plan));
  }
  if (!subject.plan) {
    out.refusal = fmt::format("incident {} has no plan to approve", out.incident.id.str());
    return out;
  }
  out.plan = std::move(*subject.plan);
  if (out.refusal = plan_refusal(out.incident, out.plan); out.refusal) return out;
  MEND_TRY(const Controls controls, out.store->controls());
  if (out.refusal = pause_refusal(controls, out.plan); out.refusal) return out;
  MEND_TRY(out.reason, redacted_text(app, options.reason));
  MEND_TRY(out.job, find_spec(*out.store, out.jobs, out.incident.job));
  // A command that was wrapped by `mendline run` stands in no jobs file: no daemon has it.
  out.by_daemon = daemon_runs(app.home) && !(out.job && out.job->retry_only);
  if (!out.by_daemon && (!out.job || !can_be_run(*out.job)))
    return fail(ErrorKind::invalid_input,
                fmt::format("how job '{}' is run is not known here (secrets are never stored): give its jobs file with --config, "
                            "or start `mendline serve`; nothing was approved",
                            out.incident.job.str()));
  return out;
}

// The approval, its audit record and the incident's move, or none of them.
Result<Incident> record_approval(AppContext& app, Store& store, const Request& request) {
  const WallTime now = app.clock.now();
  const Approval approval{request.incident.id, request.plan.hash, true, app.user, request.reason, now, now + kApprovalCounts};
  const std::string why = request.reason.empty() ? "" : ": " + request.reason;
  PersonsMove move{IncidentState::planned,
                   fmt::format("approved by {}{}", app.user, why),
                   "approval.given",
                   fmt::format("plan {} with hash {}, counts until {}{}", request.plan.id.str(), request.plan.hash,
                               format_rfc3339(approval.expires), why),
                   request.plan.strategy,
                   std::nullopt,
                   [&](StoreTransaction& tx) -> Result<void> {
                     MEND_TRY(const auto plan, tx.plan(request.plan.id));
                     if (!plan || plan_hash(*plan) != request.plan.hash) return fail(ErrorKind::conflict, "the plan was changed meanwhile");
                     MEND_TRY(const Controls controls, tx.controls());
                     if (const auto paused = pause_refusal(controls, *plan)) return fail(ErrorKind::conflict, *paused);
                     return tx.add_approval(approval);
                   }};
  return move_by_person(app, store, request.incident, move);
}

ExitStatus carry_out(AppContext& app, Session& session, const JobSpec& job, const Incident& incident, bool json) {
  CallContext call(app.clock, *app.log, std::stop_token{}, job.id.str());
  const auto healing = session.engine().execute_approved(incident.id, job, session.connector(), call);
  if (!healing) return report_error(healing.error());
  const auto after = session.store().incident(incident.id);
  if (!after) return report_error(after.error());
  print_outcome(after->value_or(incident), fmt::format("{} {}: {}", incident.id.str(), to_string(healing->state), healing->reason), json);
  return healing->state == IncidentState::healed ? ExitStatus::ok : ExitStatus::failed;
}

}  // namespace

ExitStatus approve_command(AppContext& app, const IncidentActionOptions& options) {
  auto request = read_request(app, options);
  if (!request) return report_error(request.error());
  if (request->refusal) return refuse(*request->refusal);
  if (request->by_daemon) {
    const auto approved = record_approval(app, *request->store, *request);
    if (!approved) return report_error(approved.error());
    print_outcome(*approved,
                  fmt::format("approved; the daemon that serves {} takes it up (mendline show {})", app.home.string(), approved->id.str()),
                  options.json);
    return ExitStatus::ok;
  }
  // Everything that carrying it out needs is opened before the approval is written, so that it does not lie there unused.
  request->store.reset();
  Narrator narrator(STDERR_FILENO, app.err_terminal && app.colours, "mendline: ");
  SessionOptions session_options;
  session_options.jobs = request->jobs ? &*request->jobs : nullptr;
  session_options.observer = &narrator;
  session_options.forward_signals = true;
  auto session = Session::open(app, session_options);
  if (!session) return report_error(session.error());
  if (!request->jobs) {
    // The person's word holds for this plan. What policy holds for a next one is not known without the jobs file: ask again.
    Policy careful;
    careful.mode = Mode::assist;
    (*session)->engine().set_policy(careful);
  }
  const auto approved = record_approval(app, (*session)->store(), *request);
  if (!approved) return report_error(approved.error());
  return carry_out(app, **session, *request->job, *approved, options.json);
}

}  // namespace mend
