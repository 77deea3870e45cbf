#include <thread>

#include <gtest/gtest.h>

#include "base/call_context.h"
#include "base/clock.h"
#include "support/quiet_log.h"

namespace mend {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(ManualClock, StandsStillUntilTold) {
  ManualClock clock;
  const WallTime start = clock.now();
  EXPECT_EQ(clock.now(), start);
  clock.advance(seconds{3});
  EXPECT_EQ(clock.now() - start, seconds{3});
  EXPECT_EQ(clock.slept(), Duration{0});
}

TEST(ManualClock, SleepIsAnAdvanceThatIsCounted) {
  ManualClock clock;
  const WallTime start = clock.now();
  EXPECT_TRUE(clock.sleep(seconds{1}, {}));
  EXPECT_TRUE(clock.sleep(seconds{2}, {}));
  EXPECT_EQ(clock.slept(), seconds{3});
  EXPECT_EQ(clock.now() - start, seconds{3});
  EXPECT_EQ(clock.steady().time_since_epoch(), seconds{3});
}

TEST(ManualClock, AStopKeepsItFromSleeping) {
  ManualClock clock;
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(clock.sleep(seconds{1}, stop.get_token()));
  EXPECT_EQ(clock.slept(), Duration{0});
}

TEST(ManualClock, TheWallMayGoBackTheSteadyTimeDoesNot) {
  ManualClock clock;
  clock.advance(seconds{10});
  const SteadyTime steady = clock.steady();
  clock.set(WallTime{seconds{5}});
  EXPECT_EQ(clock.now(), WallTime{seconds{5}});
  EXPECT_EQ(clock.steady(), steady);
}

TEST(SystemClock, AStopEndsALongSleep) {
  SystemClock clock;
  std::stop_source stop;
  std::jthread other([&] { stop.request_stop(); });
  const SteadyTime begin = clock.steady();
  EXPECT_FALSE(clock.sleep(std::chrono::hours{1}, stop.get_token()));
  EXPECT_LT(clock.steady() - begin, std::chrono::minutes{5});
  EXPECT_TRUE(clock.sleep(milliseconds{1}, {}));
}

class CallContextTest : public ::testing::Test {
 protected:
  ManualClock clock_;
  KeptLog log_;
  std::stop_source stop_;
  CallContext call_{clock_, log_, stop_.get_token(), "job/a"};
};

TEST_F(CallContextTest, WithoutADeadlineAllThatIsAskedForIsLeft) {
  EXPECT_FALSE(call_.deadline());
  EXPECT_EQ(call_.left(seconds{5}), seconds{5});
  EXPECT_TRUE(call_.check());
}

TEST_F(CallContextTest, WhatIsLeftIsNeverNegative) {
  EXPECT_EQ(call_.left(seconds{-5}), Duration{0});
  EXPECT_EQ(call_.within(seconds{1}).left(seconds{-5}), Duration{0});
  CallContext inner = call_.within(seconds{1});
  clock_.advance(seconds{2});
  EXPECT_EQ(inner.left(seconds{5}), Duration{0});
}

TEST_F(CallContextTest, ADeadlineOnlyEverComesNearer) {
  const CallContext outer = call_.within(seconds{10}, "plan");
  const CallContext wider = outer.within(seconds{60}, "read");
  EXPECT_EQ(wider.deadline(), outer.deadline());
  EXPECT_EQ(wider.left(seconds{100}), seconds{10});
  EXPECT_EQ(outer.within(seconds{3}).left(seconds{100}), seconds{3});
  EXPECT_EQ(wider.prefix(), "job/a/plan/read");
  EXPECT_FALSE(call_.deadline());
}

TEST_F(CallContextTest, APassedDeadlineIsTimedOutAndNamesTheCall) {
  const CallContext inner = call_.within(seconds{2}, "read");
  clock_.advance(seconds{2});
  const auto checked = inner.check();
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::timed_out);
  EXPECT_TRUE(checked.error().message.starts_with("job/a/read: ")) << checked.error().message;
  EXPECT_EQ(inner.sleep(seconds{1}).error().kind, ErrorKind::timed_out);
  EXPECT_EQ(clock_.slept(), Duration{0});
}

TEST_F(CallContextTest, SleepIsCutAtTheDeadline) {
  const CallContext inner = call_.within(seconds{2});
  EXPECT_TRUE(inner.sleep(seconds{1}));
  EXPECT_EQ(inner.sleep(seconds{4}).error().kind, ErrorKind::timed_out);
  EXPECT_EQ(clock_.slept(), seconds{2});
}

TEST_F(CallContextTest, AStopReachesEveryContextBelow) {
  const CallContext inner = call_.within(seconds{2}).within(seconds{1});
  stop_.request_stop();
  EXPECT_EQ(call_.check().error().kind, ErrorKind::cancelled);
  EXPECT_EQ(inner.check().error().kind, ErrorKind::cancelled);
  EXPECT_EQ(inner.sleep(milliseconds{5}).error().kind, ErrorKind::cancelled);
  EXPECT_EQ(clock_.slept(), Duration{0});
}

TEST_F(CallContextTest, ARetryBudgetIsSharedByAllThatIsDerivedAndUsedUp) {
  const CallContext outer = call_.with_retries(3);
  const CallContext first = outer.within(seconds{1}), second = outer.within(seconds{2});
  EXPECT_TRUE(first.take_retry());
  EXPECT_TRUE(second.take_retry());
  EXPECT_TRUE(outer.take_retry());
  EXPECT_FALSE(first.take_retry());
  EXPECT_FALSE(second.take_retry());
}

TEST_F(CallContextTest, WithoutABudgetTheCallersOwnLimitCounts) {
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(call_.take_retry());
}

}  // namespace
}  // namespace mend
