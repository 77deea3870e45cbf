// Makes a plan: asks the connector for the steps of each capability of a strategy. Reads the targets, changes nothing.
#pragma once

#include <string_view>

#include "base/call_context.h"
#include "base/random.h"
#include "base/result.h"
#include "model/diagnosis.h"
#include "model/job.h"
#include "model/plan.h"
#include "ports/connector.h"

namespace mend {

// The connector's refusal (it cannot help in this case) comes back as its error; ids, risk and hash are filled in.
Result<Plan> make_plan(const IncidentId& incident, const JobSpec& job, const Diagnosis& diagnosis, const Strategy& strategy,
                       std::string_view error_text, Connector& connector, Random& random, CallContext& call);

}  // namespace mend
