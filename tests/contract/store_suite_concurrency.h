// Several threads at a time.
#pragma once

#include <atomic>
#include <barrier>

#include "contract/store_suite.h"

namespace mend {

using namespace store_suite;

TEST_P(StoreSuite, ManyThreadsWriteAndEachPieceIsAtomic) {
  constexpr int kThreads = 8, kEach = 40;
  std::atomic<int> refused = 0, wrong = 0;
  std::barrier start(kThreads);
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread)
      threads.emplace_back([&, thread] {
        start.arrive_and_wait();
        for (int i = 0; i < kEach; ++i) {
          const std::string id = std::to_string(thread) + "-" + std::to_string(i);
          const bool fails = i % 4 == 3;
          const auto done = store().write([&](StoreTransaction& t) -> Result<void> {
            MEND_CHECK(t.add_event(make_event(id, "job" + std::to_string(thread))));
            MEND_CHECK(t.append_audit(make_audit("event.accepted")));
            if (fails) return fail(ErrorKind::conflict, "not this one");
            return {};
          });
          if (!done) ++refused;
          if (done.has_value() == fails) ++wrong;
          const auto there = store().event(EventId(id));  // acknowledged is visible, refused is not
          if (!there || there->has_value() == fails) ++wrong;
        }
      });
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(refused, kThreads * kEach / 4);
  EXPECT_EQ(got(store().event_count()), std::uint64_t(kThreads * kEach * 3 / 4));
  for (const auto& job : got(store().jobs(100))) EXPECT_EQ(job.failures, std::uint64_t(kEach * 3 / 4));
  const auto verdict = got(store().verify_audit());
  EXPECT_TRUE(verdict.intact) << verdict.problem;
  EXPECT_EQ(verdict.records, std::uint64_t(kThreads * kEach * 3 / 4));
}

// A writer keeps two settings equal; readers must never see them differ inside one answer, nor go backwards.
TEST_P(StoreSuite, ReadersSeeWholeCommitsOnly) {
  put_incidents({make_incident("i1")});
  const auto put = [&](int number) {
    Plan plan = make_plan("p1", "i1");
    plan.hash = std::to_string(number);
    for (Step& step : plan.steps) step.outcome = plan.hash;
    write([&](StoreTransaction& t) { return t.put_plan(plan); });
  };
  put(0);
  std::atomic<bool> done = false;
  std::atomic<int> torn = 0, seen = 0;
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < 6; ++i)  // more than there are reading connections
      readers.emplace_back([&] {
        int last = 0;
        do {
          const auto plan = store().plan(PlanId("p1"));
          if (!plan || !*plan || (*plan)->steps.size() != 2) {
            ++torn;
            continue;
          }
          const std::string& hash = (*plan)->hash;
          if ((*plan)->steps[0].outcome != hash || (*plan)->steps[1].outcome != hash || std::stoi(hash) < last) ++torn;
          last = std::stoi(hash);
          ++seen;
        } while (!done);
      });
    for (int number = 1; number <= 100; ++number) put(number);
    done = true;
  }
  EXPECT_EQ(torn, 0);
  EXPECT_GE(seen, 6);
}

TEST_P(StoreSuite, VerifyingWhileOthersAppendFindsNoFault) {
  std::atomic<bool> done = false;
  std::atomic<int> faults = 0;
  {
    std::jthread verifier([&] {
      do {
        const auto verdict = store().verify_audit();
        if (!verdict || !verdict->intact) ++faults;
      } while (!done);
    });
    for (int i = 0; i < 100; ++i)
      write([](StoreTransaction& t) -> Result<void> {
        MEND_CHECK(t.append_audit(make_audit("a")));
        return {};
      });
    done = true;
  }
  EXPECT_EQ(faults, 0);
}

}  // namespace mend
