#include "remediate/planner.h"

#include <algorithm>

#include <fmt/format.h>

namespace mend {

Result<Plan> make_plan(const IncidentId& incident, const JobSpec& job, const Diagnosis& diagnosis, const Strategy& strategy,
                       std::string_view error_text, Connector& connector, Random& random, CallContext& call) {
  Plan plan;
  plan.id = PlanId(make_id("plan", call.clock().now(), random));
  plan.incident = incident;
  plan.job = job.id;
  plan.strategy = strategy.name;
  plan.connector = std::string(connector.name());
  plan.made_at = call.clock().now();
  for (const Capability capability : strategy.capabilities) {
    MEND_TRY(std::vector<Step> steps, connector.plan({job, diagnosis, strategy, capability, error_text}, call));
    if (steps.empty()) return fail(ErrorKind::invalid_input, fmt::format("{}: there is nothing to do", to_string(capability)));
    for (Step& step : steps) {
      step.capability = capability;
      step.ordinal = int(plan.steps.size());
      step.plan = plan.id;
      step.id = StepId(fmt::format("{}.{}", plan.id.str(), step.ordinal));
      step.state = StepState::pending;
      plan.risk = std::max(plan.risk, step.reversible ? step.risk : Risk::high);
      plan.steps.push_back(std::move(step));
    }
  }
  if (plan.steps.empty()) return fail(ErrorKind::invalid_input, "the strategy has no steps");
  if (plan.steps.back().capability != Capability::retry)
    return fail(ErrorKind::internal, fmt::format("strategy {} does not end with the re-run that verifies it", strategy.name));
  plan.hash = plan_hash(plan);
  return plan;
}

}  // namespace mend
