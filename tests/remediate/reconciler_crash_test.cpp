// A process that dies at every write and at every fail point, again and again: the next one takes the remediation to a proper end,
// no step's effect happens twice, and nothing is left half-way.
#include <algorithm>
#include <cctype>
#include <functional>
#include <ostream>

#include "fixture.h"
#include "support/property.h"

namespace mend {
namespace {

struct Situation {
  std::string name;
  int changes;
  std::vector<long> delays;
  Script script;
  IncidentState undisturbed;
  friend void PrintTo(const Situation& situation, std::ostream* out) { *out << situation.name; }
};

std::vector<Situation> situations() {
  const Error refused{ErrorKind::permission, "refused"};
  return {{"heals", 2, {0}, {.run_results = {true, true, true, true}}, IncidentState::healed},
          {"heals later", 1, {0, 0, 0}, {.run_results = {false, false, true, true}}, IncidentState::healed},
          {"never heals", 2, {0, 0}, {}, IncidentState::rolled_back},
          {"retry only", 0, {0, 0}, {.run_results = {false, true}}, IncidentState::healed},
          {"refused", 2, {0}, {.run_results = {true}, .refuse_apply = {{"p1.1", refused}}}, IncidentState::rolled_back},
          {"half-way", 2, {0}, {.run_results = {true}, .half_apply = {{"p1.1", true}}}, IncidentState::rolled_back},
          {"undo fails", 2, {0}, {.refuse_undo = {{"p1.0", refused}}}, IncidentState::escalated}};
}

// One remediation through any number of processes.
struct Story {
  explicit Story(const Situation& s) : situation(s) {
    put_planned(*store, plan_with(s.changes, s.delays));
    for (int i = 0; i < s.changes; ++i) world.settings[std::string(1, char('a' + i))] = "old";
  }
  // A new process over what the store holds; nothing of the old one is left.
  Result<RemediationOutcome> next_process(const FailPoints* points = nullptr) {
    store = std::make_unique<MemoryStore>(store->state());
    if (arrange) arrange(*store);
    Process process(*store, world, situation.script, "process-" + std::to_string(++processes), points);
    return process.reconcile();
  }
  // What holds at every end.
  void expect_proper_end(const Result<RemediationOutcome>& outcome, const std::string& where) const {
    ASSERT_TRUE(outcome) << where << ": " << outcome.error().message;
    const Incident incident = store->incident(IncidentId("i1")).value().value();
    EXPECT_EQ(incident.state, outcome->state) << where;
    EXPECT_TRUE(incident.state == IncidentState::healed || incident.state == IncidentState::rolled_back ||
                incident.state == IncidentState::escalated)
        << where << ": " << to_string(incident.state);
    const Plan plan = store->plan(PlanId("p1")).value().value();
    for (const Step& step : plan.steps) {
      EXPECT_NE(step.state, StepState::started) << where << " " << step.id.str();
      EXPECT_NE(step.state, StepState::undoing) << where << " " << step.id.str();
      if (step.capability == Capability::retry) continue;
      const auto applied = world.applied.find(step.id.str());
      EXPECT_LE(applied == world.applied.end() ? 0 : applied->second, 1) << where << ": applied twice " << step.id.str();
      const std::string& now = world.settings.at(step.parameters.at("name"));
      if (incident.state == IncidentState::healed) EXPECT_EQ(step.state, StepState::applied) << where;
      if (incident.state == IncidentState::rolled_back) {
        EXPECT_NE(step.state, StepState::applied) << where;
        EXPECT_EQ(now, "old") << where << ": " << step.id.str() << " is " << to_string(step.state);
      }
      if (step.state == StepState::applied) EXPECT_EQ(now, "new") << where;
    }
    for (const auto& [run, count] : world.runs) EXPECT_EQ(count, 1) << where;
    EXPECT_TRUE(store->verify_audit()->intact) << where;
  }

  Situation situation;
  std::unique_ptr<MemoryStore> store = std::make_unique<MemoryStore>();
  World world;
  int processes = 0;
  std::function<void(MemoryStore&)> arrange;
};

class Crash : public ::testing::TestWithParam<Situation> {};

TEST_P(Crash, UndisturbedItEndsAsExpected) {
  Story story(GetParam());
  const auto outcome = story.next_process();
  story.expect_proper_end(outcome, "undisturbed");
  EXPECT_EQ(outcome->state, GetParam().undisturbed);
}

TEST_P(Crash, AtEveryWrite) {
  std::uint64_t crashes = 0;
  for (std::uint64_t k = 1;; ++k) {
    Story story(GetParam());
    story.arrange = [&](MemoryStore& store) { store.fail_at_write(k, true); };
    const auto first = story.next_process();
    if (first) break;  // it came to its end before the k-th write
    ++crashes;
    story.arrange = nullptr;
    story.expect_proper_end(story.next_process(), "after a crash at write " + std::to_string(k));
  }
  EXPECT_GE(crashes, 5U);
}

TEST_P(Crash, AtEveryPairOfWrites) {
  for (std::uint64_t k = 1;; ++k) {
    bool first_ended = false;
    for (std::uint64_t l = 1;; ++l) {
      Story story(GetParam());
      story.arrange = [&](MemoryStore& store) { store.fail_at_write(k, true); };
      if (story.next_process()) {
        first_ended = true;
        break;
      }
      story.arrange = [&](MemoryStore& store) { store.fail_at_write(l, true); };
      const auto second = story.next_process();
      story.arrange = nullptr;
      const std::string where = "after crashes at writes " + std::to_string(k) + " and " + std::to_string(l);
      if (second) {
        story.expect_proper_end(second, where);
        break;
      }
      story.expect_proper_end(story.next_process(), where);
    }
    if (first_ended) break;
  }
}

TEST_P(Crash, AtEveryFailPointAndPass) {
  int crashes = 0;
  for (const std::string_view name : FailPoints::names())
    for (int pass = 1; pass <= 4; ++pass) {
      FailPoints points;
      const std::string setting = std::string(name) + "=error@" + std::to_string(pass);
      ASSERT_TRUE(FailPoints::configure(points, setting));
      Story story(GetParam());
      const auto first = story.next_process(&points);
      if (!first) ++crashes;
      const auto end = first ? first : story.next_process();
      story.expect_proper_end(end, setting);
    }
  EXPECT_GE(crashes, 3);
}

// A process that dies in the same place every time still makes way: each start gets further, or the end is a rollback.
TEST_P(Crash, DyingAtTheSameWriteOverAndOverComesToAnEnd) {
  for (std::uint64_t k = 3; k <= 6; ++k) {
    Story story(GetParam());
    story.arrange = [&](MemoryStore& store) { store.fail_at_write(k, true); };
    Result<RemediationOutcome> outcome = story.next_process();
    for (int i = 0; i < 60 && !outcome; ++i) outcome = story.next_process();
    story.expect_proper_end(outcome, "dying at write " + std::to_string(k) + " every time");
  }
}

INSTANTIATE_TEST_SUITE_P(Situations, Crash, ::testing::ValuesIn(situations()), [](const auto& info) {
  std::string name = info.param.name;
  std::ranges::replace_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

RC_GTEST_PROP(CrashProperty, AnyPlanAnyScriptAnyCrashes, ()) {
  Situation situation;
  situation.changes = *rc::gen::inRange(0, 4);
  for (int i = *rc::gen::inRange(1, 4); i > 0; --i) situation.delays.push_back(0);
  situation.script.run_results = *rc::gen::container<std::vector<bool>>(rc::gen::arbitrary<bool>());
  const Error refused{ErrorKind::unavailable, "refused"};
  for (int i = 0; i < situation.changes; ++i) {
    const std::string id = "p1." + std::to_string(i);
    switch (*rc::gen::inRange(0, 12)) {
      case 0: situation.script.refuse_apply[id] = refused; break;
      case 1: situation.script.refuse_capture[id] = refused; break;
      case 2: situation.script.half_apply[id] = true; break;
      case 3: situation.script.refuse_undo[id] = refused; break;
      default: break;
    }
  }
  Story story(situation);
  Result<RemediationOutcome> outcome = fail(ErrorKind::internal, "not begun");
  for (int crashes = *rc::gen::inRange(0, 6); crashes > 0 && !outcome; --crashes) {
    const auto k = *rc::gen::inRange<std::uint64_t>(1, 14);
    story.arrange = [k](MemoryStore& store) { store.fail_at_write(k, true); };
    outcome = story.next_process();
  }
  story.arrange = nullptr;
  if (!outcome) outcome = story.next_process();
  story.expect_proper_end(outcome, "any");
  RC_ASSERT(!::testing::Test::HasFailure());
}

// After a crash between intent and outcome the target was changed by somebody: undo decides, and it is told of the pre-image only.
TEST(CrashAndChange, AnInterruptedStepWhoseTargetIsNeitherOldNorNewGoesToUndo) {
  Story story({"", 1, {0}, {.run_results = {true}}, IncidentState::rolled_back});
  FailPoints points;
  ASSERT_TRUE(FailPoints::configure(points, "step_after_apply=error"));
  ASSERT_FALSE(story.next_process(&points));
  story.world.settings["a"] = "theirs";
  const auto outcome = story.next_process();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->state, IncidentState::rolled_back);
  EXPECT_EQ(story.world.applied.at("p1.0"), 1);
  EXPECT_EQ(story.world.undone.at("p1.0"), 1);
}

TEST(CrashAndChange, AnInterruptedStepThatCannotBeUndoneIsEscalatedAndNotLeftHalfWay) {
  Story story({"", 1, {0}, {.run_results = {true}}, IncidentState::escalated});
  Plan plan = plan_with(1, {0});
  plan.steps[0].reversible = false;
  ASSERT_TRUE(story.store->write([&](StoreTransaction& tx) { return tx.put_plan(plan); }));
  FailPoints points;
  ASSERT_TRUE(FailPoints::configure(points, "step_after_apply=error"));
  ASSERT_FALSE(story.next_process(&points));
  story.world.settings["a"] = "theirs";
  const auto outcome = story.next_process();
  story.expect_proper_end(outcome, "not reversible");
  EXPECT_EQ(outcome->state, IncidentState::escalated);
  EXPECT_TRUE(story.world.undone.empty());
  EXPECT_EQ(story.world.settings.at("a"), "theirs");
}

TEST(CrashAndChange, AnInterruptedStepThatDidNotHappenIsNotDoneAgain) {
  Story story({"", 1, {0}, {.run_results = {true}}, IncidentState::rolled_back});
  FailPoints points;
  ASSERT_TRUE(FailPoints::configure(points, "step_after_intent=error"));
  ASSERT_FALSE(story.next_process(&points));
  const auto outcome = story.next_process();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->state, IncidentState::rolled_back);
  EXPECT_TRUE(story.world.applied.empty());
  EXPECT_TRUE(story.world.undone.empty());
}

TEST(CrashAndChange, AnInterruptedStepThatDidHappenIsGoneOnFrom) {
  Story story({"", 1, {0}, {.run_results = {true}}, IncidentState::healed});
  FailPoints points;
  ASSERT_TRUE(FailPoints::configure(points, "step_after_apply=error"));
  ASSERT_FALSE(story.next_process(&points));
  const auto outcome = story.next_process();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->state, IncidentState::healed);
  EXPECT_EQ(story.world.applied.at("p1.0"), 1);
}

TEST(CrashAndChange, AnInterruptedRunIsNotCountedAsASuccess) {
  Story story({"", 1, {0}, {.run_results = {true}}, IncidentState::healed});
  FailPoints points;
  ASSERT_TRUE(FailPoints::configure(points, "verify_after_run=error"));
  ASSERT_FALSE(story.next_process(&points));
  const auto outcome = story.next_process();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->state, IncidentState::rolled_back) << "how the only run ended is not known";
  EXPECT_EQ(story.world.settings.at("a"), "old");
}

}  // namespace
}  // namespace mend
