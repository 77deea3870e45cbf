#include "runtime/worker_pool.h"

#include <utility>

namespace mend {

Result<std::unique_ptr<WorkerPool>> WorkerPool::start(std::size_t workers, std::size_t queue_places) {
  if (workers == 0 || queue_places == 0) return fail(ErrorKind::invalid_input, "a worker pool needs at least one worker and one place");
  std::unique_ptr<WorkerPool> pool(new WorkerPool(workers, queue_places));
  for (std::size_t i = 0; i < workers; ++i)
    MEND_CHECK(pool->workers_.start([self = pool.get()](std::stop_token stop) { self->work_on(std::move(stop)); }));
  return pool;
}

WorkerPool::~WorkerPool() { stop(); }

void WorkerPool::work_on(std::stop_token stop) {
  while (!stop.stop_requested()) {
    auto work = queue_.pop(stop);
    if (!work) return;
    if (!stop.stop_requested()) (*work)(stop);
  }
}

Result<void> WorkerPool::submit(Work work, std::stop_token stop) {
  if (!queue_.push(std::move(work), std::move(stop))) return fail(ErrorKind::cancelled, "the work was not taken: stopped");
  return {};
}

void WorkerPool::finish() {
  queue_.close();
  workers_.join();
}

void WorkerPool::stop() {
  workers_.request_stop();
  queue_.close();
  workers_.stop();
}

}  // namespace mend
