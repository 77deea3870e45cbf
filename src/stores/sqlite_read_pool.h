// A few reading connections, each lent to one thread at a time.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "stores/sqlite_db.h"

namespace mend {

class SqliteReadPool {
 public:
  explicit SqliteReadPool(std::vector<std::unique_ptr<Db>> connections) : free_(std::move(connections)) {}

  // Calls `question` on a free connection inside one snapshot. unavailable when none becomes free in time. Any thread may call.
  template <class Question>
  auto read(Question question) -> decltype(question(std::declval<Db&>())) {
    MEND_TRY(const Lease lease, take());
    Db& db = *lease.db;
    MEND_CHECK(db.run("BEGIN"));
    auto answer = question(db);
    (void)db.run("ROLLBACK");  // nothing was changed; this only ends the snapshot
    return answer;
  }

 private:
  struct Lease {
    Lease(SqliteReadPool& owner, std::unique_ptr<Db> connection) : pool(&owner), db(std::move(connection)) {}
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (db) pool->give_back(std::move(db));
    }
    SqliteReadPool* pool;
    mutable std::unique_ptr<Db> db;
  };

  Result<Lease> take();
  void give_back(std::unique_ptr<Db> db);

  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Db>> free_;
};

}  // namespace mend
