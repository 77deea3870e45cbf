// Time comes from a Clock that is passed in, so that tests choose it. Only system_clock.cpp reads the real one.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>

namespace mend {

using Duration = std::chrono::microseconds;
using WallTime = std::chrono::sys_time<Duration>;               // UTC, for records
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, Duration>;  // never goes backwards, for deadlines

class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime now() const = 0;
  virtual SteadyTime steady() const = 0;
  // Waits until `length` has passed or `stop` is requested; true when the whole length passed. Any thread may call.
  virtual bool sleep(Duration length, std::stop_token stop) = 0;
};

class SystemClock final : public Clock {
 public:
  WallTime now() const override;
  SteadyTime steady() const override;
  bool sleep(Duration length, std::stop_token stop) override;
};

// A clock that stands still until told; sleep() advances it at once and keeps the sum, so that a test can say which waits
// were asked for. Thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(WallTime start = WallTime{std::chrono::seconds{1'780'000'000}}) : now_(start) {}
  WallTime now() const override;
  SteadyTime steady() const override;
  bool sleep(Duration length, std::stop_token stop) override;
  void advance(Duration length);
  void set(WallTime wall);  // may go backwards; steady() does not
  Duration slept() const;

 private:
  mutable std::mutex mutex_;
  WallTime now_;
  Duration steady_{0};
  Duration slept_{0};
};

}  // namespace mend
