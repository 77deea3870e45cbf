#include <atomic>
#include <algorithm>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include "base/bounded_queue.h"

namespace mend {
namespace {

TEST(BoundedQueue, GivesItemsInTheirOrderUpToAsManyAsAskedFor) {
  BoundedQueue<int> queue(10);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(queue.push(i));
  EXPECT_EQ(queue.pop_some(3), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(queue.pop(), 3);
  EXPECT_EQ(queue.pop_some(9), (std::vector<int>{4}));
}

TEST(BoundedQueue, AfterCloseNothingGoesInAndWhatIsThereComesOut) {
  BoundedQueue<int> queue(10);
  EXPECT_TRUE(queue.push(1));
  queue.close();
  EXPECT_FALSE(queue.push(2));
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_EQ(queue.pop(), std::nullopt);
  EXPECT_TRUE(queue.pop_some(5).empty());
}

TEST(BoundedQueue, CloseWakesWhoWaits) {
  BoundedQueue<int> empty(1), full(1);
  ASSERT_TRUE(full.push(1));
  std::atomic<int> woken = 0;
  {
    std::jthread popper([&] { woken += empty.pop() == std::nullopt; });
    std::jthread pusher([&] { woken += !full.push(2); });
    empty.close();
    full.close();
  }
  EXPECT_EQ(woken, 2);
}

TEST(BoundedQueue, AStopEndsTheWaiting) {
  BoundedQueue<int> empty(1), full(1);
  ASSERT_TRUE(full.push(1));
  std::atomic<int> woken = 0;
  std::stop_source stop;
  {
    std::jthread popper([&] { woken += empty.pop(stop.get_token()) == std::nullopt; });
    std::jthread pusher([&] { woken += !full.push(2, stop.get_token()); });
    stop.request_stop();
  }
  EXPECT_EQ(woken, 2);
  EXPECT_EQ(full.pop(), 1);  // what was in it stays
}

TEST(BoundedQueue, NeverHoldsMoreThanItsCapacity) {
  constexpr std::size_t kCapacity = 4;
  BoundedQueue<int> queue(kCapacity);
  std::atomic<int> pushed = 0;
  int popped = 0;
  {
    std::jthread pusher([&] {
      for (int i = 0; i < 2000; ++i) {
        if (!queue.push(i)) return;
        ++pushed;
      }
      queue.close();
    });
    for (;;) {
      // What was pushed but not yet popped can be at most the capacity and the batch just taken.
      const int in_flight = pushed - popped;
      EXPECT_LE(in_flight, int(kCapacity));
      const auto some = queue.pop_some(3);
      if (some.empty()) break;
      popped += int(some.size());
    }
  }
  EXPECT_EQ(popped, 2000);
}

TEST(BoundedQueue, ManyThreadsLoseAndDoubleNothing) {
  constexpr int kPushers = 4, kPoppers = 3, kEach = 5000;
  BoundedQueue<int> queue(16);
  std::vector<std::vector<int>> taken(kPoppers);
  {
    std::vector<std::jthread> poppers;
    for (int p = 0; p < kPoppers; ++p)
      poppers.emplace_back([&, p] {
        for (;;) {
          const auto some = queue.pop_some(std::size_t(p) + 1);
          if (some.empty()) return;
          taken[std::size_t(p)].insert(taken[std::size_t(p)].end(), some.begin(), some.end());
        }
      });
    {
      std::vector<std::jthread> pushers;
      for (int p = 0; p < kPushers; ++p)
        pushers.emplace_back([&, p] {
          for (int i = 0; i < kEach; ++i) EXPECT_TRUE(queue.push(p * kEach + i));
        });
    }
    queue.close();
  }
  std::vector<int> count(kPushers * kEach);
  for (const auto& some : taken)
    for (const int item : some) ++count[std::size_t(item)];
  EXPECT_TRUE(std::ranges::all_of(count, [](int c) { return c == 1; }));
}

TEST(BoundedQueue, HoldsWhatCanOnlyBeMoved) {
  BoundedQueue<std::unique_ptr<int>> queue(2);
  EXPECT_TRUE(queue.push(std::make_unique<int>(4)));
  const auto item = queue.pop();
  ASSERT_TRUE(item && *item);
  EXPECT_EQ(**item, 4);
}

}  // namespace
}  // namespace mend
