// What a diagnosis and the knowledge it found say together, as sentences with citations: what failed, how sure that is, what helped
// before, what the runbook says, what to do. Pure. Every text of a case or passage is only quoted: it names no strategy that the
// registry does not have, changes no parameter of one, and cannot look like a citation.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "diagnose/resolutions.h"
#include "model/diagnosis.h"
#include "model/knowledge.h"
#include "model/strategy.h"
#include "ports/retriever.h"

namespace mend {

struct Statement {                     // "claims" in JSON
  std::string text;                    // one sentence or two
  std::vector<std::string> citations;  // signature ids, case ids, "runbook#section"
};

struct Recommendation {
  std::string strategy;  // of the registry; escalate_to_human where the diagnosis names none of it
  // The registry's own, and what the most similar case that it helped names (the facts of this failure before the case's). For
  // people: a repair takes its parameters from the registry and the job's specification alone.
  std::map<std::string, std::string> parameters;
  double success_rate = 0;           // see success_rate()
  std::vector<std::string> support;  // ids of similar cases that it helped, the most similar first
};

struct Analysis {
  std::string paragraph;  // the claims, each with its citations in brackets
  std::vector<Statement> claims;
  Recommendation recommendation;
  EvidenceStatus evidence_status = EvidenceStatus::insufficient;
  std::vector<std::string> evidence_gaps;
};

struct AnalysisInput {
  const Diagnosis& diagnosis;
  std::span<const RetrievedCase> cases;  // the diagnosis's evidence, as far as it still exists
  std::span<const RetrievedPassage> passages;
  std::span<const Strategy> strategies;         // the registry
  std::span<const StrategyStatistics> learned;  // of this home; may be empty
  const ResolutionRules& rules;
};

// Similarity from which a case of the same type is told of, and from which one of another type is: what only shares words with the
// failure says nothing about its repair.
inline constexpr double kSimilarFrom = 0.15, kCloseFrom = 0.35;

// A past case in the registry's words.
struct UnderstoodCase {
  const RetrievedCase* found = nullptr;
  std::string strategy;                  // as recorded where the registry has that, else as its text reads, else empty
  std::optional<MappedResolution> read;  // what its text reads as
};
UnderstoodCase understand(const RetrievedCase& found, std::span<const Strategy> strategies, const ResolutionRules& rules);

// How often the strategy helped in these cases, each weighing as much as it is similar, and the prior as one whole case.
double success_rate(const Strategy& strategy, std::span<const UnderstoodCase> cases);

Analysis analyse(const AnalysisInput& input);

}  // namespace mend
