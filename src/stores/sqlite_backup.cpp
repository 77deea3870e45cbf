#include "stores/sqlite_backup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <thread>

#include "base/file.h"
#include "stores/home.h"
#include "stores/sqlite_open.h"

namespace mend {
namespace {

constexpr int kPagesAtATime = 256;

struct FinishBackup {
  void operator()(sqlite3_backup* backup) const { sqlite3_backup_finish(backup); }
};

// Removes a half-made file, and what SQLite may have left beside it, however the function is left.
class Scratch {
 public:
  explicit Scratch(std::string name) : name_(std::move(name)) {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    for (const char* const rest : {"", "-wal", "-shm", "-journal"}) ::unlink((name_ + rest).c_str());
  }
  const std::string& name() const { return name_; }

 private:
  std::string name_;
};

Result<void> copy_pages(Db& from, Db& to) {
  const std::unique_ptr<sqlite3_backup, FinishBackup> copying(sqlite3_backup_init(to.handle(), "main", from.handle(), "main"));
  if (!copying) return fail_sqlite(to.handle(), "beginning the backup");
  for (;;) {
    switch (const int code = sqlite3_backup_step(copying.get(), kPagesAtATime)) {
      case SQLITE_OK: break;
      case SQLITE_DONE: return {};
      case SQLITE_BUSY:
      case SQLITE_LOCKED: std::this_thread::sleep_for(std::chrono::milliseconds{1}); break;
      default:
        // The code is the copier's own; on the connection it stands only for some errors.
        if (sqlite3_errcode(to.handle()) != SQLITE_OK) return fail_sqlite(to.handle(), "writing the backup");
        if (sqlite3_errcode(from.handle()) != SQLITE_OK) return fail_sqlite(from.handle(), "reading for the backup");
        return fail((code & 0xff) == SQLITE_FULL ? ErrorKind::exhausted : ErrorKind::internal,
                    fmt::format("writing the backup {}: {}", sqlite3_db_filename(to.handle(), "main"), sqlite3_errstr(code)));
    }
  }
}

// Under its final name without ever replacing a file there.
Result<void> publish(const std::string& scratch, const std::filesystem::path& file) {
  if (::renameat2(AT_FDCWD, scratch.c_str(), AT_FDCWD, file.c_str(), RENAME_NOREPLACE) == 0) return {};
  const int number = errno;
  // Some file systems cannot do that in one step.
  if (number == EINVAL || number == ENOSYS) {
    MEND_TRY(const bool there, path_exists(file));
    if (!there && ::rename(scratch.c_str(), file.c_str()) == 0) return {};
    return there ? fail(ErrorKind::conflict, file.string() + " exists already; name another file for the backup")
                 : fail_errno("writing " + file.string(), errno);
  }
  if (number == EEXIST) return fail(ErrorKind::conflict, file.string() + " exists already; name another file for the backup");
  return fail_errno("writing " + file.string(), number);
}

}  // namespace

Result<void> backup_database(const std::filesystem::path& database, const SecretKey& key, const std::filesystem::path& file) {
  MEND_TRY(const bool there, path_exists(file));
  if (there) return fail(ErrorKind::conflict, file.string() + " exists already; name another file for the backup");
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  std::string name = file.string() + ".partial-XXXXXX";
  {
    const FileHandle made(::mkostemp(name.data(), O_CLOEXEC));  // 0600, which SQLite keeps
    if (!made.valid()) return fail_errno("writing " + file.string(), errno);
  }
  const Scratch scratch(name);
  {
    MEND_TRY(auto from, open_database(database, key, DbRole::reader));
    MEND_TRY(auto to, Db::open(scratch.name(), key.data()));
    // Nobody else knows the file and it is fsynced as a whole below.
    MEND_CHECK(to->execute("PRAGMA temp_store=MEMORY; PRAGMA synchronous=OFF;"));
    // A snapshot that stays: without it every commit of another connection would make the copier begin again.
    MEND_CHECK(from->execute("BEGIN"));
    MEND_TRY(const auto pinned, from->integer("SELECT count(*) FROM sqlite_schema"));
    if (!pinned) return fail(ErrorKind::internal, "the snapshot for the backup could not be taken");
    MEND_CHECK(copy_pages(*from, *to));
    MEND_CHECK(from->execute("ROLLBACK"));
  }
  MEND_CHECK(sync_file(scratch.name()));
  {
    MEND_TRY(auto copy, open_database(scratch.name(), key, DbRole::offline));
    if (auto sound = check_structure(*copy); !sound) return std::unexpected(sound.error().in("the backup just made"));
  }
  MEND_CHECK(publish(scratch.name(), file));
  return sync_folder(folder);
}

}  // namespace mend
