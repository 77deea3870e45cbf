#include "base/call_context.h"

#include <algorithm>

namespace mend {

CallContext CallContext::within(Duration length, std::string_view what) const {
  CallContext inner = *this;
  const SteadyTime until = clock_->steady() + length;
  inner.deadline_ = deadline_ ? std::min(*deadline_, until) : until;
  if (!what.empty()) inner.prefix_ += prefix_.empty() ? std::string(what) : "/" + std::string(what);
  return inner;
}

CallContext CallContext::with_retries(int count) const {
  CallContext inner = *this;
  inner.retries_left_ = std::make_shared<std::atomic<int>>(count);
  return inner;
}

bool CallContext::take_retry() const { return !retries_left_ || retries_left_->fetch_sub(1) > 0; }

Duration CallContext::left(Duration most) const {
  most = std::max(most, Duration{0});
  if (!deadline_) return most;
  return std::clamp(*deadline_ - clock_->steady(), Duration{0}, most);
}

Result<void> CallContext::check() const {
  if (stop_.stop_requested()) return fail(ErrorKind::cancelled, prefix_ + ": stopped");
  if (deadline_ && clock_->steady() >= *deadline_) return fail(ErrorKind::timed_out, prefix_ + ": the time limit passed");
  return {};
}

Result<void> CallContext::sleep(Duration length) const {
  MEND_CHECK(check());
  const Duration possible = left(length);
  if (!clock_->sleep(possible, stop_)) return fail(ErrorKind::cancelled, prefix_ + ": stopped");
  if (possible < length) return fail(ErrorKind::timed_out, prefix_ + ": the time limit passed");
  return {};
}

}  // namespace mend
