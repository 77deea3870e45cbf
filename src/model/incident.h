// An incident: one open failure of one job. Its moves are a table (incident_states.def), checked in can_move.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/ids.h"

namespace mend {

enum class IncidentState : std::uint8_t {
#define STATE(name) name,
#include "model/incident_states.def"
};

std::string_view to_string(IncidentState state);
std::optional<IncidentState> parse_incident_state(std::string_view name);
bool can_move(IncidentState from, IncidentState to);
// A new failure of the same job and fingerprint joins an incident that is not closed. Closed: healed, resolved, rolled back and given up.
bool is_closed(IncidentState state);     // healed, resolved
bool is_active(IncidentState state);     // executing, verifying, failed, rolling_back, rolled_back: a remediation is under way

struct Incident {
  IncidentId id;
  JobId job;
  Fingerprint fingerprint;
  std::string platform;
  IncidentState state = IncidentState::open;
  std::string reason;             // why it is in this state, for people
  std::string error_text;         // of the newest failure; redacted, shortened
  WallTime opened_at;
  WallTime updated_at;
  std::uint64_t occurrences = 1;  // failures that joined
  EventId first_event;
  EventId last_event;
  RunId last_run;
  std::vector<std::string> strategies_tried;
  PlanId plan;                    // the newest one, empty when none was made
  std::string owner;              // who holds it while a remediation is under way (see ports/store.h), else empty
  std::uint64_t fence = 0;        // grows with every new owner; an effect carries the fence it was allowed under
};

}  // namespace mend
