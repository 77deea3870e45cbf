#include "model/diagnosis.h"

#include <algorithm>

namespace mend {

int similar_cases(const Diagnosis& diagnosis) {
  return int(std::ranges::count(diagnosis.evidence, EvidenceKind::similar_case, &Evidence::kind));
}

}  // namespace mend
