// Changes of a remediation's state as values: each says whether it can be applied and what it changes. No I/O; replay = apply.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/clock.h"
#include "base/result.h"
#include "model/incident.h"
#include "model/plan.h"

namespace mend {

struct RemediationState {
  Incident incident;
  std::optional<Plan> plan;
};

struct MoveIncident {
  IncidentState to;
  std::string reason;
};

struct Claim {  // a new owner: everything that an earlier owner still tries is refused from here on
  std::string owner;
};

struct MoveStep {
  int ordinal;
  StepState to;
  std::string outcome;                   // kept as it is when empty
  std::optional<std::string> pre_image;  // set with the intent
};

using RemediationUpdate = std::variant<MoveIncident, Claim, MoveStep>;

// conflict with a sentence when the move is not in the tables (model/incident_states.def, StepState).
Result<void> can_apply(const RemediationState& state, const RemediationUpdate& update);
// Requires can_apply.
void apply(RemediationState& state, const RemediationUpdate& update, WallTime now);

}  // namespace mend
