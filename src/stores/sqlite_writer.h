// The one thread that writes. Pieces of work that wait together share one commit, and with it one fsync; each is atomic by itself.
#pragma once

#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "base/bounded_queue.h"
#include "base/fail_points.h"
#include "ports/store.h"
#include "stores/audit_anchor.h"
#include "stores/sqlite_db.h"

namespace mend {

struct WriterLimits {
  std::size_t waiting = 4096;  // pieces of work in the queue; more callers wait for room
  std::size_t together = 512;  // pieces in one commit
};

// Any thread may call write(). The destructor finishes what was accepted.
class SqliteWriter {
 public:
  // `anchor` and `fail_points` must outlive it; `fail_points` may be null.
  SqliteWriter(std::unique_ptr<Db> db, const AuditAnchor& anchor, const FailPoints* fail_points, WriterLimits limits);
  SqliteWriter(const SqliteWriter&) = delete;
  SqliteWriter& operator=(const SqliteWriter&) = delete;
  ~SqliteWriter();

  // Returns when the work is durable or undone.
  Result<void> write(Store::Work work);

 private:
  struct Request {
    Store::Work work;
    std::promise<Result<void>> done;
  };
  using Requests = std::vector<std::unique_ptr<Request>>;

  void run();
  std::vector<Result<void>> commit_together(Requests& requests);
  Result<void> pass(FailPoint point) const;
  Result<void> move_anchor();

  std::unique_ptr<Db> db_;
  const AuditAnchor& anchor_;
  const FailPoints* fail_points_;
  const WriterLimits limits_;
  std::optional<ChainPoint> to_anchor_;  // committed but not yet in the anchor
  BoundedQueue<std::unique_ptr<Request>> queue_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace mend
