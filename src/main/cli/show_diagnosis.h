// A diagnosis and a decision as people read them.
#pragma once

#include <string>

#include "model/decision.h"
#include "model/diagnosis.h"

namespace mend {

std::string diagnosis_text(const Diagnosis& diagnosis, bool colours);
std::string decision_text(const Decision& decision, bool colours);

}  // namespace mend
