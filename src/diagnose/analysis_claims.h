// The sentences of an analysis, one group a function. Each gives no claim where there is nothing to say.
#pragma once

#include <span>
#include <vector>

#include "diagnose/analysis.h"

namespace mend {

std::vector<Statement> claims_of_failure(const Diagnosis& diagnosis);
std::vector<Statement> claims_of_confidence(const Diagnosis& diagnosis);
// `recommended` is the strategy that the other cases are held against.
std::vector<Statement> claims_of_cases(std::span<const UnderstoodCase> cases, const Strategy& recommended);
std::vector<Statement> claims_of_runbooks(std::span<const RetrievedPassage> passages, const Diagnosis& diagnosis);
std::vector<Statement> claims_of_recommendation(const Recommendation& recommendation, const Strategy& strategy, const AnalysisInput& input);
std::vector<Statement> claims_of_evidence(const Diagnosis& diagnosis);

}  // namespace mend
