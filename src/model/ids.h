// The ids of the product's words.
#pragma once

#include "base/ids.h"

namespace mend {

using EventId = StrongId<struct EventIdTag>;
using JobId = StrongId<struct JobIdTag>;
using RunId = StrongId<struct RunIdTag>;
using IncidentId = StrongId<struct IncidentIdTag>;
using PlanId = StrongId<struct PlanIdTag>;
using StepId = StrongId<struct StepIdTag>;
using CaseId = StrongId<struct CaseIdTag>;
using Fingerprint = StrongId<struct FingerprintTag>;  // 32 hex digits; same cause, same fingerprint

}  // namespace mend
