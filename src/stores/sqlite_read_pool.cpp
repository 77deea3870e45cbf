#include "stores/sqlite_read_pool.h"

#include <chrono>

namespace mend {

Result<SqliteReadPool::Lease> SqliteReadPool::take() {
  std::unique_lock lock(mutex_);
  if (!returned_.wait_for(lock, std::chrono::seconds{30}, [&] { return !free_.empty(); }))
    return fail(ErrorKind::unavailable, "no reading connection became free within 30 s; try again");
  auto db = std::move(free_.back());
  free_.pop_back();
  return Lease(*this, std::move(db));
}

void SqliteReadPool::give_back(std::unique_ptr<Db> db) {
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(db));
  }
  returned_.notify_one();
}

}  // namespace mend
