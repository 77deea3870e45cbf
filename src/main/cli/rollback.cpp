#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

#include "main/cli/commands.h"
#include "main/cli/home_access.h"
#include "main/cli/incident_action.h"
#include "main/cli/narrator.h"
#include "main/session.h"

namespace mend {
namespace {

struct Request {
  std::optional<JobsFile> jobs;
  Incident incident;
  Plan plan;
  JobSpec job;
  std::string reason;
  std::optional<std::string> refusal;
};

std::optional<std::string> refusal_of(const Incident& incident, const std::optional<Plan>& plan) {
  if (incident.state != IncidentState::healed || !plan)
    return fmt::format("incident {} is {}{}: only a repair that healed can be rolled back", incident.id.str(), to_string(incident.state),
                       incident.reason.empty() ? "" : " (" + incident.reason + ")");
  bool changed = false;
  for (const Step& step : plan->steps) {
    if (step.capability == Capability::retry || step.state != StepState::applied) continue;
    if (!step.reversible) return fmt::format("step {} cannot be undone: {}", step.ordinal + 1, step.text);
    changed = true;
  }
  if (!changed) return fmt::format("{} changed nothing on {}: there is nothing to undo", plan->strategy, incident.job.str());
  return std::nullopt;
}

Result<Request> read_request(AppContext& app, const IncidentActionOptions& options) {
  Request out;
  MEND_TRY(out.jobs, load_optional_jobs(app, options.config));
  MEND_TRY(const auto store, open_existing_store(app));
  if (!store) return std::unexpected(no_home_error(app));
  MEND_TRY(out.incident, find_incident(app, *store, options.id));
  MEND_TRY(auto plan, store->plan(out.incident.plan));
  if (out.refusal = refusal_of(out.incident, plan); out.refusal) return out;
  out.plan = std::move(*plan);
  // An undo puts files and tables back and runs no command of the job, so the stored, redacted specification will do.
  MEND_TRY(auto job, find_spec(*store, out.jobs, out.incident.job));
  if (!job)
    return fail(ErrorKind::invalid_input,
                fmt::format("job '{}' is not known here: give its jobs file with --config", out.incident.job.str()));
  out.job = std::move(*job);
  MEND_TRY(const std::string why, redacted_text(app, options.reason));
  out.reason = fmt::format("rolled back by {}{}", app.user, why.empty() ? "" : ": " + why);
  return out;
}

Result<void> record_wish(AppContext& app, Store& store, const Request& request) {
  return store.write([&](StoreTransaction& tx) -> Result<void> {
    AuditRecord record;
    record.timestamp = app.clock.now();
    record.actor = "user:" + app.user;
    record.action = "rollback.requested";
    record.job_id = request.incident.job;
    record.incident = request.incident.id;
    record.strategy = request.plan.strategy;
    record.detail = request.reason;
    MEND_CHECK(tx.append_audit(std::move(record)));
    return {};
  });
}

struct RolledBack {
  Incident incident;
  bool everything = false;  // each change is undone; else the incident's reason says what is left
};

// This process holds the incident no longer, and the strategy that a person undid is not tried on it again.
Result<RolledBack> release(AppContext& app, Session& session, const Request& request) {
  RolledBack out;
  MEND_CHECK(session.store().write([&](StoreTransaction& tx) -> Result<void> {
    MEND_TRY(auto stored, tx.incident(request.incident.id));
    if (!stored) return fail(ErrorKind::not_found, fmt::format("no incident {}", request.incident.id.str()));
    if (stored->owner == session.owner()) {
      stored->owner.clear();
      ++stored->fence;
      stored->updated_at = app.clock.now();
      if (std::ranges::find(stored->strategies_tried, request.plan.strategy) == stored->strategies_tried.end())
        stored->strategies_tried.push_back(request.plan.strategy);
      MEND_CHECK(tx.put_incident(*stored));
    }
    out.incident = std::move(*stored);
    return {};
  }));
  MEND_TRY(const auto plan, session.store().plan(request.plan.id));
  out.everything = plan && std::ranges::all_of(plan->steps, [&](const Step& step) {
    const bool was_applied = request.plan.steps[std::size_t(step.ordinal)].state == StepState::applied;
    return step.capability == Capability::retry || !was_applied || step.state == StepState::undone;
  });
  return out;
}

}  // namespace

ExitStatus rollback_command(AppContext& app, const IncidentActionOptions& options) {
  const auto request = read_request(app, options);
  if (!request) return report_error(request.error());
  if (request->refusal) return refuse(*request->refusal);
  Narrator narrator(STDERR_FILENO, app.err_terminal && app.colours, "mendline: ");
  SessionOptions session_options;
  session_options.jobs = request->jobs ? &*request->jobs : nullptr;
  session_options.observer = &narrator;
  auto session = Session::open(app, session_options);
  if (!session) return report_error(session.error());
  if (auto written = record_wish(app, (*session)->store(), *request); !written) return report_error(written.error());
  CallContext call(app.clock, *app.log, std::stop_token{}, request->job.id.str());
  const auto done = (*session)->engine().roll_back(request->incident.id, request->job, (*session)->connector(), call, request->reason);
  if (!done) return report_error(done.error());
  const auto after = release(app, **session, *request);
  if (!after) return report_error(after.error());
  const Incident& incident = after->incident;
  print_outcome(incident, fmt::format("{} {}: {}", incident.id.str(), to_string(incident.state), incident.reason), options.json);
  return after->everything ? ExitStatus::ok : ExitStatus::failed;
}

}  // namespace mend
