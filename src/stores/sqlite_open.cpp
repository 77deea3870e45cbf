#include "stores/sqlite_open.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "stores/migrations.h"

namespace mend {
namespace {

constexpr std::int64_t kApplicationId = 0x4d454e44;  // "MEND"
constexpr Duration kBusyLimit = std::chrono::seconds{10};

const char* settings_of(DbRole role) {
  switch (role) {
    case DbRole::writer:
      // A checkpoint after every 32 MiB instead of 4: a batch of thousands of events would else end in one each time.
      return "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32768;"
             "PRAGMA wal_autocheckpoint=8192; PRAGMA journal_size_limit=67108864; PRAGMA trusted_schema=OFF;";
    case DbRole::reader: return "PRAGMA query_only=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8192; PRAGMA trusted_schema=OFF;";
    case DbRole::offline: return "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;";
  }
  return "";
}

// Opening says what the system thinks of the path; SQLite alone would only say "unable to open database file".
Result<void> check_access(const std::filesystem::path& file) {
  const FileHandle handle(::open(file.c_str(), O_RDWR | O_CLOEXEC));
  if (!handle.valid()) return fail_errno("opening " + file.string(), errno);
  struct stat status{};
  if (::fstat(handle.get(), &status) != 0) return fail_errno("opening " + file.string(), errno);
  if (!S_ISREG(status.st_mode)) return fail(ErrorKind::invalid_input, file.string() + " is not a file");
  // SQLite takes an empty file for a new database; ours are never empty, so this one lost what it held.
  if (status.st_size == 0)
    return fail(ErrorKind::corrupt, file.string() + " is empty: it is damaged or no Mendline database. Restore a backup");
  // WAL needs files beside it. Asked of the system here because SQLite would open such a database and fail at the first write.
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  if (::access(folder.c_str(), W_OK | X_OK) != 0) return fail_errno("writing in the folder " + folder.string(), errno);
  return {};
}

Result<void> check_schema(Db& db, const std::filesystem::path& file) {
  MEND_TRY(const auto application, db.integer("PRAGMA application_id"));
  if (application.value_or(0) != kApplicationId) return fail(ErrorKind::corrupt, file.string() + " is a database, but not one of Mendline");
  MEND_TRY(const int version, schema_version(db));
  if (version < 1) return fail(ErrorKind::corrupt, file.string() + " has no schema version: it is damaged or no Mendline database");
  if (version > newest_schema())
    return fail(ErrorKind::invalid_input,
                fmt::format("{} was made by a newer Mendline (schema {}, this one knows {}); use that version or restore an older backup",
                            file.string(), version, newest_schema()));
  return {};
}

}  // namespace

Result<int> schema_version(Db& db) {
  MEND_TRY(const auto version, db.integer("PRAGMA user_version"));
  return int(version.value_or(0));
}

Result<std::unique_ptr<Db>> open_database(const std::filesystem::path& file, const SecretKey& key, DbRole role) {
  MEND_CHECK(check_access(file));
  MEND_TRY(auto db, Db::open(file, key.data()));
  db->set_busy_limit(kBusyLimit);
  // The probe: neither opening nor giving the key reads a page.
  MEND_TRY(const auto objects, db->integer("SELECT count(*) FROM sqlite_schema"));
  if (objects.value_or(0) == 0) return fail(ErrorKind::corrupt, file.string() + " holds no tables: it is damaged or no Mendline database");
  MEND_CHECK(check_schema(*db, file));
  MEND_CHECK(db->execute(settings_of(role)));
  return db;
}

Result<void> migrate(Db& db) {
  MEND_TRY(const int before, schema_version(db));
  if (before >= newest_schema()) return {};
  MEND_CHECK(db.execute("BEGIN IMMEDIATE"));
  const auto run = [&]() -> Result<void> {
    MEND_TRY(const int version, schema_version(db));  // again: another process may have been first
    for (const Migration& step : store_migrations()) {
      if (step.version <= version) continue;
      if (auto done = db.execute(step.sql); !done) return std::unexpected(done.error().in(fmt::format("migration {}", step.name)));
      MEND_CHECK(db.execute(fmt::format("PRAGMA user_version={}", step.version).c_str()));
    }
    return db.execute("COMMIT");
  };
  auto done = run();
  if (!done && db.in_transaction()) (void)db.execute("ROLLBACK");  // the first error is the one to tell
  return done;
}

Result<void> create_database(const HomePaths& paths, const SecretKey& key) {
  const std::filesystem::path scratch = paths.home / "mendline.db.new";
  for (const char* const rest : {"", "-wal", "-shm", "-journal"}) ::unlink((scratch.string() + rest).c_str());  // of one that was killed
  {
    // Made by us first, so that SQLite gives it and the files beside it our mode and not one by the umask.
    const FileHandle file(::open(scratch.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file.valid()) return fail_errno("making " + paths.database().string(), errno);
    if (::fchmod(file.get(), 0600) != 0) return fail_errno("making " + paths.database().string(), errno);
  }
  {
    MEND_TRY(auto db, Db::open(scratch, key.data()));
    MEND_CHECK(db->execute("PRAGMA temp_store=MEMORY; PRAGMA synchronous=FULL;"));
    MEND_CHECK(db->execute(fmt::format("PRAGMA application_id={}", kApplicationId).c_str()));
    MEND_CHECK(migrate(*db));
    MEND_CHECK(db->execute("PRAGMA journal_mode=WAL"));
  }
  MEND_CHECK(sync_file(scratch));
  if (::rename(scratch.c_str(), paths.database().c_str()) != 0) return fail_errno("making " + paths.database().string(), errno);
  return sync_folder(paths.home);
}

Result<void> check_structure(Db& db) {
  std::string problems;
  {
    MEND_TRY(Query rows, db.query("PRAGMA integrity_check(20)"));
    for (;;) {
      MEND_TRY(const bool more, rows.step());
      if (!more) break;
      if (rows.view(0) != "ok") problems += (problems.empty() ? "" : "; ") + rows.text(0);
    }
  }
  MEND_TRY(Query rows, db.query("PRAGMA foreign_key_check"));
  for (int shown = 0; shown < 20; ++shown) {
    MEND_TRY(const bool more, rows.step());
    if (!more) break;
    problems += fmt::format("{}row {} of {} refers to a missing row of {}", problems.empty() ? "" : "; ", rows.integer(1), rows.view(0),
                            rows.view(2));
  }
  if (!problems.empty()) return fail(ErrorKind::corrupt, fmt::format("{}: {}", sqlite3_db_filename(db.handle(), "main"), problems));
  return {};
}

}  // namespace mend
