#include "stores/sqlite_db.h"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "stores/sqlite_key.h"

namespace mend {
namespace {

ErrorKind kind_of(int code, int system_error) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: return ErrorKind::unavailable;
    case SQLITE_FULL:
    case SQLITE_NOMEM: return ErrorKind::exhausted;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH: return ErrorKind::permission;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT: return ErrorKind::corrupt;
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE: return ErrorKind::invalid_input;
    case SQLITE_INTERRUPT: return ErrorKind::cancelled;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
      switch (system_error) {
        case ENOSPC:
        case EDQUOT:
        case EFBIG:
        case EMFILE:
        case ENFILE:
        case ENOMEM: return ErrorKind::exhausted;
        case EACCES:
        case EPERM:
        case EROFS: return ErrorKind::permission;
        default: return ErrorKind::internal;
      }
    default: return ErrorKind::internal;
  }
}

}  // namespace

std::unexpected<Error> fail_sqlite(sqlite3* connection, std::string_view what) {
  const int code = sqlite3_extended_errcode(connection);
  const char* const name = sqlite3_db_filename(connection, "main");
  const std::string_view file = name && *name ? name : "the database";
  const ErrorKind kind = kind_of(code, sqlite3_system_errno(connection));
  switch (kind) {
    case ErrorKind::corrupt:
      return fail(kind,
                  fmt::format("{}: {} cannot be read ({}): either the key is not the one it was written with, or the file is damaged or "
                              "no Mendline database. Check MENDLINE_KEY, MENDLINE_KEY_COMMAND or the key file; if the key is right, "
                              "restore a backup",
                              what, file, sqlite3_errmsg(connection)));
    case ErrorKind::unavailable:
      return fail(kind,
                  fmt::format("{}: {} was held by another process for too long ({}); try again", what, file, sqlite3_errmsg(connection)));
    case ErrorKind::exhausted:
      return fail(kind, fmt::format("{}: no room to write {} ({}); free space on that disk", what, file, sqlite3_errmsg(connection)));
    case ErrorKind::permission:
      return fail(kind, fmt::format("{}: {} or its folder may not be written ({})", what, file, sqlite3_errmsg(connection)));
    default: return fail(kind, fmt::format("{}: {} ({}): {}", what, file, code, sqlite3_errmsg(connection)));
  }
}

Result<std::unique_ptr<Db>> Db::open(const std::filesystem::path& file, const unsigned char* key) {
  std::unique_ptr<Db> db(new Db);
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  db->handle_.reset(raw);
  if (!raw) return fail(ErrorKind::exhausted, fmt::format("opening {}: out of memory", file.string()));
  if (code != SQLITE_OK) return fail_sqlite(raw, "opening");
  // Without this a limit of SQLite (1 GB a value) applies; a text of an error or an audit detail is never near that.
  sqlite3_limit(raw, SQLITE_LIMIT_LENGTH, 256 << 20);
  MEND_CHECK(give_key(raw, key));
  return db;
}

Result<void> Db::execute(const char* sql) {
  if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return fail_sqlite(handle_.get(), "the store");
  return {};
}

Result<sqlite3_stmt*> Db::prepare(std::string_view sql) {
  if (const auto known = statements_.find(sql); known != statements_.end()) {
    // A Query that is still alive would lose its place; two of one text at a time are a mistake in this folder.
    if (sqlite3_stmt_busy(known->second.get()))
      return fail(ErrorKind::internal, fmt::format("a statement is used twice at a time: {}", sql));
    return known->second.get();
  }
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), int(sql.size()), SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  StatementPtr statement(raw);
  if (code != SQLITE_OK) return fail_sqlite(handle_.get(), "the store");
  statements_.emplace(std::string(sql), std::move(statement));
  return raw;
}

int Db::wait_when_busy(void* self, int tries) {
  // Short even sleeps instead of SQLite's growing ones: a process that writes without pause leaves gaps of microseconds, and a
  // waiter that looks every 100 ms would hardly ever hit one.
  if (tries >= static_cast<Db*>(self)->most_busy_tries_) return 0;
  std::this_thread::sleep_for(std::chrono::milliseconds{1});
  return 1;
}

void Db::set_busy_limit(Duration most) {
  most_busy_tries_ = int(most / std::chrono::milliseconds{1});
  sqlite3_busy_handler(handle_.get(), &Db::wait_when_busy, this);
}

Result<bool> Query::step() {
  if (bound_ != SQLITE_OK) return fail_sqlite(db_->handle(), "the store");
  switch (sqlite3_step(statement_)) {
    case SQLITE_ROW: return true;
    case SQLITE_DONE: return false;
    default: return fail_sqlite(db_->handle(), "the store");
  }
}

std::string_view Query::view(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return text ? std::string_view(text, std::size_t(sqlite3_column_bytes(statement_, column))) : std::string_view{};
}

std::string_view Query::blob(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return bytes ? std::string_view(bytes, std::size_t(sqlite3_column_bytes(statement_, column))) : std::string_view{};
}

void Query::bind(int index, Blob value, bool copy) {
  const char* const data = value.bytes.data() ? value.bytes.data() : "";
  keep(sqlite3_bind_blob64(statement_, index, data, value.bytes.size(), copy ? SQLITE_TRANSIENT : SQLITE_STATIC));
}

void Query::bind(int index, std::string_view value, bool copy) {
  // A null pointer would bind NULL; an empty text is a text.
  const char* const data = value.data() ? value.data() : "";
  keep(sqlite3_bind_text64(statement_, index, data, value.size(), copy ? SQLITE_TRANSIENT : SQLITE_STATIC, SQLITE_UTF8));
}

}  // namespace mend
