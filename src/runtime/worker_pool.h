// A fixed number of threads that work off a bounded queue: where blocking calls go.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>

#include "base/bounded_queue.h"
#include "base/result.h"
#include "runtime/task_scope.h"

namespace mend {

// Any thread may submit. Work must not throw, and returns soon after its stop token says so.
class WorkerPool {
 public:
  using Work = std::move_only_function<void(std::stop_token)>;

  // exhausted when the system gives no more threads; invalid_input for 0 workers or 0 places.
  static Result<std::unique_ptr<WorkerPool>> start(std::size_t workers, std::size_t queue_places);
  // stop().
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Waits for a place in the queue. cancelled when `stop` is requested before there is one, or when the pool has ended: the work
  // is dropped then. Not from inside of work: a full queue would wait for itself.
  Result<void> submit(Work work, std::stop_token stop = {});

  // Takes no more work, does what is queued, waits for it. Owning thread only.
  void finish();
  // Takes no more work, asks what is running to stop, drops what is queued, waits. Owning thread only.
  void stop();

 private:
  explicit WorkerPool(std::size_t workers, std::size_t queue_places) : queue_(queue_places), workers_(workers) {}
  void work_on(std::stop_token stop);

  BoundedQueue<Work> queue_;
  TaskScope workers_;
};

}  // namespace mend
