#include "stores/sqlite_store.h"

#include <fmt/format.h>
#include <sodium.h>

#include "stores/audit_anchor.h"
#include "stores/home.h"
#include "stores/sqlite_audit.h"
#include "stores/sqlite_backup.h"
#include "stores/sqlite_key.h"
#include "stores/sqlite_open.h"
#include "stores/sqlite_read_pool.h"
#include "stores/sqlite_read_through.h"
#include "stores/sqlite_writer.h"

namespace mend {
namespace {

constexpr Duration kLockLimit = std::chrono::seconds{10};

class SqliteStore final : public ReadThrough<Store, SqliteStore> {
 public:
  struct Parts {
    HomeLock lock;
    std::unique_ptr<AuditAnchor> anchor;
    std::unique_ptr<Db> writer;
    std::vector<std::unique_ptr<Db>> readers;
    int schema = 0;
  };
  SqliteStore(const SqliteStoreOptions& options, const SecretKey& key, Parts parts)
      : paths_(options.home),
        key_(key),
        schema_(parts.schema),
        lock_(std::move(parts.lock)),
        anchor_(std::move(parts.anchor)),
        readers_(std::move(parts.readers)),
        writer_(std::move(parts.writer), *anchor_, options.fail_points, {.waiting = options.waiting, .together = options.together}) {}
  ~SqliteStore() override { sodium_memzero(key_.data(), key_.size()); }

  Result<void> write(Work work) override { return writer_.write(std::move(work)); }

  Result<AuditVerdict> verify_audit() override {
    const auto anchor = anchor_->read();  // before the snapshot: it may lag behind the chain, never lead it
    return read([&](Db& db) { return verify_chain(db, anchor); });
  }

  // On connections of its own: it may take long, and the readers are few.
  Result<void> backup(const std::string& file) override { return backup_database(paths_.database(), key_, file); }

  Result<void> check_integrity() override {
    MEND_TRY(const auto db, open_database(paths_.database(), key_, DbRole::reader));
    return check_structure(*db);
  }

  std::string description() const override { return fmt::format("sqlite, encrypted, schema {}", schema_); }

 private:
  friend class ReadThrough<Store, SqliteStore>;
  template <class Question>
  auto read(Question question) -> decltype(question(std::declval<Db&>())) {
    return readers_.read(std::move(question));
  }

  const HomePaths paths_;
  SecretKey key_;
  const int schema_;
  HomeLock lock_;  // outlives every connection
  std::unique_ptr<AuditAnchor> anchor_;
  SqliteReadPool readers_;
  SqliteWriter writer_;
};

// Only for a home that never had one: the anchor is made after the first database, so an anchor alone means that it was lost.
Result<void> create_first_database(const HomePaths& paths, const SecretKey& key) {
  MEND_TRY(const bool had_one, path_exists(paths.anchor()));
  if (had_one)
    return fail(ErrorKind::corrupt,
                fmt::format("{} is gone, but {} says that there was one; nothing was made in its place. Put the file back or restore a backup "
                            "(mendline restore FILE). To begin anew, move {} away",
                            paths.database().string(), paths.anchor().filename().string(), paths.home.string()));
  return create_database(paths, key);
}

Result<SqliteStore::Parts> open_parts(const SqliteStoreOptions& options, const SecretKey& key) {
  const HomePaths paths(options.home);
  MEND_CHECK(make_home(paths));
  MEND_TRY(HomeLock lock, HomeLock::for_opening(paths, kLockLimit, [&] { return create_first_database(paths, key); }));
  MEND_TRY(auto writer, open_database(paths.database(), key, DbRole::writer));
  MEND_CHECK(migrate(*writer));
  MEND_TRY(const int schema, schema_version(*writer));
  auto anchor = std::make_unique<AuditAnchor>(paths.anchor(), options.home_key);
  // Made while the chain is empty and never again: a missing anchor is something that verify_audit must be able to see.
  MEND_TRY(const ChainPoint end, chain_end(*writer));
  if (end.sequence == 0) MEND_CHECK(anchor->create());
  std::vector<std::unique_ptr<Db>> readers;
  for (std::size_t i = 0; i < std::max<std::size_t>(options.readers, 1); ++i) {
    MEND_TRY(auto reader, open_database(paths.database(), key, DbRole::reader));
    readers.push_back(std::move(reader));
  }
  writer->set_busy_limit(options.busy_limit);
  return SqliteStore::Parts{std::move(lock), std::move(anchor), std::move(writer), std::move(readers), schema};
}

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(const SqliteStoreOptions& options) {
  SecretKey key = store_key(options.home_key);
  auto parts = open_parts(options, key);
  Result<std::unique_ptr<Store>> store = fail(ErrorKind::internal, "not opened");
  if (parts)
    store = std::make_unique<SqliteStore>(options, key, std::move(*parts));
  else
    store = std::unexpected(std::move(parts.error()));
  sodium_memzero(key.data(), key.size());
  return store;
}

}  // namespace mend
