// TaskScope and WorkerPool.
#include <atomic>
#include <condition_variable>
#include <latch>
#include <mutex>

#include <gtest/gtest.h>

#include "runtime/task_scope.h"
#include "runtime/worker_pool.h"

namespace mend {
namespace {

// Waits as a task should: until it is asked to stop.
void until_stopped(std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait(lock, stop, [] { return false; });
}

TEST(TaskScope, AsksToStopAndWaits) {
  std::atomic<int> ended{0};
  {
    TaskScope scope(4);
    for (int i = 0; i < 4; ++i)
      ASSERT_TRUE(scope.start([&](std::stop_token stop) {
        until_stopped(std::move(stop));
        ++ended;
      }));
    EXPECT_EQ(ended, 0);
    EXPECT_EQ(scope.running(), 4U);
  }
  EXPECT_EQ(ended, 4);
}

TEST(TaskScope, IsBoundedAndReusesPlaces) {
  std::latch first(1);
  TaskScope scope(2);
  ASSERT_TRUE(scope.start([](std::stop_token stop) { until_stopped(std::move(stop)); }));
  ASSERT_TRUE(scope.start([&](std::stop_token) { first.wait(); }));
  const auto refused = scope.start([](std::stop_token) {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::exhausted);
  first.count_down();
  while (scope.running() > 1) std::this_thread::yield();
  EXPECT_TRUE(scope.start([](std::stop_token) {}));
}

TEST(TaskScope, JoinWaitsWithoutAsking) {
  std::latch go(1);
  bool asked = true;
  TaskScope scope(1);
  ASSERT_TRUE(scope.start([&](std::stop_token stop) {
    go.wait();
    asked = stop.stop_requested();
  }));
  go.count_down();
  scope.join();
  EXPECT_FALSE(asked);
}

TEST(WorkerPool, DoesAllTheWorkOnItsThreads) {
  std::atomic<int> done{0};
  auto pool = WorkerPool::start(3, 2).value();
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(pool->submit([&](std::stop_token) { ++done; }));
  pool->finish();
  EXPECT_EQ(done, 500);
  EXPECT_EQ(pool->submit([](std::stop_token) {}).error().kind, ErrorKind::cancelled);
}

TEST(WorkerPool, StopEndsWhatRunsAndDropsWhatWaits) {
  std::atomic<int> begun{0};
  std::latch running(2);
  {
    auto pool = WorkerPool::start(2, 10).value();
    for (int i = 0; i < 6; ++i)
      ASSERT_TRUE(pool->submit([&](std::stop_token stop) {
        ++begun;
        running.count_down();
        until_stopped(std::move(stop));
      }));
    running.wait();
  }
  EXPECT_EQ(begun, 2);
}

TEST(WorkerPool, AFullQueueMakesTheSubmitterWaitUntilItIsStopped) {
  std::latch running(1), release(1);
  auto pool = WorkerPool::start(1, 1).value();
  ASSERT_TRUE(pool->submit([&](std::stop_token) {
    running.count_down();
    release.wait();
  }));
  running.wait();
  ASSERT_TRUE(pool->submit([](std::stop_token) {}));
  std::stop_source stop;
  Result<void> third;
  std::jthread submitter([&] { third = pool->submit([](std::stop_token) {}, stop.get_token()); });
  stop.request_stop();
  submitter.join();
  EXPECT_EQ(third.error().kind, ErrorKind::cancelled);
  release.count_down();
}

TEST(WorkerPool, NeedsWorkersAndPlaces) {
  EXPECT_EQ(WorkerPool::start(0, 1).error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(WorkerPool::start(1, 0).error().kind, ErrorKind::invalid_input);
}

}  // namespace
}  // namespace mend
