#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/file.h"
#include "base/time_text.h"
#include "stores/audit_anchor.h"
#include "stores/home.h"
#include "stores/sqlite_audit.h"
#include "stores/sqlite_backup.h"
#include "stores/sqlite_key.h"
#include "stores/sqlite_open.h"

namespace mend {
namespace {

constexpr const char* kBeside[] = {"-wal", "-shm", "-journal"};

void remove_with_side_files(const std::string& file) {
  ::unlink(file.c_str());
  for (const char* const rest : kBeside) ::unlink((file + rest).c_str());
}

Result<void> copy_file(const std::filesystem::path& from, const std::string& to) {
  const FileHandle source(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (!source.valid()) return fail_errno("reading " + from.string(), errno);
  const FileHandle target(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!target.valid()) return fail_errno("writing " + to, errno);
  std::string buffer(1U << 20U, '\0');
  for (;;) {
    const ssize_t count = ::read(source.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno("reading " + from.string(), errno);
    if (count == 0) break;
    for (std::string_view rest(buffer.data(), std::size_t(count)); !rest.empty();) {
      const ssize_t written = ::write(target.get(), rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return fail_errno("writing " + to, errno);
      rest.remove_prefix(std::size_t(written));
    }
  }
  if (::fsync(target.get()) != 0) return fail_errno("writing " + to, errno);
  return {};
}

// What the audit says about a restore. The chain that is replaced leaves its last known place in the new one.
std::string restored_text(const std::filesystem::path& backup, const ChainPoint& end, const Result<std::optional<ChainPoint>>& anchor) {
  const std::string was = !anchor    ? "its anchor could not be read"
                          : !*anchor ? "it had no anchor"
                                     : fmt::format("it was anchored at record {} ({})", (*anchor)->sequence, (*anchor)->hash.substr(0, 16));
  return fmt::format("restored from {} with {} audit records; of the chain that was replaced, {}", backup.filename().string(), end.sequence,
                     was);
}

// Checks the copy and appends the record; gives where its chain ends. After it the copy is one file, with nothing beside it.
Result<ChainPoint> prepare_copy(const std::string& copy, const SecretKey& key, const std::filesystem::path& backup,
                                const AuditAnchor& anchor, WallTime now, const std::string& actor) {
  MEND_TRY(auto db, open_database(copy, key, DbRole::offline));
  MEND_CHECK(check_structure(*db));
  MEND_CHECK(migrate(*db));
  MEND_CHECK(db->execute("BEGIN IMMEDIATE"));
  MEND_TRY(ChainPoint end, chain_end(*db));
  AuditRecord record;
  record.timestamp = now;
  record.actor = actor;
  record.action = "store.restored";
  record.detail = restored_text(backup, end, anchor.read());
  record.success = true;
  MEND_CHECK(append_to_chain(*db, end, std::move(record)));
  MEND_CHECK(db->execute("COMMIT"));
  MEND_CHECK(db->execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  return end;
}

// A second name for the old database, so that the first one can be taken over by one rename and is never missing.
Result<void> keep_aside(const HomePaths& paths, const SecretKey& key, WallTime now) {
  const std::string database = paths.database().string();
  MEND_TRY(const bool there, path_exists(database));
  if (!there) return {};
  // Brings what a killed process left in the WAL into the file. One that is damaged is kept as it is, with its WAL.
  if (auto old = open_database(database, key, DbRole::offline)) (void)(*old)->execute("PRAGMA wal_checkpoint(TRUNCATE)");
  std::string stamp = format_rfc3339(now);
  std::erase_if(stamp, [](char c) { return c == ':' || c == '-'; });
  for (int number = 1; number < 1000; ++number) {
    const std::string aside = database + ".before-restore-" + stamp + (number == 1 ? "" : fmt::format("-{}", number));
    if (::link(database.c_str(), aside.c_str()) != 0) {
      if (errno == EEXIST) continue;
      return fail_errno("keeping the old database as " + aside, errno);
    }
    if (::link((database + "-wal").c_str(), (aside + "-wal").c_str()) != 0 && errno != ENOENT)
      return fail_errno("keeping the old database as " + aside, errno);
    return sync_folder(paths.home);
  }
  return fail(ErrorKind::conflict, "a thousand old databases of this moment are kept already in " + paths.home.string());
}

Result<void> restore(const HomePaths& paths, const std::filesystem::path& backup, const SecretKey& key, const AuditAnchor& anchor,
                     WallTime now, const std::string& actor) {
  const std::string copy = paths.database().string() + ".restoring";
  remove_with_side_files(copy);  // of one that was killed
  const auto give_up = [&](const Error& error) {
    remove_with_side_files(copy);
    return std::unexpected(error);
  };
  if (auto copied = copy_file(backup, copy); !copied) return give_up(copied.error());
  const auto end = prepare_copy(copy, key, backup, anchor, now, actor);
  if (!end) return give_up(end.error().in("the backup " + backup.string()));
  if (auto kept = keep_aside(paths, key, now); !kept) return give_up(kept.error());
  // The old WAL must go before the new file comes: SQLite would take it for the new file's.
  for (const char* const rest : kBeside) {
    ::unlink((copy + rest).c_str());
    ::unlink((paths.database().string() + rest).c_str());
  }
  if (auto synced = sync_file(copy); !synced) return give_up(synced.error());
  if (::rename(copy.c_str(), paths.database().c_str()) != 0)
    return give_up(fail_errno("moving in " + paths.database().string(), errno).error());
  MEND_CHECK(sync_folder(paths.home));
  return anchor.reset(*end);
}

}  // namespace

Result<void> restore_backup(const std::filesystem::path& home, const std::filesystem::path& backup_file, const SecretKey& home_key,
                            const Clock& clock, const RestoreOptions& options) {
  const HomePaths paths(home);
  MEND_CHECK(make_home(paths));
  MEND_TRY(const HomeLock lock, HomeLock::exclusive(paths, options.lock_limit));
  SecretKey key = store_key(home_key);
  const AuditAnchor anchor(paths.anchor(), home_key);
  auto done = restore(paths, backup_file, key, anchor, clock.now(), options.actor);
  sodium_memzero(key.data(), key.size());
  return done;
}

}  // namespace mend
