#include <fmt/format.h>

#include "main/cli/commands.h"
#include "main/cli/home_access.h"
#include "main/cli/incident_action.h"

namespace mend {

ExitStatus resolve_command(AppContext& app, const IncidentActionOptions& options) {
  const auto store = open_existing_store(app);
  if (!store) return report_error(store.error());
  if (!*store) return report_error(no_home_error(app));
  const auto incident = find_incident(app, **store, options.id);
  if (!incident) return report_error(incident.error());
  if (incident->state == IncidentState::resolved) {
    print_outcome(*incident, fmt::format("{} is resolved already: {}", incident->id.str(), incident->reason), options.json);
    return ExitStatus::ok;
  }
  if (!can_move(incident->state, IncidentState::resolved))
    return refuse(fmt::format("incident {} is {}{} and cannot be closed by hand", incident->id.str(), to_string(incident->state),
                              is_active(incident->state) ? ", a repair is under way," : ""));
  const auto reason = redacted_text(app, options.reason);
  if (!reason) return report_error(reason.error());
  const std::string said = fmt::format("closed by {}{}", app.user, reason->empty() ? "" : ": " + *reason);
  const auto resolved = move_by_person(app, **store, *incident, {IncidentState::resolved, said, "incident.resolved", said, "", true, {}});
  if (!resolved) return report_error(resolved.error());
  print_outcome(*resolved, fmt::format("{} is resolved: {}", resolved->id.str(), resolved->reason), options.json);
  return ExitStatus::ok;
}

}  // namespace mend
