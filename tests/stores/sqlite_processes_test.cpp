// Several processes on one home, and processes that are killed.
#include <signal.h>

#include <vector>

#include "stores/home.h"
#include "stores/home_fixture.h"

namespace mend {
namespace {

using SqliteProcesses = SqliteHome;
using namespace store_suite;

TEST_F(SqliteProcesses, ThatStartTogetherOnAnEmptyHomeAllWriteAndShareOneChain) {
  constexpr int kProcesses = 4, kEach = 50;
  int start[2];
  ASSERT_EQ(::pipe(start), 0);
  std::vector<pid_t> children;
  for (int process = 0; process < kProcesses; ++process) {
    const pid_t child = ::fork();
    if (child == 0) {
      char go = 0;
      ::close(start[1]);
      (void)!::read(start[0], &go, 1);
      const auto store = open_sqlite_store(options());
      if (!store) {
        std::fprintf(stderr, "%s\n", store.error().message.c_str());
        ::_exit(1);
      }
      for (int i = 0; i < kEach; ++i) {
        const auto done = (*store)->write([&](StoreTransaction& t) -> Result<void> {
          MEND_CHECK(t.add_event(make_event(std::to_string(process) + "-" + std::to_string(i))));
          MEND_CHECK(t.append_audit(make_audit("event.accepted")));
          return {};
        });
        if (!done) {
          std::fprintf(stderr, "%s\n", done.error().message.c_str());
          ::_exit(2);
        }
      }
      ::_exit(0);
    }
    children.push_back(child);
  }
  ::close(start[0]);
  ::close(start[1]);
  for (const pid_t child : children) {
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  const auto store = open();
  EXPECT_EQ(store->event_count().value(), std::uint64_t(kProcesses * kEach));
  EXPECT_EQ(store->job(JobId("nightly")).value()->failures, std::uint64_t(kProcesses * kEach));
  const auto verdict = store->verify_audit().value();
  EXPECT_TRUE(verdict.intact) << verdict.problem;
  EXPECT_EQ(verdict.records, std::uint64_t(kProcesses * kEach));
}

TEST_F(SqliteProcesses, AWriteWaitsForAnotherProcessButNotForEver) {
  open().reset();
  const auto other = raw();
  ASSERT_TRUE(other->execute("BEGIN IMMEDIATE"));
  SqliteStoreOptions with = options();
  with.busy_limit = std::chrono::milliseconds{50};
  const auto store = open(with);
  const auto refused = store->write([](StoreTransaction& t) { return t.put_setting("a", "1"); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable) << refused.error().message;
  EXPECT_FALSE(store->setting("a").value());  // reading goes on meanwhile
  ASSERT_TRUE(other->execute("COMMIT"));
  EXPECT_TRUE(store->write([](StoreTransaction& t) { return t.put_setting("a", "1"); }));
}

// The child tells each acknowledged write through a pipe and is killed in the middle of the next ones.
TEST_F(SqliteProcesses, WhatWasAcknowledgedSurvivesKillAtAnyMoment) {
  int acknowledged = 0;
  for (int round = 0; round < 5; ++round) {
    int said[2];
    ASSERT_EQ(::pipe(said), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(said[0]);
      const auto store = open_sqlite_store(options());
      if (!store) ::_exit(1);
      for (int i = acknowledged;; ++i) {
        const auto done = (*store)->write([&](StoreTransaction& t) -> Result<void> {
          MEND_CHECK(t.add_event(make_event("e" + std::to_string(i))));
          MEND_CHECK(t.append_audit(make_audit("event.accepted")));
          return {};
        });
        if (!done || ::write(said[1], "x", 1) != 1) ::_exit(1);
      }
    }
    ::close(said[1]);
    int count = 0;
    char each = 0;
    while (count < 20 + 7 * round && ::read(said[0], &each, 1) == 1) ++count;
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    while (::read(said[0], &each, 1) == 1) ++count;
    ::close(said[0]);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    ASSERT_GE(count, 20);
    acknowledged += count;

    const auto store = open();
    for (int i = 0; i < acknowledged; ++i) ASSERT_TRUE(store->event(EventId("e" + std::to_string(i))).value()) << i;
    const auto verdict = store->verify_audit().value();
    EXPECT_TRUE(verdict.intact) << verdict.problem;
    const auto events = store->event_count().value();
    EXPECT_EQ(verdict.records, events);
    EXPECT_TRUE(events == std::uint64_t(acknowledged) || events == std::uint64_t(acknowledged) + 1);
    EXPECT_TRUE(store->check_integrity());
    acknowledged = int(events);
  }
}

TEST_F(SqliteProcesses, DyingJustBeforeTheCommitLosesItAndJustAfterKeepsIt) {
  open().reset();
  const struct {
    const char* points;
    std::uint64_t events;
  } cases[] = {{"store_before_commit=kill", 0}, {"store_after_commit=kill", 1}};
  for (const auto& each : cases) {
    const int code = in_child([&] {
      FailPoints points;
      if (!FailPoints::configure(points, each.points)) return 1;
      SqliteStoreOptions with = options();
      with.fail_points = &points;
      const auto store = open_sqlite_store(with);
      if (!store) return 2;
      (void)(*store)->write([](StoreTransaction& t) -> Result<void> {
        MEND_CHECK(t.append_audit(make_audit("event.accepted")));
        MEND_CHECK(t.add_event(make_event("e1")));
        return {};
      });
      return 3;
    });
    EXPECT_EQ(code, 1000 + SIGKILL);
    const auto store = open();
    EXPECT_EQ(store->event_count().value(), each.events);
    const auto verdict = store->verify_audit().value();  // the anchor lags behind by one, which is no fault
    EXPECT_TRUE(verdict.intact) << verdict.problem;
    EXPECT_EQ(verdict.records, each.events);
  }
}

TEST_F(SqliteProcesses, AFailureAtTheCommitFailsTheWorkAndTheNextOneGoesThrough) {
  FailPoints points;
  ASSERT_TRUE(FailPoints::configure(points, "store_before_commit=error"));
  SqliteStoreOptions with = options();
  with.fail_points = &points;
  const auto store = open(with);
  const auto put = [&] {
    return store->write([](StoreTransaction& t) -> Result<void> {
      MEND_CHECK(t.append_audit(make_audit("a")));
      return t.put_setting("a", "1");
    });
  };
  EXPECT_FALSE(put());
  EXPECT_FALSE(store->setting("a").value());
  EXPECT_TRUE(put());
  EXPECT_EQ(store->verify_audit().value().records, 1U);
}

TEST_F(SqliteProcesses, ADatabaseIsMadeWholeOrNotAtAll) {
  // A process that was killed while it made one left its half behind.
  ASSERT_TRUE(make_folder(home()));
  ASSERT_TRUE(write_file_durably(home() / "mendline.db.new", "half"));
  ASSERT_TRUE(write_file_durably(home() / "mendline.db.new-journal", "half"));
  const auto store = open();
  fill(*store, 1);
  EXPECT_FALSE(std::filesystem::exists(home() / "mendline.db.new"));
}

TEST_F(SqliteProcesses, AHomeThatIsBeingRestoredCannotBeOpened) {
  open().reset();
  const HomePaths paths(home());
  const auto lock = HomeLock::exclusive(paths, Duration{0});
  ASSERT_TRUE(lock);
  const auto refused = HomeLock::shared(paths, std::chrono::milliseconds{30});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
}

}  // namespace
}  // namespace mend
