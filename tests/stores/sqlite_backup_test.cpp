#include "stores/sqlite_backup.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "stores/audit_anchor.h"
#include "stores/home_fixture.h"

namespace mend {
namespace {

using namespace store_suite;

class SqliteBackup : public SqliteHome {
 protected:
  std::filesystem::path backup_file() const { return folder_.path() / "copy.db"; }
  Result<void> restore(unsigned char key = 7) { return restore_backup(home(), backup_file(), test_key(key), clock_); }
  std::vector<std::filesystem::path> kept_aside() const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(home()))
      if (entry.path().string().find(".before-restore-") != std::string::npos) files.push_back(entry.path());
    return files;
  }
  // A store with ten events, a backup of it, and ten more that are not in the backup.
  void make_backup() {
    const auto store = open();
    fill(*store, 10);
    const auto done = store->backup(backup_file());
    ASSERT_TRUE(done) << done.error().message;
    fill(*store, 10, "later");
  }
  void expect_restored() {
    const auto store = open();
    ASSERT_TRUE(store);
    EXPECT_EQ(store->event_count().value(), 10U);
    EXPECT_TRUE(store->event(EventId("e9")).value());
    EXPECT_FALSE(store->event(EventId("later0")).value());
    EXPECT_TRUE(store->check_integrity());
    const auto verdict = store->verify_audit().value();
    EXPECT_TRUE(verdict.intact) << verdict.problem;
    EXPECT_EQ(verdict.records, 11U);
    const auto newest = store->audit({}).value().at(0);
    EXPECT_EQ(newest.action, "store.restored");
    EXPECT_EQ(newest.timestamp, clock_.now());
    fill(*store, 1, "after");
    EXPECT_TRUE(store->verify_audit().value().intact);
    EXPECT_EQ(AuditAnchor(home() / "audit.anchor", test_key()).read().value()->sequence, 12U);
  }

  ManualClock clock_;
};

TEST_F(SqliteBackup, IsOneFileForItsOwnerAloneWithoutReadableText) {
  const std::string marker = "marker-0c31-that-nobody-may-read";
  const auto store = open();
  for (int i = 0; i < 3; ++i) fill(*store, 100, marker + std::to_string(i));
  const mode_t before = ::umask(0);
  ASSERT_TRUE(store->backup(backup_file()));
  ::umask(before);
  struct stat status{};
  ASSERT_EQ(::stat(backup_file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  const std::string bytes = read_file(backup_file()).value();
  EXPECT_GT(bytes.size(), 50'000U);
  EXPECT_EQ(bytes.find(marker.substr(0, 16)), std::string::npos);
  EXPECT_EQ(bytes.find("SQLite format 3"), std::string::npos);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 2) << "something is left beside the backup";
}

TEST_F(SqliteBackup, IsOfOneMomentWhileOthersWrite) {
  const auto store = open();
  fill(*store, 2000, "first");
  std::atomic<bool> done = false;
  std::atomic<int> failed = 0, written = 0;
  {
    std::jthread writer([&] {
      do {
        // Both or neither: a copy of two moments would show one alone.
        const auto result = store->write([&](StoreTransaction& t) -> Result<void> {
          MEND_CHECK(t.put_setting("a", std::to_string(written)));
          MEND_CHECK(t.append_audit(make_audit("a")));
          return t.put_setting("z", std::to_string(written));
        });
        if (!result) ++failed;
        ++written;
      } while (!done);
    });
    while (written < 3) std::this_thread::yield();
    const auto copied = store->backup(backup_file());
    EXPECT_TRUE(copied) << copied.error().message;
    const int at_end = written;
    while (written < at_end + 3) std::this_thread::yield();
    done = true;
  }
  EXPECT_EQ(failed, 0);
  SqliteStoreOptions with = options();
  with.home = folder_.path() / "other";
  const auto restored = restore_backup(with.home, backup_file(), test_key(), clock_);
  ASSERT_TRUE(restored) << restored.error().message;
  const auto copy = open(with);
  EXPECT_EQ(copy->event_count().value(), 2000U);
  EXPECT_TRUE(copy->setting("a").value());
  EXPECT_EQ(copy->setting("a").value(), copy->setting("z").value());
  EXPECT_TRUE(copy->verify_audit().value().intact);
}

TEST_F(SqliteBackup, IntoAFolderThatIsNotThereIsAnErrorWithThePath) {
  const auto done = open()->backup(folder_.path() / "nowhere" / "copy.db");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::not_found);
  EXPECT_NE(done.error().message.find("nowhere"), std::string::npos);
}

TEST_F(SqliteBackup, OfADamagedDatabaseIsAnErrorAndLeavesNothing) {
  {
    const auto store = open();
    fill(*store, 500);
  }
  {
    const FileHandle file(::open(database().c_str(), O_WRONLY | O_CLOEXEC));
    const auto middle = off_t(std::filesystem::file_size(database()) / 8192 * 4096 + 1000);
    ASSERT_EQ(::pwrite(file.get(), "damage", 6, middle), 6);
  }
  const auto done = open()->backup(backup_file());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::corrupt) << done.error().message;
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1);
}

TEST_F(SqliteBackup, RestoredBringsBackThatMomentAndKeepsTheOldDatabase) {
  make_backup();
  const auto done = restore();
  ASSERT_TRUE(done) << done.error().message;
  expect_restored();
  const auto aside = kept_aside();
  ASSERT_EQ(aside.size(), 1U);
  // The old one is whole: put into a home of its own it has all twenty events.
  const auto old_home = folder_.path() / "old";
  std::filesystem::create_directory(old_home);
  std::filesystem::copy_file(aside[0], old_home / "mendline.db");
  SqliteStoreOptions with = options();
  with.home = old_home;
  EXPECT_EQ(open(with)->event_count().value(), 20U);
}

TEST_F(SqliteBackup, RestoredTwiceAtTheSameMomentKeepsBothOldDatabases) {
  make_backup();
  ASSERT_TRUE(restore());
  ASSERT_TRUE(restore());
  EXPECT_EQ(kept_aside().size(), 2U);
  expect_restored();
}

TEST_F(SqliteBackup, RestoredIntoAnEmptyHomeOrOneWithADamagedDatabase) {
  make_backup();
  std::filesystem::remove_all(home());
  ASSERT_TRUE(restore());
  expect_restored();
  ASSERT_TRUE(write_file_durably(database(), std::string(5000, 'x')));
  const auto done = restore();
  ASSERT_TRUE(done) << done.error().message;
  expect_restored();
  ASSERT_EQ(kept_aside().size(), 1U);
  EXPECT_EQ(read_file(kept_aside()[0]).value(), std::string(5000, 'x'));
}

// A killed process leaves its last commits in the WAL; the new database must not get them, the old one must keep them.
TEST_F(SqliteBackup, RestoredOverADatabaseWhoseProcessWasKilled) {
  make_backup();
  const int code = in_child([&] {
    const auto store = open_sqlite_store(options());
    if (!store) return 1;
    if (!(*store)->write([](StoreTransaction& t) { return t.put_setting("last", "1"); })) return 2;
    ::kill(::getpid(), SIGKILL);
    return 3;
  });
  ASSERT_EQ(code, 1000 + SIGKILL);
  ASSERT_TRUE(std::filesystem::exists(database().string() + "-wal"));
  ASSERT_TRUE(restore());
  EXPECT_FALSE(open()->setting("last").value());
  expect_restored();
}

TEST_F(SqliteBackup, IsNotRestoredUnderARunningStore) {
  make_backup();
  const auto store = open();
  const auto done = restore();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::conflict);
  EXPECT_EQ(store->event_count().value(), 20U);
}

TEST_F(SqliteBackup, ThatCannotBeUsedChangesNothing) {
  make_backup();
  const std::string good = read_file(backup_file()).value();
  std::string damaged = good;
  damaged[good.size() / 8192 * 4096 + 100] ^= 1;
  const std::string before = read_file(database()).value();
  const std::pair<const char*, std::string> bad[] = {
      {"empty", ""}, {"text", std::string(9000, 'x')}, {"cut", good.substr(0, good.size() / 2)}, {"one bit", damaged}};
  for (const auto& [name, bytes] : bad) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(write_file_durably(backup_file(), bytes));
    const auto done = restore();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::corrupt) << done.error().message;
    EXPECT_NE(done.error().message.find(backup_file().string()), std::string::npos) << done.error().message;
    EXPECT_EQ(read_file(database()).value(), before);
    EXPECT_EQ(read_file(backup_file()).value(), bytes);
  }
  EXPECT_TRUE(kept_aside().empty());
  std::filesystem::remove(backup_file());
  EXPECT_EQ(restore().error().kind, ErrorKind::not_found);
  ASSERT_TRUE(write_file_durably(backup_file(), good));
  EXPECT_EQ(restore(8).error().kind, ErrorKind::corrupt);  // another key
  const auto store = open();
  EXPECT_EQ(store->event_count().value(), 20U);
  EXPECT_TRUE(store->verify_audit().value().intact);
}

}  // namespace
}  // namespace mend
