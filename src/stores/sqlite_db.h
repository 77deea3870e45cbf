// A connection to SQLite and its prepared statements as values that close themselves.
//
// A Db belongs to one thread at a time. Statements are prepared once per text and kept with the connection; a Query borrows one
// and gives it back reset. No statement is built from data: values are always bound.
#pragma once

#include <sqlite3.h>

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"

namespace mend {

// SQLite's newest error on this connection as ours: busy -> unavailable, full -> exhausted, read-only -> permission,
// damaged or another key -> corrupt, a violated constraint -> invalid_input. The message names the file.
std::unexpected<Error> fail_sqlite(sqlite3* connection, std::string_view what);

// Bytes that are no text, to be bound as such.
struct Blob {
  std::string_view bytes;
};

class Query;

class Db {
 public:
  // Opens an existing file for reading and writing, gives the key and nothing more: the first statement shows whether it fits.
  // `key` is 32 bytes.
  static Result<std::unique_ptr<Db>> open(const std::filesystem::path& file, const unsigned char* key);
  Db(const Db&) = delete;
  Db& operator=(const Db&) = delete;

  // Statements without parameters or rows, several separated by ';'.
  Result<void> execute(const char* sql);
  // One statement without rows. Returns the number of rows it changed.
  template <class... Values>
  Result<int> run(std::string_view sql, const Values&... values);
  // One statement with rows. Texts of `values` are copied.
  template <class... Values>
  Result<Query> query(std::string_view sql, const Values&... values);
  // The single integer that a statement gives; nothing when it gives no row or NULL.
  template <class... Values>
  Result<std::optional<std::int64_t>> integer(std::string_view sql, const Values&... values);

  // How long a statement waits for another process before it is `unavailable`.
  void set_busy_limit(Duration most);
  // False when SQLite has ended the transaction by itself, as it does when the disk is full.
  bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }
  sqlite3* handle() const { return handle_.get(); }

 private:
  friend class Query;
  struct CloseConnection {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  };
  struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using StatementPtr = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

  Db() = default;
  static int wait_when_busy(void* self, int tries);
  Result<sqlite3_stmt*> prepare(std::string_view sql);

  int most_busy_tries_ = 0;  // of one millisecond each
  std::unique_ptr<sqlite3, CloseConnection> handle_;
  std::map<std::string, StatementPtr, std::less<>> statements_;  // destroyed before the connection
};

// A borrowed statement with its parameters bound. Read columns only after step() gave true; texts are copied out.
class Query {
 public:
  Query(Query&& other) noexcept : db_(other.db_), statement_(other.statement_), bound_(other.bound_) { other.statement_ = nullptr; }
  Query& operator=(Query&&) = delete;
  Query(const Query&) = delete;
  ~Query() {
    if (!statement_) return;
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }

  // True when there is a row, false at the end.
  Result<bool> step();

  bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  double real(int column) const { return sqlite3_column_double(statement_, column); }
  bool flag(int column) const { return integer(column) != 0; }
  std::string_view view(int column) const;  // valid until the next step
  std::string text(int column) const { return std::string(view(column)); }
  std::string_view blob(int column) const;  // valid until the next step
  WallTime time(int column) const { return WallTime{Duration{integer(column)}}; }
  template <class Id>
  Id id(int column) const {
    return Id(text(column));
  }
  template <class Number>
  std::optional<Number> maybe(int column) const {
    if (is_null(column)) return std::nullopt;
    if constexpr (std::is_same_v<Number, bool>)
      return flag(column);
    else if constexpr (std::is_floating_point_v<Number>)
      return Number(real(column));
    else if constexpr (std::is_same_v<Number, WallTime>)
      return time(column);
    else
      return Number(integer(column));
  }

 private:
  friend class Db;
  Query(Db& db, sqlite3_stmt* statement) : db_(&db), statement_(statement) {}

  // Texts bound with `copy` false must outlive the step.
  void bind(int index, std::string_view value, bool copy);
  void bind(int index, Blob value, bool copy);
  void bind(int index, const char* value, bool copy) { bind(index, std::string_view(value), copy); }
  void bind(int index, const std::string& value, bool copy) { bind(index, std::string_view(value), copy); }
  template <std::integral Number>
  void bind(int index, Number value, bool) {
    keep(sqlite3_bind_int64(statement_, index, static_cast<std::int64_t>(value)));
  }
  void bind(int index, double value, bool) { keep(sqlite3_bind_double(statement_, index, value)); }
  void bind(int index, Duration value, bool copy) { bind(index, std::int64_t(value.count()), copy); }
  void bind(int index, WallTime value, bool copy) { bind(index, std::int64_t(value.time_since_epoch().count()), copy); }
  template <class Tag>
  void bind(int index, const StrongId<Tag>& value, bool copy) {
    bind(index, std::string_view(value.str()), copy);
  }
  template <class Value>
  void bind(int index, const std::optional<Value>& value, bool copy) {
    if (value)
      bind(index, *value, copy);
    else
      keep(sqlite3_bind_null(statement_, index));
  }
  template <class... Values>
  void bind_all(bool copy, const Values&... values) {
    int index = 0;
    (bind(++index, values, copy), ...);
  }
  void keep(int code) {
    if (bound_ == SQLITE_OK) bound_ = code;
  }

  Db* db_;
  sqlite3_stmt* statement_;
  int bound_ = SQLITE_OK;  // the first error of binding; step reports it
};

template <class... Values>
Result<int> Db::run(std::string_view sql, const Values&... values) {
  MEND_TRY(sqlite3_stmt* const statement, prepare(sql));
  Query query(*this, statement);
  query.bind_all(false, values...);
  MEND_CHECK(query.step());
  return sqlite3_changes(handle_.get());
}

template <class... Values>
Result<Query> Db::query(std::string_view sql, const Values&... values) {
  MEND_TRY(sqlite3_stmt* const statement, prepare(sql));
  Query query(*this, statement);
  query.bind_all(true, values...);
  return query;
}

template <class... Values>
Result<std::optional<std::int64_t>> Db::integer(std::string_view sql, const Values&... values) {
  MEND_TRY(Query rows, query(sql, values...));
  MEND_TRY(const bool found, rows.step());
  if (!found) return std::nullopt;
  return rows.maybe<std::int64_t>(0);
}

}  // namespace mend
