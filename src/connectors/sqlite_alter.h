// Carries out schema operations on a SQLite table, provably and reversibly: everything in one transaction, the rows kept in a
// backup table inside the same database (no copy of the data leaves it), values compared before and after.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/sqlite_db.h"
#include "connectors/sqlite_schema.h"

namespace mend {

inline constexpr int kTableBackupsKept = 5;  // newest ones of a table

// What a table is before it is changed: enough to tell whether it changed and, with the backup table, to build it again.
struct TableImage {
  TableSchema schema;
  std::int64_t rows = 0;
  std::string checksum;                  // over every stored value in the order of the rows
  std::optional<std::int64_t> sequence;  // of AUTOINCREMENT
  std::string backup;                    // name of the backup table that apply_operations makes
};
boost::json::object to_json(const TableImage& image);
Result<TableImage> table_image_from_json(const boost::json::object& json);

// `key` names the backup table: the same key, the same name.
Result<TableImage> capture_table(SqliteDb& db, std::string_view table, std::string_view key);

// Reasons why the operations would lose digits of values that are there; nothing is changed. invalid_input naming the column.
Result<void> check_values_fit(SqliteDb& db, const TableSchema& table, const std::vector<SchemaOperation>& operations);

enum class TableState : std::uint8_t { as_before, as_after, different };
// as_before compares the rows too; as_after the schema only (a run may have loaded rows since).
Result<TableState> table_state(SqliteDb& db, const TableImage& before, const std::vector<SchemaOperation>& operations);

// conflict when the table is not as captured. Any error: nothing was changed.
Result<void> apply_operations(SqliteDb& db, const TableImage& before, const std::vector<SchemaOperation>& operations);

// Builds the table as captured, rows from the backup table, which stays. Nothing to do when the schema is as before already;
// conflict when it is neither as before nor as after. Any error: nothing was changed.
Result<void> restore_table(SqliteDb& db, const TableImage& before, const std::vector<SchemaOperation>& operations);

}  // namespace mend
