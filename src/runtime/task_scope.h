// Threads with an owner: none outlives its scope.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <list>
#include <stop_token>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "base/result.h"

namespace mend {

// Owns up to `most` running threads. The destructor asks all of them to stop and waits until they did: what they use must be
// declared before the scope. A task must return soon after its stop token says so, and must not throw (that ends the process).
// All functions belong to the owning thread; tasks do not touch the scope.
class TaskScope {
 public:
  explicit TaskScope(std::size_t most) : most_(most) {}
  ~TaskScope() { stop(); }
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;

  // exhausted when `most` tasks are running or the system gives no more threads.
  Result<void> start(std::move_only_function<void(std::stop_token)> task) {
    tasks_.remove_if([](const Task& done) { return done.ended.load(); });  // joins them: they are past their last line
    if (tasks_.size() >= most_) return fail(ErrorKind::exhausted, std::to_string(most_) + " tasks are running, which is the limit");
    tasks_.emplace_back();
    Task& added = tasks_.back();
    try {
      added.thread = std::jthread([work = std::move(task), ended = &added.ended](std::stop_token stop) mutable noexcept {
        work(std::move(stop));
        ended->store(true);
      });
    } catch (const std::system_error& error) {
      tasks_.pop_back();
      return fail(ErrorKind::exhausted, std::string("starting a thread: ") + error.what());
    }
    return {};
  }

  // Asks all tasks to stop, without waiting.
  void request_stop() {
    for (auto& task : tasks_) task.thread.request_stop();
  }

  // Waits for each without asking it to stop.
  void join() {
    for (auto& task : tasks_)
      if (task.thread.joinable()) task.thread.join();
    tasks_.clear();
  }

  // Asks all tasks to stop and waits for each.
  void stop() {
    request_stop();
    join();
  }

  std::size_t running() const {
    std::size_t count = 0;
    for (const auto& task : tasks_) count += task.ended.load() ? 0 : 1;
    return count;
  }

 private:
  struct Task {
    std::atomic<bool> ended{false};
    std::jthread thread;  // after `ended`: it is joined before that goes
  };
  const std::size_t most_;
  std::list<Task> tasks_;
};

}  // namespace mend
