#include "base/clock.h"

namespace mend {

WallTime SystemClock::now() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

SteadyTime SystemClock::steady() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
}

bool SystemClock::sleep(Duration length, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, length, [] { return false; });
  return !stop.stop_requested();
}

WallTime ManualClock::now() const {
  std::lock_guard lock(mutex_);
  return now_;
}

SteadyTime ManualClock::steady() const {
  std::lock_guard lock(mutex_);
  return SteadyTime{steady_};
}

bool ManualClock::sleep(Duration length, std::stop_token stop) {
  if (stop.stop_requested()) return false;
  std::lock_guard lock(mutex_);
  now_ += length;
  steady_ += length;
  slept_ += length;
  return true;
}

void ManualClock::advance(Duration length) {
  std::lock_guard lock(mutex_);
  now_ += length;
  steady_ += length;
}

void ManualClock::set(WallTime wall) {
  std::lock_guard lock(mutex_);
  now_ = wall;
}

Duration ManualClock::slept() const {
  std::lock_guard lock(mutex_);
  return slept_;
}

}  // namespace mend
