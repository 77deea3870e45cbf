// A SQLite database of a job (a plain file, not ours): opened carefully, errors as values, every statement ends with the call's
// deadline or stop. Used by one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/call_context.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace mend {

// "name" with quotes doubled: safe in SQL whatever it holds.
std::string quote_name(std::string_view name);

class SqliteStatement {
 public:
  enum class Type : std::uint8_t { null, integer, real, text, blob };

  // True while there is a row; false at the end.
  Result<bool> step();
  int columns() const;
  Type type(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string_view bytes(int column) const;  // text or blob; valid until the next step
  std::string text(int column) const { return std::string(bytes(column)); }
  bool is_read_only() const;
  Result<void> bind(int index, std::string_view text);

 private:
  friend class SqliteDb;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  SqliteStatement(sqlite3* db, sqlite3_stmt* statement) : db_(db), statement_(statement) {}
  sqlite3* db_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class SqliteDb {
 public:
  // read_only: no statement may write; what a killed writer left half done is rolled back all the same.
  enum class Access : std::uint8_t { read_only, read_write };

  // Opens an existing file. not_found when there is none, corrupt when it is not a SQLite database. `call` and the file outlive the object.
  static Result<SqliteDb> open(const std::filesystem::path& file, Access access, Duration busy_timeout, CallContext& call);

  // One statement; invalid_input when there is none or something follows it. unavailable when the database stays locked,
  // timed_out or cancelled when the call ends.
  Result<SqliteStatement> prepare(std::string_view sql);
  Result<void> run(std::string_view sql);              // prepare and step to the end
  Result<std::int64_t> integer(std::string_view sql);  // the one value that it gives

 private:
  struct Close {
    void operator()(sqlite3* db) const;
  };
  explicit SqliteDb(sqlite3* db) : db_(db) {}
  std::unique_ptr<sqlite3, Close> db_;
};

// A transaction on a job's target: BEGIN IMMEDIATE until commit(); rolled back otherwise.
class TargetTransaction {
 public:
  static Result<TargetTransaction> begin(SqliteDb& db);
  TargetTransaction(TargetTransaction&& other) noexcept : db_(std::exchange(other.db_, nullptr)) {}
  TargetTransaction& operator=(TargetTransaction&&) = delete;
  TargetTransaction(const TargetTransaction&) = delete;
  TargetTransaction& operator=(const TargetTransaction&) = delete;
  ~TargetTransaction();
  Result<void> commit();

 private:
  explicit TargetTransaction(SqliteDb& db) : db_(&db) {}
  SqliteDb* db_;
};

}  // namespace mend
