// Files that are not as they should be, and places that cannot be written.
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <fstream>

#include "stores/home_fixture.h"
#include "stores/migrations.h"

namespace mend {
namespace {

using SqliteOpen = SqliteHome;
using namespace store_suite;

unsigned mode_of(const std::filesystem::path& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0U;
}

void overwrite(const std::filesystem::path& path, std::streamoff at, const std::string& bytes) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(at);
  file.write(bytes.data(), std::streamsize(bytes.size()));
  ASSERT_TRUE(file.good());
}

TEST_F(SqliteOpen, EveryFileIsForItsOwnerAloneWhateverTheUmask) {
  const mode_t before = ::umask(0);
  {
    const auto store = open();
    fill(*store, 5);
    EXPECT_EQ(mode_of(home()), 0700U);
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(home())) {
      EXPECT_EQ(mode_of(entry.path()), 0600U) << entry.path();
      ++files;
    }
    EXPECT_EQ(files, 5);  // database, -wal, -shm, anchor, lock
  }
  ::umask(before);
}

TEST_F(SqliteOpen, NoTextIsReadableInAnyFile) {
  const std::string marker = "marker-6b1f-that-nobody-may-read";
  const auto store = open();
  const auto done = store->write([&](StoreTransaction& t) -> Result<void> {
    // Enough to fill the cache and spill, and a piece of work that is undone, whose pages are copied to be put back.
    for (int i = 0; i < 3000; ++i) {
      Event event = make_event(marker + std::to_string(i));
      event.error_message = marker + std::string(2000, 'x');
      MEND_CHECK(t.add_event(event));
    }
    MEND_CHECK(t.put_setting(marker, marker));
    AuditRecord record = make_audit(marker);
    record.detail = marker;
    MEND_CHECK(t.append_audit(record));
    return {};
  });
  ASSERT_TRUE(done) << done.error().message;
  int files = 0;
  bool wal = false;
  for (const auto& entry : std::filesystem::directory_iterator(home())) {
    const auto bytes = read_file(entry.path());
    ASSERT_TRUE(bytes);
    EXPECT_EQ(bytes->find(marker.substr(0, 16)), std::string::npos) << entry.path();
    EXPECT_EQ(bytes->find("SQLite format 3"), std::string::npos) << entry.path();
    wal = wal || (entry.path().string().ends_with("-wal") && bytes->size() > 1'000'000);
    ++files;
  }
  EXPECT_GE(files, 4);
  EXPECT_TRUE(wal) << "the WAL was not looked at";
}

TEST_F(SqliteOpen, ItSaysWhatItIs) { EXPECT_EQ(open()->description(), "sqlite, encrypted, schema " + std::to_string(newest_schema())); }

TEST_F(SqliteOpen, AnotherKeyIsRefusedWithBothPossibilities) {
  open().reset();
  SqliteStoreOptions with = options();
  with.home_key = test_key(8);
  const Error error = open_error(with);
  EXPECT_EQ(error.kind, ErrorKind::corrupt);
  EXPECT_NE(error.message.find("the key is not the one"), std::string::npos) << error.message;
  EXPECT_NE(error.message.find("damaged"), std::string::npos) << error.message;
  EXPECT_NE(error.message.find(database().string()), std::string::npos) << error.message;
  EXPECT_NE(error.message.find("restore a backup"), std::string::npos) << error.message;
  EXPECT_TRUE(open()) << "the right key still opens it";
}

TEST_F(SqliteOpen, AnEmptyFileIsNeverTakenForANewDatabase) {
  open().reset();
  ASSERT_EQ(::truncate(database().c_str(), 0), 0);
  EXPECT_EQ(open_error().kind, ErrorKind::corrupt);
  EXPECT_EQ(std::filesystem::file_size(database()), 0U) << "it was written to";
}

TEST_F(SqliteOpen, ATruncatedFileIsCorrupt) {
  {
    const auto store = open();
    fill(*store, 500);
  }
  const std::string whole = read_file(database()).value();
  ASSERT_GT(whole.size(), 100'000U);
  for (const auto left :
       {std::size_t(1), std::size_t(10), std::size_t(4096), std::size_t(5000), whole.size() / 2, whole.size() - 4096, whole.size() - 1}) {
    SCOPED_TRACE(left);
    ASSERT_TRUE(write_file_durably(database(), whole.substr(0, left)));
    EXPECT_EQ(open_error().kind, ErrorKind::corrupt);
  }
  ASSERT_TRUE(write_file_durably(database(), whole));
  EXPECT_TRUE(open());
}

TEST_F(SqliteOpen, AFileThatIsNoDatabaseIsCorrupt) {
  ASSERT_TRUE(make_folder(home()));
  ASSERT_TRUE(write_file_durably(database(), std::string(20'000, 'x')));
  EXPECT_EQ(open_error().kind, ErrorKind::corrupt);
  std::filesystem::remove(database());
  ASSERT_TRUE(make_folder(database()));
  EXPECT_EQ(open_error().kind, ErrorKind::invalid_input);
}

TEST_F(SqliteOpen, ADatabaseOfAnotherProgramIsLeftAlone) {
  open().reset();
  raw_execute("PRAGMA application_id=1");
  EXPECT_EQ(open_error().kind, ErrorKind::corrupt);
}

TEST_F(SqliteOpen, ADamagedPageIsFoundByTheCheck) {
  {
    const auto store = open();
    fill(*store, 500);
    EXPECT_TRUE(store->check_integrity());
  }
  const auto size = std::filesystem::file_size(database());
  overwrite(database(), std::streamoff(size / 8192 * 4096 + 1000), "damage");
  const auto store = open();  // opening reads only the first pages
  ASSERT_TRUE(store);
  const auto checked = store->check_integrity();
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::corrupt) << checked.error().message;
}

TEST_F(SqliteOpen, AMissingReferenceIsFoundByTheCheck) {
  open().reset();
  raw_execute("PRAGMA foreign_keys=OFF; INSERT INTO decisions (incident, decided_at, doc) VALUES ('none', 0, '{}')");
  const auto checked = open()->check_integrity();
  ASSERT_FALSE(checked);
  EXPECT_NE(checked.error().message.find("decisions"), std::string::npos) << checked.error().message;
}

TEST_F(SqliteOpen, ADatabaseOfANewerVersionIsLeftAlone) {
  open().reset();
  raw_execute("PRAGMA user_version=99");
  const Error error = open_error();
  EXPECT_EQ(error.kind, ErrorKind::invalid_input);
  EXPECT_NE(error.message.find("made by a newer Mendline (schema 99, this one knows " + std::to_string(newest_schema()) + ")"),
            std::string::npos)
      << error.message;
}

TEST_F(SqliteOpen, AValueThatIsNotKnownIsCorrupt) {
  {
    const auto store = open();
    fill(*store, 1);
  }
  raw_execute("UPDATE events SET status = 'paused'");
  const auto event = open()->event(EventId("e0"));
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().kind, ErrorKind::corrupt);
  EXPECT_NE(event.error().message.find("paused"), std::string::npos);
}

// Root may write everywhere, so a child gives its rights up first.
constexpr uid_t kNobody = 65534;
bool become_nobody() { return ::geteuid() != 0 || (::setgid(kNobody) == 0 && ::setuid(kNobody) == 0); }

TEST_F(SqliteOpen, AFolderThatMayNotBeWrittenIsAPermissionErrorWithItsPath) {
  open().reset();
  std::error_code ignored;
  std::filesystem::permissions(folder_.path(), std::filesystem::perms(0755), ignored);
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(home().c_str(), kNobody, kNobody), 0);
    for (const auto& entry : std::filesystem::directory_iterator(home())) ASSERT_EQ(::chown(entry.path().c_str(), kNobody, kNobody), 0);
  }
  ASSERT_EQ(::chmod(home().c_str(), 0500), 0);
  const int code = in_child([&] {
    if (!become_nobody()) return 77;
    const auto store = open_sqlite_store(options());
    if (store) return 1;
    if (store.error().kind != ErrorKind::permission) return 2;
    return store.error().message.find(home().string()) == std::string::npos ? 3 : 0;
  });
  ::chmod(home().c_str(), 0700);
  if (code == 77) GTEST_SKIP() << "this container does not let root become another user";
  EXPECT_EQ(code, 0);
}

TEST_F(SqliteOpen, AHomeThatCannotBeMadeIsAPermissionErrorWithItsPath) {
  std::error_code ignored;
  std::filesystem::permissions(folder_.path(), std::filesystem::perms(0555), ignored);
  const int code = in_child([&] {
    if (!become_nobody()) return 77;
    const auto store = open_sqlite_store(options());
    return !store && store.error().kind == ErrorKind::permission && store.error().message.find(home().string()) != std::string::npos ? 0
                                                                                                                                     : 1;
  });
  if (code == 77) GTEST_SKIP() << "this container does not let root become another user";
  EXPECT_EQ(code, 0);
}

TEST_F(SqliteOpen, AFullDiskIsAnErrorAndTheStoreGoesOnWhenThereIsRoomAgain) {
  open().reset();
  const int code = in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const auto store = open_sqlite_store(options());
    if (!store) return 1;
    if (!(*store)->write([](StoreTransaction& t) { return t.put_setting("before", "1"); })) return 2;
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    const rlim_t room = limit.rlim_cur;
    limit.rlim_cur = 600'000;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto full = (*store)->write([](StoreTransaction& t) -> Result<void> {
      for (int i = 0; i < 3000; ++i) MEND_CHECK(t.add_event(make_event(std::to_string(i) + std::string(1000, 'x'))));
      return {};
    });
    if (full) return 3;
    if (full.error().kind != ErrorKind::exhausted) return 4;
    if (full.error().message.find(database().string()) == std::string::npos) return 5;
    if ((*store)->event_count().value_or(99) != 0) return 6;
    limit.rlim_cur = room;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    if (!(*store)->write([](StoreTransaction& t) { return t.put_setting("after", "1"); })) return 7;
    return 0;
  });
  EXPECT_EQ(code, 0);
  const auto store = open();
  EXPECT_EQ(store->setting("before").value(), "1");
  EXPECT_EQ(store->setting("after").value(), "1");
  EXPECT_TRUE(store->check_integrity());
}

}  // namespace
}  // namespace mend
