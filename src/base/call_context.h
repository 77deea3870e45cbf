// Deadline, retry budget, cancel and log prefix travel as one argument. No call to the outside without one.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"

namespace mend {

// Belongs to one thread at a time; cheap to derive from.
class CallContext {
 public:
  CallContext(Clock& clock, Log& log, std::stop_token stop, std::string prefix = {})
      : clock_(&clock), log_(&log), stop_(std::move(stop)), prefix_(std::move(prefix)) {}

  // The same call with an earlier deadline: never later than the one it already has.
  CallContext within(Duration length, std::string_view what = {}) const;

  Clock& clock() const { return *clock_; }
  Log& log() const { return *log_; }
  const std::stop_token& stop() const { return stop_; }
  const std::string& prefix() const { return prefix_; }
  std::optional<SteadyTime> deadline() const { return deadline_; }
  // What is left until the deadline, `most` when there is none or it is further away; never negative.
  Duration left(Duration most) const;

  // timed_out or cancelled when the call should end now.
  Result<void> check() const;
  // Waits, cut short by the deadline and the stop: then an error.
  Result<void> sleep(Duration length) const;

  // The same call with a budget of retries, shared by everything that is derived from it.
  CallContext with_retries(int count) const;
  // Before trying something again: false when the budget is used up. Without a budget the caller's own limit alone counts.
  bool take_retry() const;

 private:
  Clock* clock_;
  Log* log_;
  std::stop_token stop_;
  std::string prefix_;
  std::optional<SteadyTime> deadline_;
  std::shared_ptr<std::atomic<int>> retries_left_;
};

}  // namespace mend
