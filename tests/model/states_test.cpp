#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "model/error_type.h"
#include "model/incident.h"
#include "model/job.h"
#include "model/plan.h"

namespace mend {
namespace {

using S = IncidentState;

constexpr S kStates[] = {
#define STATE(name) S::name,
#include "model/incident_states.def"
};
constexpr StepState kStepStates[] = {StepState::pending, StepState::started, StepState::applied, StepState::failed,
                                     StepState::skipped, StepState::undoing, StepState::undone};

template <class State, std::size_t N>
std::set<State> reachable(State from, const State (&all)[N]) {
  std::set<State> seen{from};
  for (bool grown = true; grown;) {
    grown = false;
    for (const State a : std::set(seen))
      for (const State b : all)
        if (can_move(a, b) && seen.insert(b).second) grown = true;
  }
  return seen;
}

TEST(IncidentStates, TheMovesAreExactlyThese) {
  const std::map<S, std::set<S>> table = {
      {S::open, {S::diagnosed, S::resolved, S::suppressed}},
      {S::diagnosed, {S::awaiting_approval, S::planned, S::escalated, S::observed, S::resolved, S::suppressed}},
      {S::awaiting_approval, {S::planned, S::escalated, S::resolved}},
      {S::planned, {S::executing, S::escalated, S::resolved}},
      {S::executing, {S::verifying, S::failed}},
      {S::verifying, {S::healed, S::failed}},
      {S::failed, {S::rolling_back}},
      {S::rolling_back, {S::rolled_back, S::escalated}},
      {S::rolled_back, {S::diagnosed, S::escalated, S::resolved}},
      {S::observed, {S::resolved, S::diagnosed}},
      {S::escalated, {S::resolved, S::planned}},
      {S::suppressed, {S::diagnosed, S::resolved}},
      {S::healed, {S::rolling_back}},
      {S::resolved, {}},
  };
  for (const S from : kStates)
    for (const S to : kStates) EXPECT_EQ(can_move(from, to), table.at(from).contains(to)) << to_string(from) << " -> " << to_string(to);
}

TEST(IncidentStates, EveryStateIsReachedFromOpen) { EXPECT_EQ(reachable(S::open, kStates).size(), std::size(kStates)); }

TEST(IncidentStates, FromEveryStateAnEndIsReached) {
  for (const S from : kStates) {
    const auto seen = reachable(from, kStates);
    EXPECT_TRUE(seen.contains(S::healed) || seen.contains(S::resolved)) << to_string(from);
  }
}

TEST(IncidentStates, AClosedIncidentMovesOnlyWhenAPersonAsksForARollback) {
  for (const S from : kStates) {
    if (!is_closed(from)) continue;
    for (const S to : kStates) EXPECT_EQ(can_move(from, to), from == S::healed && to == S::rolling_back);
  }
  EXPECT_TRUE(is_closed(S::healed) && is_closed(S::resolved));
}

TEST(IncidentStates, NothingIsBothClosedAndActiveAndNoEffectHappensOutsideOfActiveStates) {
  for (const S state : kStates) EXPECT_FALSE(is_closed(state) && is_active(state));
  // A remediation is active from its first effect to its end; whoever is in such a state is found after a crash.
  for (const S state : {S::executing, S::verifying, S::failed, S::rolling_back, S::rolled_back}) EXPECT_TRUE(is_active(state));
  for (const S state : {S::open, S::diagnosed, S::awaiting_approval, S::planned, S::escalated, S::observed, S::suppressed})
    EXPECT_FALSE(is_active(state));
}

TEST(IncidentStates, AnActiveIncidentIsNeverResolvedUnderneathItsRemediation) {
  for (const S state : {S::executing, S::verifying, S::failed, S::rolling_back}) EXPECT_FALSE(can_move(state, S::resolved));
}

TEST(StepStates, TheMovesAreExactlyThese) {
  using T = StepState;
  const std::map<T, std::set<T>> table = {{T::pending, {T::started, T::skipped}},
                                          {T::started, {T::applied, T::failed, T::undoing}},
                                          {T::applied, {T::undoing}},
                                          {T::undoing, {T::undone, T::failed}},
                                          {T::failed, {}},
                                          {T::skipped, {}},
                                          {T::undone, {}}};
  for (const T from : kStepStates)
    for (const T to : kStepStates) EXPECT_EQ(can_move(from, to), table.at(from).contains(to)) << to_string(from) << " -> " << to_string(to);
  EXPECT_EQ(reachable(T::pending, kStepStates).size(), std::size(kStepStates));
}

TEST(StepStates, AStepThatBeganIsNeverBegunAgain) {
  for (const StepState from : kStepStates)
    if (from != StepState::pending) EXPECT_FALSE(reachable(from, kStepStates).contains(StepState::started) && from != StepState::started);
}

template <class State, std::size_t N, class Parse>
void expect_names_round_trip(const State (&all)[N], Parse parse) {
  std::set<std::string_view> names;
  for (const State state : all) {
    EXPECT_TRUE(names.insert(to_string(state)).second);
    EXPECT_EQ(parse(to_string(state)), state);
  }
  EXPECT_FALSE(parse("?"));
  EXPECT_FALSE(parse(""));
  EXPECT_FALSE(parse("Open"));
}

TEST(Names, EveryNameIsItsOwnAndIsReadAgain) {
  expect_names_round_trip(kStates, parse_incident_state);
  expect_names_round_trip(kStepStates, parse_step_state);
  constexpr Mode kModes[] = {Mode::observe, Mode::assist, Mode::automatic};
  expect_names_round_trip(kModes, parse_mode);
  constexpr Risk kRisks[] = {Risk::low, Risk::medium, Risk::high};
  expect_names_round_trip(kRisks, parse_risk);
  constexpr Capability kCapabilities[] = {Capability::retry,       Capability::scale,        Capability::elevate,
                                          Capability::raise_quota, Capability::alter_schema, Capability::refresh_credentials,
                                          Capability::deduplicate, Capability::set_config,   Capability::clean_data,
                                          Capability::cancel,      Capability::status,       Capability::logs};
  expect_names_round_trip(kCapabilities, parse_capability);
  for (const ErrorType type : kErrorTypes) EXPECT_EQ(parse_error_type(to_string(type)), type);
  EXPECT_EQ(kErrorTypeCount, 11U);
  EXPECT_FALSE(parse_error_type("timeout"));
}

TEST(Tiers, TheBoundsBelongToTheHigherTier) {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  const std::pair<double, Tier> table[] = {{1.0, Tier::automatic},
                                           {0.75, Tier::automatic},
                                           {std::nextafter(0.75, 0), Tier::assist},
                                           {0.6, Tier::assist},
                                           {0.50, Tier::assist},
                                           {std::nextafter(0.5, 0), Tier::escalate},
                                           {0.0, Tier::escalate},
                                           {-0.0, Tier::escalate},
                                           {-0.1, Tier::escalate},
                                           {std::nextafter(1.0, 2), Tier::escalate},
                                           {7.5, Tier::escalate},
                                           {nan, Tier::escalate},
                                           {-nan, Tier::escalate},
                                           {inf, Tier::escalate},
                                           {-inf, Tier::escalate},
                                           {std::numeric_limits<double>::denorm_min(), Tier::escalate}};
  for (const auto& [confidence, tier] : table) EXPECT_EQ(tier_of(confidence), tier) << confidence;
}

}  // namespace
}  // namespace mend
