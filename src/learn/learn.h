// What a remediation taught: a case for the knowledge base and a count for the strategy. Pure; the caller writes it down.
#pragma once

#include <string_view>

#include "model/diagnosis.h"
#include "model/incident.h"
#include "model/knowledge.h"
#include "model/plan.h"

namespace mend {

// One case per remediation, its id made from the plan's, so that recording it twice changes nothing.
Case case_of(const Incident& incident, const Diagnosis& diagnosis, const Plan& plan, bool helped, WallTime now);

}  // namespace mend
