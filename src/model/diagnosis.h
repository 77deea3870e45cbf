// A diagnosis: error type, calibrated confidence, evidence and the recommended strategy.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "model/error_type.h"
#include "model/ids.h"

namespace mend {

// A piece of the text with a meaning, such as column = user_id.
struct Fact {
  std::string name;
  std::string value;
  std::size_t offset = 0;  // where in the redacted text the value begins, in bytes
  bool operator==(const Fact&) const = default;
};

enum class EvidenceKind : std::uint8_t { signature, similar_case, runbook, context };
std::string_view to_string(EvidenceKind kind);  // "signature", "case", "runbook", "context"

struct Evidence {
  EvidenceKind kind = EvidenceKind::signature;
  std::string id;      // signature id, case id, "runbook-id#section"
  std::string text;    // the matched words, the case's resolution, the passage's heading
  double score = 0;    // signatures: weight; cases and runbooks: similarity in [0, 1]
};

// confirmed: independent evidence agrees; hypothesis: it leans; insufficient: nothing to stand on.
enum class EvidenceStatus : std::uint8_t { confirmed, hypothesis, insufficient };
std::string_view to_string(EvidenceStatus status);

// What one voter said, kept as the "why".
struct VoterShare {
  std::string voter;       // "signatures", "linear", "context", ...
  ErrorType says = ErrorType::unknown_error;
  double probability = 0;  // its own probability for what it says
};

struct Diagnosis {
  IncidentId incident;     // empty for a text that was only classified
  Fingerprint fingerprint;
  ErrorType type = ErrorType::unknown_error;
  std::string cause;       // second level under the type; empty when none is known
  double confidence = 0;   // calibrated: of diagnoses at 0.8, 80 % are right. Never 1.
  bool transient = false;  // waiting can help
  std::string strategy;    // recommended
  std::vector<Fact> facts;
  std::vector<Evidence> evidence;
  EvidenceStatus evidence_status = EvidenceStatus::insufficient;
  std::vector<std::string> evidence_gaps;  // what would settle it
  std::vector<VoterShare> voters;
  std::vector<std::string> notes;          // abstentions and degraded modes, as sentences
  std::string model;       // version of the model that spoke
  std::string path;        // "cached" or "full"
  WallTime made_at;
};

// How many past cases stand among the evidence.
int similar_cases(const Diagnosis& diagnosis);

}  // namespace mend
