// Deadline, retry budget, cancel and log prefix travel as one argument. No call to the outside without one.
#pragma once

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

  // Retries left for the whole call tree below this context; take one before trying again.
  bool take_retry() { return retries_left_ > 0 && retries_left_-- > 0; }
  void set_retries(int count) { retries_left_ = count; }

 private:
  Clock* clock_;
  Log* log_;
  std::stop_token stop_;
  std::string prefix_;
  std::optional<SteadyTime> deadline_;
  int retries_left_ = 0;
};

}  // namespace mend
