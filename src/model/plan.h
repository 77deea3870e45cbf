// A plan: the steps of one remediation, fixed before anything is done. Approval is bound to its hash.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/ids.h"
#include "model/strategy.h"

namespace mend {

enum class StepState : std::uint8_t {
  pending,   // planned, nothing done
  started,   // intent journalled: the effect may or may not have happened
  applied,   // effect journalled
  failed,    // the effect was refused or did not happen
  skipped,   // not needed: an earlier step settled it
  undoing,   // intent of the undo journalled
  undone,
};
std::string_view to_string(StepState state);
std::optional<StepState> parse_step_state(std::string_view name);
bool can_move(StepState from, StepState to);

struct Step {
  StepId id;
  PlanId plan;
  int ordinal = 0;                            // from 0
  Capability capability = Capability::retry;
  std::map<std::string, std::string> parameters;  // everything the effect depends on; part of the plan's hash
  std::string text;                           // for people: "raise the memory limit from 64 MiB to 128 MiB"
  std::string undo_text;                      // for people; empty when it cannot be undone
  Risk risk = Risk::low;
  bool reversible = true;
  StepState state = StepState::pending;
  std::string pre_image;                      // what was there before, JSON by the connector; journalled before the effect
  std::string outcome;                        // what happened, for people
  WallTime changed_at;
};

struct Plan {
  PlanId id;
  IncidentId incident;
  JobId job;
  std::string strategy;
  std::string connector;
  std::vector<Step> steps;
  std::string hash;                           // over strategy, job and every step's capability and parameters
  Risk risk = Risk::low;                      // the highest of the steps'; not reversible counts as high
  WallTime made_at;
};

// BLAKE2b of the canonical text of what the plan would do; ids and states are not part of it.
std::string plan_hash(const Plan& plan);

struct Approval {
  IncidentId incident;
  std::string plan_hash;
  bool approved = false;  // false: rejected
  std::string by;         // who said so
  std::string reason;
  WallTime at;
  WallTime expires;       // an approval that is older than this counts no more
};

}  // namespace mend
