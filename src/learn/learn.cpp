#include "learn/learn.h"

#include <fmt/format.h>

namespace mend {

Case case_of(const Incident& incident, const Diagnosis& diagnosis, const Plan& plan, bool helped, WallTime now) {
  Case out;
  out.id = CaseId("case-" + plan.id.str());
  out.job = incident.job;
  out.platform = incident.platform;
  out.error_message = incident.error_text;
  out.error_type = diagnosis.type;
  out.cause = diagnosis.cause;
  out.resolution_strategy = plan.strategy;
  for (const Step& step : plan.steps) {
    if (step.state == StepState::skipped || step.state == StepState::pending) continue;
    if (!out.resolution.empty()) out.resolution += "; ";
    out.resolution += step.outcome.empty() ? step.text : step.outcome;
  }
  out.success = helped;
  out.resolution_time_minutes = double((now - incident.opened_at).count()) / 60e6;
  out.business_impact = "medium";
  out.recorded_at = now;
  return out;
}

}  // namespace mend
