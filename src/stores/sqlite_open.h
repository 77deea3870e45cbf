// From a file to a connection that may be used: the key probed, the schema known, the settings of its role made.
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "base/sealed.h"
#include "stores/home.h"
#include "stores/sqlite_db.h"

namespace mend {

enum class DbRole : unsigned char {
  writer,   // every commit is fsynced
  reader,   // refuses statements that change something
  offline,  // nobody else has the file: a backup, a copy to restore
};

// Opens an existing database. corrupt: another key, damaged, or not Mendline's (an empty file too); invalid_input: its schema is
// newer than this program; permission, exhausted as the system says.
Result<std::unique_ptr<Db>> open_database(const std::filesystem::path& file, const SecretKey& store_key, DbRole role);

// Makes a new database with the newest schema. It appears under its name at once and whole. The caller holds the home alone.
Result<void> create_database(const HomePaths& paths, const SecretKey& store_key);

// Brings an older schema up to the newest, in one transaction. Safe with several processes.
Result<void> migrate(Db& db);
Result<int> schema_version(Db& db);

// Every page and every reference; corrupt with what is broken.
Result<void> check_structure(Db& db);

}  // namespace mend
