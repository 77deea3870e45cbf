// A decision: auto, assist or escalate, with every rule that fired.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/ids.h"

namespace mend {

// How far Mendline may go. Set globally, per strategy and per job; the strictest wins.
enum class Mode : std::uint8_t { observe, assist, automatic };
std::string_view to_string(Mode mode);  // "observe", "assist", "auto"
std::optional<Mode> parse_mode(std::string_view name);

enum class Verdict : std::uint8_t { automatic, assist, observe, escalate };
std::string_view to_string(Verdict verdict);  // "auto", "assist", "observe", "escalate"

struct FiredRule {
  std::string rule;    // stable name, e.g. "tier.auto", "risk.high_needs_approval", "job.rerun_unsafe"
  std::string effect;  // "allows", "needs_approval", "forbids"
  std::string text;    // one sentence for people
};

struct Decision {
  IncidentId incident;
  Verdict verdict = Verdict::escalate;
  std::string strategy;           // the one decided on; escalate_to_human when escalated
  std::vector<FiredRule> rules;   // in the order in which they were looked at
  WallTime decided_at;
};

}  // namespace mend
