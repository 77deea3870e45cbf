#include "remediate/updates.h"

#include <fmt/format.h>

namespace mend {
namespace {

const Step* step_at(const RemediationState& state, int ordinal) {
  if (!state.plan || ordinal < 0 || std::size_t(ordinal) >= state.plan->steps.size()) return nullptr;
  return &state.plan->steps[std::size_t(ordinal)];
}

Result<void> check(const RemediationState& state, const MoveIncident& move) {
  if (can_move(state.incident.state, move.to)) return {};
  return fail(ErrorKind::conflict, fmt::format("incident {} cannot go from {} to {}", state.incident.id.str(), to_string(state.incident.state),
                                               to_string(move.to)));
}

Result<void> check(const RemediationState& state, const Claim& claim) {
  if (claim.owner.empty()) return fail(ErrorKind::invalid_input, "a claim without an owner");
  if (is_closed(state.incident.state) && state.incident.state != IncidentState::healed)
    return fail(ErrorKind::conflict, fmt::format("incident {} is {}", state.incident.id.str(), to_string(state.incident.state)));
  return {};
}

Result<void> check(const RemediationState& state, const MoveStep& move) {
  const Step* step = step_at(state, move.ordinal);
  if (!step) return fail(ErrorKind::internal, fmt::format("no step {}", move.ordinal));
  if (!can_move(step->state, move.to))
    return fail(ErrorKind::conflict, fmt::format("step {} cannot go from {} to {}", step->id.str(), to_string(step->state), to_string(move.to)));
  return {};
}

}  // namespace

Result<void> can_apply(const RemediationState& state, const RemediationUpdate& update) {
  return std::visit([&](const auto& one) { return check(state, one); }, update);
}

void apply(RemediationState& state, const RemediationUpdate& update, WallTime now) {
  state.incident.updated_at = now;
  if (const auto* move = std::get_if<MoveIncident>(&update)) {
    state.incident.state = move->to;
    state.incident.reason = move->reason;
  } else if (const auto* claim = std::get_if<Claim>(&update)) {
    state.incident.owner = claim->owner;
    ++state.incident.fence;
  } else if (const auto* step_move = std::get_if<MoveStep>(&update)) {
    Step& step = state.plan->steps[std::size_t(step_move->ordinal)];
    step.state = step_move->to;
    step.changed_at = now;
    if (!step_move->outcome.empty()) step.outcome = step_move->outcome;
    if (step_move->pre_image) step.pre_image = *step_move->pre_image;
  }
}

}  // namespace mend
