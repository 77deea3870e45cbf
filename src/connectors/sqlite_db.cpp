#include "connectors/sqlite_db.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>

#include "base/text.h"

namespace mend {
namespace {

constexpr int kOpsBetweenLooks = 10'000;

ErrorKind kind_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ErrorKind::unavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ErrorKind::corrupt;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH: return ErrorKind::permission;
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG: return ErrorKind::exhausted;
    case SQLITE_CANTOPEN: return ErrorKind::not_found;
    default: return ErrorKind::invalid_input;
  }
}

std::unexpected<Error> fail_sqlite(sqlite3* db, int code) {
  // An interrupt is only ever ours: the call ended.
  if ((code & 0xFF) == SQLITE_INTERRUPT) return fail(ErrorKind::timed_out, "the database work was ended by the call's deadline or stop");
  return fail(kind_of(code), to_valid_utf8(db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code)));
}

}  // namespace

std::string quote_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

void SqliteStatement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Result<bool> SqliteStatement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return fail_sqlite(db_, code);
}
int SqliteStatement::columns() const { return sqlite3_column_count(statement_.get()); }
SqliteStatement::Type SqliteStatement::type(int column) const {
  switch (sqlite3_column_type(statement_.get(), column)) {
    case SQLITE_INTEGER: return Type::integer;
    case SQLITE_FLOAT: return Type::real;
    case SQLITE_TEXT: return Type::text;
    case SQLITE_BLOB: return Type::blob;
    default: return Type::null;
  }
}
std::int64_t SqliteStatement::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
double SqliteStatement::real(int column) const { return sqlite3_column_double(statement_.get(), column); }
std::string_view SqliteStatement::bytes(int column) const {
  const void* data = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return data == nullptr ? std::string_view() : std::string_view(static_cast<const char*>(data), std::size_t(size));
}
bool SqliteStatement::is_read_only() const { return sqlite3_stmt_readonly(statement_.get()) != 0; }
Result<void> SqliteStatement::bind(int index, std::string_view text) {
  const int code = sqlite3_bind_text(statement_.get(), index, text.data(), int(text.size()), SQLITE_TRANSIENT);
  if (code != SQLITE_OK) return fail_sqlite(db_, code);
  return {};
}

void SqliteDb::Close::operator()(sqlite3* db) const { sqlite3_close_v2(db); }

Result<SqliteDb> SqliteDb::open(const std::filesystem::path& file, Access access, Duration busy_timeout, CallContext& call) {
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (status.type() == std::filesystem::file_type::not_found)
    return fail(ErrorKind::not_found, fmt::format("there is no database {}", file.string()));
  if (status.type() != std::filesystem::file_type::regular)
    return fail(ErrorKind::invalid_input, fmt::format("{} is not a regular file", file.string()));
  sqlite3* raw = nullptr;
  // Read-only by query_only, not by the open flag: a database that a killed job left in the middle of a transaction can only be
  // read after its journal was rolled back, as any reader does.
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(file.c_str(), &raw, flags, nullptr);
  SqliteDb db(raw);
  const auto in_file = [&](std::unexpected<Error> failed) { return std::unexpected(failed.error().in(file.string())); };
  if (code != SQLITE_OK) return in_file(fail_sqlite(raw, code));
  const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(call.left(busy_timeout)).count();
  sqlite3_busy_timeout(raw, int(std::clamp<long long>(wait, 1, 600'000)));
  sqlite3_progress_handler(raw, kOpsBetweenLooks, [](void* context) { return static_cast<CallContext*>(context)->check() ? 0 : 1; }, &call);
  // The file is not ours: what its schema says may neither call unsafe functions nor cascade.
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_FKEY, 0, nullptr);
  // The first statement is what finds out that the file is no database.
  if (auto probe = db.integer("SELECT count(*) FROM sqlite_schema"); !probe) return std::unexpected(probe.error().in(file.string()));
  if (access == Access::read_only) MEND_CHECK(db.run("PRAGMA query_only = ON"));
  return db;
}

Result<SqliteStatement> SqliteDb::prepare(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const char* tail = nullptr;
  const int code = sqlite3_prepare_v2(db_.get(), sql.data(), int(sql.size()), &raw, &tail);
  SqliteStatement statement(db_.get(), raw);
  if (code != SQLITE_OK) return fail_sqlite(db_.get(), code);
  if (raw == nullptr) return fail(ErrorKind::invalid_input, "no SQL statement");
  const std::string_view rest = trim(sql.substr(std::size_t(tail - sql.data())));
  if (!rest.empty()) return fail(ErrorKind::invalid_input, "more than one SQL statement");
  return statement;
}

Result<void> SqliteDb::run(std::string_view sql) {
  MEND_TRY(SqliteStatement statement, prepare(sql));
  for (;;) {
    MEND_TRY(const bool more, statement.step());
    if (!more) return {};
  }
}

Result<std::int64_t> SqliteDb::integer(std::string_view sql) {
  MEND_TRY(SqliteStatement statement, prepare(sql));
  MEND_TRY(const bool row, statement.step());
  if (!row) return fail(ErrorKind::not_found, "the statement gave no row");
  return statement.integer(0);
}

Result<TargetTransaction> TargetTransaction::begin(SqliteDb& db) {
  MEND_CHECK(db.run("BEGIN IMMEDIATE"));
  return TargetTransaction(db);
}
TargetTransaction::~TargetTransaction() {
  // Fails only when SQLite has rolled back already.
  if (db_ != nullptr) (void)db_->run("ROLLBACK");
}
Result<void> TargetTransaction::commit() {
  MEND_CHECK(db_->run("COMMIT"));
  db_ = nullptr;
  return {};
}

}  // namespace mend
