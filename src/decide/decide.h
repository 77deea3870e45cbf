// The decision: a pure function of what is known. No clock, no I/O; every rule that fired is kept with its reason.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/controls.h"
#include "model/decision.h"
#include "model/diagnosis.h"
#include "model/job.h"
#include "model/plan.h"
#include "model/strategy.h"

namespace mend {

struct Policy {
  Mode mode = Mode::automatic;                  // global
  std::map<std::string, Mode> strategy_modes;
  int most_per_job_and_hour = 6;                // remediations of one job begun within an hour
  int most_strategies_per_incident = 3;
};

struct DecisionInput {
  const Diagnosis& diagnosis;
  const JobSpec* job = nullptr;                 // null: Mendline cannot run this job (it only hears of it)
  const Strategy* strategy = nullptr;           // the candidate; null: the registry does not know it
  std::vector<Capability> offered;              // by the job's connector
  const Plan* plan = nullptr;                   // once one was made: its risk counts too
  const Controls& controls;
  const Policy& policy;
  std::uint64_t plans_in_last_hour = 0;
  std::vector<std::string> strategies_tried;    // on this incident
  bool approved = false;                        // a person approved exactly this plan
  WallTime now;
};

Decision decide(const DecisionInput& input);

}  // namespace mend
