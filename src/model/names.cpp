// The enumerators as text, spelled as on the wire and in YAML.
#include <algorithm>
#include <array>
#include <utility>

#include "model/decision.h"
#include "model/diagnosis.h"
#include "model/event.h"
#include "model/incident.h"
#include "model/job.h"
#include "model/plan.h"
#include "model/strategy.h"

namespace mend {
namespace {

template <class Enum, std::size_t N>
using Names = std::array<std::pair<Enum, std::string_view>, N>;

template <class Enum, std::size_t N>
std::string_view name_of(const Names<Enum, N>& names, Enum value) {
  for (const auto& [entry, name] : names)
    if (entry == value) return name;
  return "?";
}

template <class Enum, std::size_t N>
std::optional<Enum> value_of(const Names<Enum, N>& names, std::string_view text) {
  for (const auto& [entry, name] : names)
    if (name == text) return entry;
  return std::nullopt;
}

constexpr Names<EventStatus, 4> kEventStatus{{{EventStatus::started, "started"}, {EventStatus::succeeded, "succeeded"},
                                              {EventStatus::failed, "failed"}, {EventStatus::cancelled, "cancelled"}}};
constexpr Names<EvidenceKind, 4> kEvidenceKind{{{EvidenceKind::signature, "signature"}, {EvidenceKind::similar_case, "case"},
                                                {EvidenceKind::runbook, "runbook"}, {EvidenceKind::context, "context"}}};
constexpr Names<EvidenceStatus, 3> kEvidenceStatus{{{EvidenceStatus::confirmed, "confirmed"}, {EvidenceStatus::hypothesis, "hypothesis"},
                                                    {EvidenceStatus::insufficient, "insufficient"}}};
constexpr Names<Mode, 3> kMode{{{Mode::observe, "observe"}, {Mode::assist, "assist"}, {Mode::automatic, "auto"}}};
constexpr Names<Verdict, 4> kVerdict{{{Verdict::automatic, "auto"}, {Verdict::assist, "assist"}, {Verdict::observe, "observe"},
                                      {Verdict::escalate, "escalate"}}};
constexpr Names<Risk, 3> kRisk{{{Risk::low, "low"}, {Risk::medium, "medium"}, {Risk::high, "high"}}};
constexpr Names<Rerun, 2> kRerun{{{Rerun::safe, "safe"}, {Rerun::unsafe, "unsafe"}}};
constexpr Names<Criticality, 3> kCriticality{{{Criticality::low, "low"}, {Criticality::normal, "normal"}, {Criticality::high, "high"}}};
constexpr Names<Capability, 12> kCapability{{
    {Capability::retry, "retry"}, {Capability::scale, "scale"}, {Capability::elevate, "elevate"}, {Capability::raise_quota, "raise_quota"},
    {Capability::alter_schema, "alter_schema"}, {Capability::refresh_credentials, "refresh_credentials"},
    {Capability::deduplicate, "deduplicate"}, {Capability::set_config, "set_config"}, {Capability::clean_data, "clean_data"},
    {Capability::cancel, "cancel"}, {Capability::status, "status"}, {Capability::logs, "logs"}}};
constexpr Names<StepState, 7> kStepState{{{StepState::pending, "pending"}, {StepState::started, "started"}, {StepState::applied, "applied"},
                                          {StepState::failed, "failed"}, {StepState::skipped, "skipped"}, {StepState::undoing, "undoing"},
                                          {StepState::undone, "undone"}}};
constexpr std::array kIncidentState = {
#define STATE(name) std::pair<IncidentState, std::string_view>{IncidentState::name, #name},
#include "model/incident_states.def"
};
constexpr std::array kMoves = {
#define MOVE(from, to) std::pair{IncidentState::from, IncidentState::to},
#include "model/incident_states.def"
};

}  // namespace

std::string_view to_string(EventStatus status) { return name_of(kEventStatus, status); }
std::optional<EventStatus> parse_event_status(std::string_view name) { return value_of(kEventStatus, name); }
std::string_view to_string(EvidenceKind kind) { return name_of(kEvidenceKind, kind); }
std::string_view to_string(EvidenceStatus status) { return name_of(kEvidenceStatus, status); }
std::string_view to_string(Mode mode) { return name_of(kMode, mode); }
std::optional<Mode> parse_mode(std::string_view name) { return value_of(kMode, name); }
std::string_view to_string(Verdict verdict) { return name_of(kVerdict, verdict); }
std::string_view to_string(Risk risk) { return name_of(kRisk, risk); }
std::optional<Risk> parse_risk(std::string_view name) { return value_of(kRisk, name); }
std::string_view to_string(Rerun rerun) { return name_of(kRerun, rerun); }
std::string_view to_string(Criticality criticality) { return name_of(kCriticality, criticality); }
std::string_view to_string(Capability capability) { return name_of(kCapability, capability); }
std::optional<Capability> parse_capability(std::string_view name) { return value_of(kCapability, name); }
std::string_view to_string(StepState state) { return name_of(kStepState, state); }
std::optional<StepState> parse_step_state(std::string_view name) { return value_of(kStepState, name); }

std::string_view to_string(IncidentState state) {
  for (const auto& [entry, name] : kIncidentState)
    if (entry == state) return name;
  return "?";
}

std::optional<IncidentState> parse_incident_state(std::string_view name) {
  for (const auto& [entry, text] : kIncidentState)
    if (text == name) return entry;
  return std::nullopt;
}

bool can_move(IncidentState from, IncidentState to) {
  return std::ranges::find(kMoves, std::pair{from, to}) != kMoves.end();
}

bool is_closed(IncidentState state) { return state == IncidentState::healed || state == IncidentState::resolved; }

bool is_active(IncidentState state) {
  switch (state) {
    case IncidentState::executing: case IncidentState::verifying: case IncidentState::failed: case IncidentState::rolling_back:
    case IncidentState::rolled_back:
      return true;
    default: return false;
  }
}

bool can_move(StepState from, StepState to) {
  switch (from) {
    case StepState::pending: return to == StepState::started || to == StepState::skipped;
    case StepState::started: return to == StepState::applied || to == StepState::failed || to == StepState::undoing;
    case StepState::applied: return to == StepState::undoing;
    case StepState::undoing: return to == StepState::undone || to == StepState::failed;
    case StepState::failed: case StepState::skipped: case StepState::undone: return false;
  }
  return false;
}

}  // namespace mend
