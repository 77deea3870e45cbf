#include "connectors/sqlite_alter.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstring>

#include "base/text.h"
#include "connectors/local_state.h"
#include "connectors/sqlite_ddl.h"

namespace mend {
namespace {

using Kind = SchemaOperation::Kind;
using Operations = std::vector<SchemaOperation>;

std::string backup_prefix(std::string_view table) { return fmt::format("_mendline_backup_{}_", blake2b_hex(lower_ascii(table), 4)); }

std::vector<std::string> stored_columns(const TableSchema& table) {
  std::vector<std::string> names;
  for (const TableColumn& column : table.columns)
    if (column.stored()) names.push_back(quote_name(column.name));
  return names;
}

// The rowid, where it is not also a column: rows keep theirs through a rebuild.
std::string kept_rowid(const TableSchema& table) { return table.rowid_column() != nullptr ? std::string() : table.rowid_name(); }

// Each column as its value will read once the operations are done.
std::vector<std::string> columns_as_after(const TableSchema& table, const Operations& operations) {
  std::vector<std::string> expressions;
  for (const TableColumn& column : table.columns) {
    if (!column.stored()) continue;
    const std::string name = quote_name(column.name);
    std::string expression = name;
    for (const SchemaOperation& operation : operations) {
      if (operation.kind != Kind::widen_type || !same_name(operation.column, column.name) ||
          affinity_of(operation.to) == affinity_of(operation.from))
        continue;
      expression = affinity_of(operation.to) == "REAL"
                       ? fmt::format("CASE typeof({0}) WHEN 'integer' THEN CAST({0} AS REAL) ELSE {0} END", name)
                       : fmt::format("CASE WHEN typeof({0}) IN ('integer', 'real') THEN CAST({0} AS TEXT) ELSE {0} END", name);
    }
    expressions.push_back(std::move(expression));
  }
  return expressions;
}

struct Digest {
  std::int64_t rows = 0;
  std::string checksum;
};

// Hash over type, length and bytes of every value, in the order of the rows.
Result<Digest> digest_rows(SqliteDb& db, std::string_view table, const std::vector<std::string>& expressions) {
  MEND_TRY(SqliteStatement rows, db.prepare(fmt::format("SELECT {} FROM {}", fmt::join(expressions, ", "), quote_name(table))));
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, 16);
  const auto add = [&](const void* data, std::size_t size) {
    crypto_generichash_update(&state, static_cast<const unsigned char*>(data), size);
  };
  Digest digest;
  for (;;) {
    MEND_TRY(const bool row, rows.step());
    if (!row) break;
    ++digest.rows;
    for (int i = 0; i < rows.columns(); ++i) {
      const auto type = rows.type(i);
      add(&type, sizeof type);
      if (type == SqliteStatement::Type::integer) {
        const std::int64_t value = rows.integer(i);
        add(&value, sizeof value);
      } else if (type == SqliteStatement::Type::real) {
        const double value = rows.real(i);
        add(&value, sizeof value);
      } else if (type != SqliteStatement::Type::null) {
        const std::string_view value = rows.bytes(i);
        const std::uint64_t size = value.size();
        add(&size, sizeof size);
        add(value.data(), value.size());
      }
    }
  }
  unsigned char hash[16];
  crypto_generichash_final(&state, hash, sizeof hash);
  digest.checksum = hex(hash);
  return digest;
}

Result<bool> table_exists(SqliteDb& db, std::string_view name) {
  MEND_TRY(SqliteStatement find, db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE"));
  MEND_CHECK(find.bind(1, name));
  return find.step();
}

Result<std::optional<std::int64_t>> read_sequence(SqliteDb& db, std::string_view table) {
  MEND_TRY(const bool there, table_exists(db, "sqlite_sequence"));
  if (!there) return std::optional<std::int64_t>();
  MEND_TRY(SqliteStatement find, db.prepare("SELECT seq FROM sqlite_sequence WHERE name = ?1 COLLATE NOCASE"));
  MEND_CHECK(find.bind(1, table));
  MEND_TRY(const bool row, find.step());
  return row ? std::optional(find.integer(0)) : std::nullopt;
}

// Dropping a table forgets its sequence, and filling it again only knows the rows that are left.
Result<void> write_sequence(SqliteDb& db, const TableImage& image) {
  if (!image.sequence) return {};
  MEND_TRY(SqliteStatement remove, db.prepare("DELETE FROM sqlite_sequence WHERE name = ?1 COLLATE NOCASE"));
  MEND_CHECK(remove.bind(1, image.schema.name));
  MEND_CHECK(remove.step());
  MEND_TRY(SqliteStatement add, db.prepare(fmt::format("INSERT INTO sqlite_sequence(name, seq) VALUES (?1, {})", *image.sequence)));
  MEND_CHECK(add.bind(1, image.schema.name));
  MEND_CHECK(add.step());
  return {};
}

// The backup's columns have no type: values keep the very storage they have.
Result<void> make_backup(SqliteDb& db, const TableImage& image) {
  MEND_TRY(const bool there, table_exists(db, image.backup));
  if (there) return fail(ErrorKind::conflict, fmt::format("the backup table {} is there already: the step was done before", image.backup));
  std::vector<std::string> from = stored_columns(image.schema), to;
  for (std::size_t i = 0; i < from.size(); ++i) to.push_back(fmt::format("c{}", i));
  if (const std::string rowid = kept_rowid(image.schema); !rowid.empty()) {
    from.push_back(rowid);
    to.emplace_back("r");
  }
  const std::string backup = quote_name(image.backup);
  MEND_CHECK(db.run(fmt::format("CREATE TABLE {} ({})", backup, fmt::join(to, ", "))));
  MEND_CHECK(db.run(fmt::format("INSERT INTO {} SELECT {} FROM {}", backup, fmt::join(from, ", "), quote_name(image.schema.name))));
  to.resize(stored_columns(image.schema).size());
  MEND_TRY(const Digest digest, digest_rows(db, image.backup, to));
  if (digest.rows != image.rows || digest.checksum != image.checksum)
    return fail(ErrorKind::internal, "the backup came out different from the table");
  return {};
}

// Drops the table and builds it by `create`, rows from the backup, then what hung on it.
Result<void> build_again(SqliteDb& db, const TableImage& image, const std::string& create) {
  if (!starts_with_ignoring_case(create, "create table"))
    return fail(ErrorKind::corrupt, "the table's definition is not a CREATE TABLE statement");
  MEND_CHECK(db.run(fmt::format("DROP TABLE {}", quote_name(image.schema.name))));
  MEND_CHECK(db.run(create));
  std::vector<std::string> to = stored_columns(image.schema), from;
  for (std::size_t i = 0; i < to.size(); ++i) from.push_back(fmt::format("c{}", i));
  if (const std::string rowid = kept_rowid(image.schema); !rowid.empty()) {
    to.push_back(rowid);
    from.emplace_back("r");
  }
  MEND_CHECK(db.run(fmt::format("INSERT INTO {} ({}) SELECT {} FROM {} ORDER BY rowid", quote_name(image.schema.name), fmt::join(to, ", "),
                                fmt::join(from, ", "), quote_name(image.backup))));
  for (const SchemaItem& item : image.schema.items) {
    if (item.type == "table") continue;
    if (!starts_with_ignoring_case(item.sql, "create "))
      return fail(ErrorKind::corrupt, fmt::format("the definition of {} is no CREATE statement", item.name));
    MEND_CHECK(db.run(item.sql));
  }
  return write_sequence(db, image);
}

Result<std::string> widened_sql(const TableSchema& table, const Operations& operations) {
  std::string sql = table.sql();
  for (const SchemaOperation& operation : operations) {
    if (operation.kind == Kind::widen_type) {
      MEND_TRY(sql, with_column_type(sql, operation.column, operation.to));
    } else if (operation.kind == Kind::widen_length) {
      MEND_TRY(sql, with_checked_length(sql, operation.column, std::strtoull(operation.to.c_str(), nullptr, 10)));
    }
  }
  return sql;
}

bool looks_as_after(const TableSchema& now, const TableImage& before, const Operations& operations) {
  if (now.columns != columns_after(before.schema.columns, operations)) return false;
  if (!std::ranges::equal(now.items.begin() + 1, now.items.end(), before.schema.items.begin() + 1, before.schema.items.end())) return false;
  return std::ranges::all_of(operations, [&](const SchemaOperation& operation) {
    if (operation.kind != Kind::widen_length) return true;
    const auto limit = checked_length(now.sql(), operation.column);
    return limit && std::to_string(*limit) == operation.to;
  });
}

Result<void> drop_old_backups(SqliteDb& db, const TableImage& image) {
  const std::string prefix = backup_prefix(image.schema.name);
  std::vector<std::string> names;
  MEND_TRY(SqliteStatement list,
           db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, ?1) = ?2 ORDER BY rowid DESC"));
  MEND_CHECK(list.bind(1, std::to_string(prefix.size())));
  MEND_CHECK(list.bind(2, prefix));
  for (;;) {
    MEND_TRY(const bool row, list.step());
    if (!row) break;
    names.push_back(list.text(0));
  }
  for (std::size_t i = kTableBackupsKept; i < names.size(); ++i) MEND_CHECK(db.run(fmt::format("DROP TABLE {}", quote_name(names[i]))));
  return {};
}

Result<bool> rows_as_before(SqliteDb& db, const TableImage& before) {
  MEND_TRY(const Digest digest, digest_rows(db, before.schema.name, stored_columns(before.schema)));
  return digest.rows == before.rows && digest.checksum == before.checksum;
}

}  // namespace

Result<TableImage> capture_table(SqliteDb& db, std::string_view table, std::string_view key) {
  TableImage image;
  MEND_TRY(image.schema, read_table(db, table));
  MEND_TRY(const Digest digest, digest_rows(db, image.schema.name, stored_columns(image.schema)));
  image.rows = digest.rows;
  image.checksum = digest.checksum;
  MEND_TRY(image.sequence, read_sequence(db, image.schema.name));
  image.backup = backup_prefix(image.schema.name) + blake2b_hex(key, 8);
  return image;
}

Result<void> check_values_fit(SqliteDb& db, const TableSchema& table, const Operations& operations) {
  for (const SchemaOperation& operation : operations) {
    if (operation.kind != Kind::widen_type) continue;
    const std::string_view affinity = affinity_of(operation.to);
    const auto [stored, cast, back] = affinity == "REAL" ? std::tuple("integer", "REAL", "INTEGER") : std::tuple("real", "TEXT", "REAL");
    MEND_TRY(const std::int64_t lost,
             db.integer(fmt::format("SELECT count(*) FROM {0} WHERE typeof({1}) = '{2}' AND CAST(CAST({1} AS {3}) AS {4}) IS NOT {1}",
                                    quote_name(table.name), quote_name(operation.column), stored, cast, back)));
    if (lost > 0)
      return fail(ErrorKind::invalid_input,
                  fmt::format("{} values of column {} would lose digits as {}", lost, operation.column, operation.to));
  }
  return {};
}

Result<TableState> table_state(SqliteDb& db, const TableImage& before, const Operations& operations) {
  auto now = read_table(db, before.schema.name);
  if (!now) {
    if (now.error().kind == ErrorKind::not_found || now.error().kind == ErrorKind::invalid_input) return TableState::different;
    return std::unexpected(now.error());
  }
  if (now->hash() == before.schema.hash()) {
    MEND_TRY(const bool same, rows_as_before(db, before));
    return same ? TableState::as_before : TableState::different;
  }
  return looks_as_after(*now, before, operations) ? TableState::as_after : TableState::different;
}

Result<void> apply_operations(SqliteDb& db, const TableImage& before, const Operations& operations) {
  MEND_TRY(TargetTransaction transaction, TargetTransaction::begin(db));
  MEND_TRY(const TableSchema now, read_table(db, before.schema.name));
  MEND_TRY(const bool same_rows, rows_as_before(db, before));
  if (now.hash() != before.schema.hash() || !same_rows)
    return fail(ErrorKind::conflict, "the table changed since it was captured: left alone");
  MEND_CHECK(check_values_fit(db, now, operations));
  MEND_CHECK(make_backup(db, before));
  MEND_TRY(const Digest expected, digest_rows(db, now.name, columns_as_after(now, operations)));
  if (needs_rebuild(operations)) {
    MEND_TRY(const std::string create, widened_sql(now, operations));
    MEND_CHECK(build_again(db, before, create));
  }
  for (const SchemaOperation& operation : operations)
    if (operation.kind == Kind::add_column)
      MEND_CHECK(db.run(fmt::format("ALTER TABLE {} ADD COLUMN {} {}", quote_name(now.name), quote_name(operation.column), operation.to)));
  MEND_TRY(const TableSchema after, read_table(db, now.name));
  if (!looks_as_after(after, before, operations))
    return fail(ErrorKind::internal, "the table came out different from the plan: nothing was changed");
  MEND_TRY(const Digest digest, digest_rows(db, now.name, stored_columns(before.schema)));
  if (digest.rows != expected.rows || digest.checksum != expected.checksum)
    return fail(ErrorKind::invalid_input, "values that were there would come out different: nothing was changed");
  MEND_CHECK(drop_old_backups(db, before));
  return transaction.commit();
}

Result<void> restore_table(SqliteDb& db, const TableImage& before, const Operations& operations) {
  MEND_TRY(TargetTransaction transaction, TargetTransaction::begin(db));
  MEND_TRY(const TableSchema now, read_table(db, before.schema.name));
  if (now.hash() == before.schema.hash()) return {};
  if (!looks_as_after(now, before, operations))
    return fail(ErrorKind::conflict, "the table was changed by somebody else meanwhile: left alone");
  MEND_TRY(const bool there, table_exists(db, before.backup));
  if (!there) return fail(ErrorKind::corrupt, fmt::format("the backup table {} is gone", before.backup));
  MEND_CHECK(build_again(db, before, before.schema.sql()));
  MEND_TRY(const TableSchema restored, read_table(db, before.schema.name));
  MEND_TRY(const bool same_rows, rows_as_before(db, before));
  if (restored.hash() != before.schema.hash() || !same_rows)
    return fail(ErrorKind::corrupt, "the backup does not give the table as captured: nothing was changed");
  return transaction.commit();
}

boost::json::object to_json(const TableImage& image) {
  boost::json::array columns, items;
  for (const TableColumn& column : image.schema.columns) {
    boost::json::object object;
    object["name"] = column.name;
    object["type"] = column.type;
    object["not_null"] = column.not_null;
    object["default"] = column.default_sql ? boost::json::value(*column.default_sql) : boost::json::value(nullptr);
    object["key"] = column.key;
    object["hidden"] = column.hidden;
    columns.push_back(std::move(object));
  }
  for (const SchemaItem& item : image.schema.items) {
    boost::json::object object;
    object["type"] = item.type;
    object["name"] = item.name;
    object["sql"] = item.sql;
    items.push_back(std::move(object));
  }
  boost::json::object json;
  json["table"] = image.schema.name;
  json["columns"] = std::move(columns);
  json["schema"] = std::move(items);
  json["without_rowid"] = image.schema.without_rowid;
  json["rows"] = image.rows;
  json["checksum"] = image.checksum;
  json["sequence"] = image.sequence ? boost::json::value(*image.sequence) : boost::json::value(nullptr);
  json["backup"] = image.backup;
  return json;
}

Result<TableImage> table_image_from_json(const boost::json::object& json) {
  TableImage image;
  try {
    image.schema.name = std::string(json.at("table").as_string());
    for (const boost::json::value& value : json.at("columns").as_array()) {
      const boost::json::object& object = value.as_object();
      TableColumn column{.name = std::string(object.at("name").as_string()),
                         .type = std::string(object.at("type").as_string()),
                         .not_null = object.at("not_null").as_bool(),
                         .default_sql = std::nullopt,
                         .key = int(object.at("key").to_number<int>()),
                         .hidden = int(object.at("hidden").to_number<int>())};
      if (object.at("default").is_string()) column.default_sql = std::string(object.at("default").as_string());
      image.schema.columns.push_back(std::move(column));
    }
    for (const boost::json::value& value : json.at("schema").as_array()) {
      const boost::json::object& object = value.as_object();
      image.schema.items.push_back({std::string(object.at("type").as_string()), std::string(object.at("name").as_string()),
                                    std::string(object.at("sql").as_string())});
    }
    image.schema.without_rowid = json.at("without_rowid").as_bool();
    image.rows = json.at("rows").to_number<std::int64_t>();
    image.checksum = std::string(json.at("checksum").as_string());
    if (!json.at("sequence").is_null()) image.sequence = json.at("sequence").to_number<std::int64_t>();
    image.backup = std::string(json.at("backup").as_string());
  } catch (const std::exception&) {
    return fail(ErrorKind::corrupt, "the pre-image of the table is incomplete");
  }
  if (image.schema.items.empty() || image.schema.items.front().type != "table" || !image.backup.starts_with("_mendline_backup_"))
    return fail(ErrorKind::corrupt, "the pre-image of the table is incomplete");
  return image;
}

}  // namespace mend
