#include "connectors/sqlite_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <map>

#include "base/text.h"
#include "connectors/sqlite_ddl.h"
#include "model/json.h"

namespace mend {
namespace {

constexpr std::size_t kMostNewColumns = 20;
constexpr std::size_t kLongestName = 64;
constexpr std::uint64_t kLongestText = 1'000'000;

std::string shown(std::string_view name) { return to_valid_utf8(cut_utf8(name, 60)); }

// How a text reads as a number.
enum class Reading { integer, padded, real, text };  // padded: digits with leading zeros, such as a postal code

Reading read_as(std::string_view value) {
  value = trim(value);
  std::string_view digits = value;
  if (digits.starts_with('+') || digits.starts_with('-')) digits.remove_prefix(1);
  if (digits.empty() || !(digits.front() == '.' || (digits.front() >= '0' && digits.front() <= '9'))) return Reading::text;
  const bool padded = digits.size() > 1 && digits.front() == '0' && digits[1] >= '0' && digits[1] <= '9';
  if (std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) {
    std::int64_t whole = 0;
    const bool fits = std::from_chars(digits.data(), digits.data() + digits.size(), whole).ec == std::errc{};
    return !fits ? Reading::text : padded ? Reading::padded : Reading::integer;
  }
  double number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size() || !std::isfinite(number)) return Reading::text;
  return padded ? Reading::text : Reading::real;
}

struct Values {
  std::size_t filled = 0, integers = 0, padded = 0, reals = 0, texts = 0;
  std::uint64_t longest = 0;  // characters
};

Values values_of(const CsvSample& file, std::size_t column) {
  Values values;
  for (const auto& row : file.rows) {
    const std::string& value = row[column];
    if (value.empty()) continue;
    ++values.filled;
    std::uint64_t length = 0;
    for (const char c : value) length += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    values.longest = std::max(values.longest, length);
    switch (read_as(value)) {
      case Reading::integer: ++values.integers; break;
      case Reading::padded: ++values.padded; break;
      case Reading::real: ++values.reals; break;
      case Reading::text: ++values.texts; break;
    }
  }
  return values;
}

std::string_view type_for(const Values& values) {
  if (values.filled == 0 || values.texts > 0 || values.padded > 0) return "TEXT";
  return values.reals > 0 ? "REAL" : "INTEGER";
}

Result<void> check_new_name(std::string_view name) {
  const auto refuse = [&](std::string_view why) {
    return fail(ErrorKind::invalid_input, fmt::format("the file's column '{}' cannot become one of the table: {}", shown(name), why));
  };
  if (name.empty()) return refuse("it has no name");
  if (!is_valid_utf8(name)) return refuse("its name is not UTF-8");
  if (name.size() > kLongestName) return refuse(fmt::format("its name is longer than {} bytes", kLongestName));
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (static_cast<unsigned char>(c) & 0x80U) != 0;
  };
  const auto inner = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == ' ' || c == '-' || c == '.'; };
  if (!letter(name.front())) return refuse("its name does not begin with a letter");
  if (!std::ranges::all_of(name, inner) || name.back() == ' ')
    return refuse("its name holds characters other than letters, digits, blank, '_', '-' and '.'");
  return {};
}

Result<void> check_header(const CsvSample& file) {
  std::map<std::string, std::string_view> seen;
  for (const std::string& name : file.header) {
    const auto [found, fresh] = seen.emplace(lower_ascii(name), name);
    if (!fresh)
      return fail(ErrorKind::invalid_input,
                  fmt::format("the file's columns '{}' and '{}' are the same name", shown(found->second), shown(name)));
  }
  if (file.ragged > 0 && file.ragged * 2 >= file.rows.size() + file.ragged)
    return fail(ErrorKind::invalid_input, fmt::format("{} of the first {} rows of the file have another number of fields than its header: "
                                                      "the file is damaged, not the schema",
                                                      file.ragged, file.rows.size() + file.ragged));
  return {};
}

// What one existing column needs for the file's values.
Result<void> compare_column(const TableSchema& table, const TableColumn& column, const Values& values,
                            std::vector<SchemaOperation>& operations) {
  const std::string_view affinity = affinity_of(column.type);
  const bool integer = affinity == "INTEGER";
  if (integer || affinity == "REAL") {
    const std::size_t misfits = values.texts + (integer ? values.reals : 0);
    if (misfits == 0) return {};
    const auto refuse = [&](std::string_view why) {
      return fail(ErrorKind::invalid_input, fmt::format("column {} ({}) does not fit {} of {} values of the file, but {}", column.name,
                                                        column.type, misfits, values.filled, why));
    };
    if (values.texts > 0 && values.texts * 2 < values.filled) return refuse("most fit: bad rows, not another schema");
    if (&column == table.rowid_column()) return refuse("it is the table's integer primary key");
    const std::string to = values.texts > 0 ? "TEXT" : "REAL";
    operations.push_back({SchemaOperation::Kind::widen_type, column.name, column.type, to});
    return {};
  }
  const auto wanted = [&](std::uint64_t limit) { return std::min(std::max(2 * limit, values.longest), kLongestText); };
  if (values.longest > kLongestText)
    return fail(ErrorKind::invalid_input, fmt::format("column {}: the file holds a value of {} characters", column.name, values.longest));
  if (const auto limit = declared_length(column.type); limit && values.longest > *limit)
    operations.push_back({SchemaOperation::Kind::widen_type, column.name, column.type, with_declared_length(column.type, wanted(*limit))});
  if (const auto limit = checked_length(table.sql(), column.name); limit && values.longest > *limit)
    operations.push_back({SchemaOperation::Kind::widen_length, column.name, std::to_string(*limit), std::to_string(wanted(*limit))});
  return {};
}

// Whether the table can be built anew: dropping it must not touch anything else.
Result<void> check_rebuild(const TableSchema& table, const std::vector<SchemaOperation>& operations) {
  if (table.has_triggers())
    return fail(ErrorKind::invalid_input,
                fmt::format("table {} has triggers: widening a column would rebuild the table under them", table.name));
  if (!table.referenced_by.empty())
    return fail(ErrorKind::invalid_input,
                fmt::format("table {} is referred to by foreign keys of {}: widening a column would rebuild it under them", table.name,
                            fmt::join(table.referenced_by, ", ")));
  for (const SchemaOperation& operation : operations)
    if (operation.kind != SchemaOperation::Kind::add_column &&
        std::ranges::any_of(table.foreign_columns, [&](const std::string& name) { return same_name(name, operation.column); }))
      return fail(ErrorKind::invalid_input,
                  fmt::format("column {} is a foreign key: its type follows the other table's", operation.column));
  return {};
}

constexpr std::array kKindNames = {"add_column", "widen_type", "widen_length"};

}  // namespace

bool same_name(std::string_view a, std::string_view b) { return a.size() == b.size() && lower_ascii(a) == lower_ascii(b); }

std::string_view affinity_of(std::string_view declared) {
  const std::string type = lower_ascii(declared);
  const auto has = [&](std::string_view part) { return type.find(part) != std::string::npos; };
  if (has("int")) return "INTEGER";
  if (has("char") || has("clob") || has("text")) return "TEXT";
  if (type.empty() || has("blob") || type == "any") return "BLOB";
  if (has("real") || has("floa") || has("doub")) return "REAL";
  return "NUMERIC";
}

bool TableSchema::has_triggers() const {
  return std::ranges::any_of(items, [](const SchemaItem& item) { return item.type == "trigger"; });
}

const TableColumn* TableSchema::rowid_column() const {
  if (without_rowid) return nullptr;
  const TableColumn* only = nullptr;
  for (const TableColumn& column : columns) {
    if (column.key == 0) continue;
    if (only != nullptr || !same_name(column.type, "INTEGER")) return nullptr;
    only = &column;
  }
  return only;
}

std::string TableSchema::rowid_name() const {
  if (without_rowid) return {};
  for (const std::string_view alias : {"rowid", "_rowid_", "oid"})
    if (std::ranges::none_of(columns, [&](const TableColumn& column) { return same_name(column.name, alias); })) return std::string(alias);
  return {};
}

std::string TableSchema::hash() const {
  std::string text;
  for (const SchemaItem& item : items)
    for (const std::string* part : {&item.type, &item.name, &item.sql}) text += fmt::format("{}:{};", part->size(), *part);
  return blake2b_hex(text, 16);
}

Result<TableSchema> read_table(SqliteDb& db, std::string_view table) {
  TableSchema schema;
  {
    MEND_TRY(SqliteStatement list,
             db.prepare("SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main' AND name = ?1 COLLATE NOCASE"));
    MEND_CHECK(list.bind(1, table));
    MEND_TRY(const bool found, list.step());
    if (!found) return fail(ErrorKind::not_found, fmt::format("there is no table {}", table));
    schema.name = list.text(0);
    if (list.bytes(1) != "table") return fail(ErrorKind::invalid_input, fmt::format("{} is a {}, not a table", table, list.bytes(1)));
    schema.without_rowid = list.integer(2) != 0;
    schema.strict = list.integer(3) != 0;
  }
  MEND_TRY(SqliteStatement columns,
           db.prepare("SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?1) ORDER BY cid"));
  MEND_CHECK(columns.bind(1, schema.name));
  for (;;) {
    MEND_TRY(const bool row, columns.step());
    if (!row) break;
    TableColumn column{.name = columns.text(0),
                       .type = columns.text(1),
                       .not_null = columns.integer(2) != 0,
                       .default_sql = std::nullopt,
                       .key = int(columns.integer(4)),
                       .hidden = int(columns.integer(5))};
    if (columns.type(3) != SqliteStatement::Type::null) column.default_sql = columns.text(3);
    schema.columns.push_back(std::move(column));
  }
  MEND_TRY(SqliteStatement items,
           db.prepare("SELECT type, name, sql FROM sqlite_schema WHERE tbl_name = ?1 COLLATE NOCASE AND sql IS NOT NULL "
                      "ORDER BY type <> 'table', type, name"));
  MEND_CHECK(items.bind(1, schema.name));
  for (;;) {
    MEND_TRY(const bool row, items.step());
    if (!row) break;
    schema.items.push_back({items.text(0), items.text(1), items.text(2)});
  }
  if (schema.items.empty() || schema.items.front().type != "table")
    return fail(ErrorKind::corrupt, fmt::format("table {} has no definition", table));
  MEND_TRY(
      SqliteStatement keys,
      db.prepare("SELECT m.name, f.\"table\", f.\"from\" FROM sqlite_schema m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'"));
  for (;;) {
    MEND_TRY(const bool row, keys.step());
    if (!row) break;
    if (same_name(keys.bytes(0), schema.name)) schema.foreign_columns.push_back(keys.text(2));
    if (same_name(keys.bytes(1), schema.name) && !std::ranges::count(schema.referenced_by, keys.text(0)))
      schema.referenced_by.push_back(keys.text(0));
  }
  return schema;
}

std::string SchemaOperation::text() const {
  switch (kind) {
    case Kind::add_column: return fmt::format("add column {} {}", column, to);
    case Kind::widen_type: return fmt::format("widen column {} from {} to {}", column, from, to);
    case Kind::widen_length: return fmt::format("let column {} hold {} characters instead of {}", column, to, from);
  }
  return {};
}

bool needs_rebuild(const std::vector<SchemaOperation>& operations) {
  return std::ranges::any_of(operations,
                             [](const SchemaOperation& operation) { return operation.kind != SchemaOperation::Kind::add_column; });
}

std::string operations_to_json(const std::vector<SchemaOperation>& operations) {
  boost::json::array array;
  for (const SchemaOperation& operation : operations) {
    boost::json::object object;
    object["op"] = kKindNames[std::size_t(operation.kind)];
    object["column"] = operation.column;
    if (!operation.from.empty()) object["from"] = operation.from;
    object["to"] = operation.to;
    array.push_back(std::move(object));
  }
  return to_line(array);
}

Result<std::vector<SchemaOperation>> operations_from_json(std::string_view json) {
  MEND_TRY(const boost::json::value value, parse_json(json));
  const auto bad = [] { return fail(ErrorKind::invalid_input, "the step's operations are not what plan writes"); };
  if (!value.is_array() || value.as_array().empty()) return bad();
  std::vector<SchemaOperation> operations;
  for (const boost::json::value& item : value.as_array()) {
    if (!item.is_object()) return bad();
    const auto text = [&](std::string_view name) {
      const boost::json::value* found = item.as_object().if_contains(name);
      return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
    };
    const std::string name = text("op");
    const auto kind = std::ranges::find(kKindNames, std::string_view(name));
    if (kind == kKindNames.end()) return bad();
    SchemaOperation operation{SchemaOperation::Kind(kind - kKindNames.begin()), text("column"), text("from"), text("to")};
    if (operation.column.empty() || operation.to.empty()) return bad();
    operations.push_back(std::move(operation));
  }
  return operations;
}

Result<std::vector<SchemaOperation>> compare_schema(const TableSchema& table, const CsvSample& file) {
  MEND_CHECK(check_header(file));
  std::vector<SchemaOperation> operations;
  std::vector<std::string> missing;
  const auto in_file = [&](const TableColumn& column) {
    return std::ranges::find_if(file.header, [&](const std::string& name) { return same_name(name, column.name); });
  };
  for (const TableColumn& column : table.columns) {
    if (!column.stored()) continue;
    const auto found = in_file(column);
    if (found != file.header.end()) {
      MEND_CHECK(compare_column(table, column, values_of(file, std::size_t(found - file.header.begin())), operations));
    } else if (!column.default_sql && &column != table.rowid_column()) {
      // What the database fills in by itself is never in the file.
      missing.push_back(column.name);
    }
  }
  if (!missing.empty())
    return fail(ErrorKind::invalid_input,
                fmt::format("the file lacks the table's columns {}: a table is not cut down to fit a file", fmt::join(missing, ", ")));
  std::vector<std::size_t> fresh;
  for (std::size_t i = 0; i < file.header.size(); ++i)
    if (std::ranges::none_of(table.columns, [&](const TableColumn& column) { return same_name(column.name, file.header[i]); }))
      fresh.push_back(i);
  if (fresh.size() > kMostNewColumns)
    return fail(ErrorKind::invalid_input,
                fmt::format("the file has {} columns that the table lacks: more than {} are not a repair", fresh.size(), kMostNewColumns));
  for (const std::size_t i : fresh) {
    MEND_CHECK(check_new_name(file.header[i]));
    operations.push_back({SchemaOperation::Kind::add_column, file.header[i], "", std::string(type_for(values_of(file, i)))});
  }
  if (needs_rebuild(operations)) MEND_CHECK(check_rebuild(table, operations));
  return operations;
}

std::vector<TableColumn> columns_after(std::vector<TableColumn> columns, const std::vector<SchemaOperation>& operations) {
  for (const SchemaOperation& operation : operations) {
    if (operation.kind == SchemaOperation::Kind::add_column) {
      columns.push_back(
          {.name = operation.column, .type = operation.to, .not_null = false, .default_sql = std::nullopt, .key = 0, .hidden = 0});
    } else if (operation.kind == SchemaOperation::Kind::widen_type) {
      for (TableColumn& column : columns)
        if (same_name(column.name, operation.column)) column.type = operation.to;
    }
  }
  return columns;
}

}  // namespace mend
