// An audit record: one thing that Mendline did or decided. Records are chained by hash; see ports/store.h.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "model/ids.h"

namespace mend {

struct AuditRecord {
  std::uint64_t sequence = 0;      // from 1 without a gap; given by the store
  WallTime timestamp;
  std::string actor;               // "mendline", "user:NAME"
  std::string action;              // "event.accepted", "diagnosis.made", "step.intent", "step.outcome", "approval.given", ...
  JobId job_id;
  IncidentId incident;
  StepId step;
  std::string error_type;
  std::string strategy;
  std::optional<double> confidence;
  std::optional<bool> success;
  std::optional<Duration> duration;
  bool rag_enhanced = false;       // retrieved cases or runbooks took part
  int similar_cases_found = 0;
  std::string detail;              // one sentence, redacted
  std::string previous_hash;       // given by the store: hash of the record before, 64 zeros for the first
  std::string hash;                // given by the store: BLAKE2b over previous_hash and every field above
};

// The text the hash is taken over: every field, escaped, one a line, so that no two records give the same text.
std::string canonical_text(const AuditRecord& record);

}  // namespace mend
