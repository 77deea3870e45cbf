// Backup and restore of the database file.
#pragma once

#include <filesystem>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/sealed.h"

namespace mend {

// Copies the database of one moment, page by page, while others write; same key, 0600, fsynced. It appears under its name only
// after it was opened again and every page of it was checked. conflict when `file` exists.
Result<void> backup_database(const std::filesystem::path& database, const SecretKey& store_key, const std::filesystem::path& file);

struct RestoreOptions {
  std::string actor = "mendline";                 // for the audit
  Duration lock_limit = std::chrono::seconds{0};  // how long to wait for a Mendline that is just ending
};

// Puts a backup in the place of the home's database. The backup itself is only read: a copy of it is checked (key, every page,
// schema), gets an audit record "store.restored", and is moved in by one rename. The old database stays beside it as
// mendline.db.before-restore-TIME, and the audit anchor is set to the restored chain. A missing or damaged database is no obstacle.
// conflict while any process has the home's store open; corrupt or invalid_input when the backup cannot be used: nothing was
// changed then. After a crash in between, restore again.
Result<void> restore_backup(const std::filesystem::path& home, const std::filesystem::path& backup_file, const SecretKey& home_key,
                            const Clock& clock, const RestoreOptions& options = {});

}  // namespace mend
