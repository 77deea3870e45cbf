#include <fmt/format.h>

#include "main/cli/commands.h"
#include "main/cli/home_access.h"
#include "main/cli/incident_action.h"

namespace mend {
namespace {

Result<Incident> record_rejection(AppContext& app, Store& store, const Incident& incident, const std::string& reason) {
  MEND_TRY(const auto plan, store.plan(incident.plan));
  const WallTime now = app.clock.now();
  const Approval approval{incident.id, plan ? plan->hash : "", false, app.user, reason, now, now};
  const std::string said = fmt::format("rejected by {}{}", app.user, reason.empty() ? "" : ": " + reason);
  return move_by_person(
      app, store, incident,
      {IncidentState::escalated, said, "approval.rejected", plan ? fmt::format("plan {}: {}", plan->id.str(), said) : said,
       plan ? plan->strategy : "", std::nullopt, [&](StoreTransaction& tx) { return tx.add_approval(approval); }});
}

}  // namespace

ExitStatus reject_command(AppContext& app, const IncidentActionOptions& options) {
  const auto store = open_existing_store(app);
  if (!store) return report_error(store.error());
  if (!*store) return report_error(no_home_error(app));
  const auto incident = find_incident(app, **store, options.id);
  if (!incident) return report_error(incident.error());
  if (incident->state != IncidentState::awaiting_approval)
    return refuse(fmt::format("incident {} is {}{}, so there is nothing to reject", incident->id.str(), to_string(incident->state),
                              incident->reason.empty() ? "" : " (" + incident->reason + ")"));
  const auto reason = redacted_text(app, options.reason);
  if (!reason) return report_error(reason.error());
  const auto rejected = record_rejection(app, **store, *incident, *reason);
  if (!rejected) return report_error(rejected.error());
  print_outcome(*rejected, fmt::format("{} is escalated: {}", rejected->id.str(), rejected->reason), options.json);
  return ExitStatus::ok;
}

}  // namespace mend
