// A SQLite table as it is described, and what would bring it in line with an incoming file.
// Functions on values are pure; those with a SqliteDb belong to its thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "connectors/csv.h"
#include "connectors/sqlite_db.h"

namespace mend {

struct TableColumn {
  std::string name;
  std::string type;  // as declared
  bool not_null = false;
  std::optional<std::string> default_sql;
  int key = 0;     // position in the primary key, 0: not part of it
  int hidden = 0;  // 2, 3: generated
  bool stored() const { return hidden == 0; }
  bool operator==(const TableColumn&) const = default;
};

struct SchemaItem {
  std::string type;  // "table", "index", "trigger"
  std::string name;
  std::string sql;
  bool operator==(const SchemaItem&) const = default;
};

struct TableSchema {
  std::string name;  // as the database spells it
  std::vector<TableColumn> columns;
  std::vector<SchemaItem> items;  // the table first, then what hangs on it
  bool without_rowid = false;
  bool strict = false;
  std::vector<std::string> foreign_columns;  // columns of it that are foreign keys
  std::vector<std::string> referenced_by;    // tables whose foreign keys point to it
  const std::string& sql() const { return items.front().sql; }
  bool has_triggers() const;
  // The column that is another name of the rowid, if any.
  const TableColumn* rowid_column() const;
  // A name under which the rowid can be asked for; empty when there is none or every one is a column's name.
  std::string rowid_name() const;
  std::string hash() const;  // of all items
};

// not_found when there is no such table; invalid_input for a view or a virtual table.
Result<TableSchema> read_table(SqliteDb& db, std::string_view table);

struct SchemaOperation {
  enum class Kind : std::uint8_t {
    add_column,    // to = type
    widen_type,    // from, to = declared types
    widen_length,  // from, to = longest text that a CHECK(length(column) <= n) lets pass
  };
  Kind kind = Kind::add_column;
  std::string column;
  std::string from;
  std::string to;
  bool operator==(const SchemaOperation&) const = default;
  std::string text() const;  // "add column region TEXT"
};
bool needs_rebuild(const std::vector<SchemaOperation>& operations);
std::string operations_to_json(const std::vector<SchemaOperation>& operations);
Result<std::vector<SchemaOperation>> operations_from_json(std::string_view json);

// What the table needs so that the file's rows fit; empty when nothing. invalid_input with the reason when that is no repair of a
// schema: a column is missing in the file, too many or unusable new names, a minority of values that do not fit, a key or a
// constraint in the way.
Result<std::vector<SchemaOperation>> compare_schema(const TableSchema& table, const CsvSample& file);

// The columns as they are after the operations.
std::vector<TableColumn> columns_after(std::vector<TableColumn> columns, const std::vector<SchemaOperation>& operations);

// INTEGER, REAL, TEXT, NUMERIC or BLOB by SQLite's rules for declared types (datatype3.html, 3.1).
std::string_view affinity_of(std::string_view declared);
bool same_name(std::string_view a, std::string_view b);  // as SQLite compares them: ASCII letters without case

}  // namespace mend
