// Fail points: named places where a test can kill the process, make a call fail or count the passes. The list is
// fail_points.def; a name that is not in it does not compile.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"

namespace mend {

enum class FailPoint : std::uint8_t {
#define FAIL_POINT(name) name,
#include "base/fail_points.def"
#undef FAIL_POINT
  count_
};

class FailPoints {
 public:
  FailPoints() = default;  // all off
  // "name=kill", "name=error" or "name=kill@3" (at the third pass), comma-separated. An unknown name is invalid_input, with the list.
  static Result<void> configure(FailPoints& points, std::string_view text);

  // Passing the place: nothing, an error of kind internal, or SIGKILL to this process. Any thread may call.
  Result<void> pass(FailPoint point) const;

  static std::string_view name(FailPoint point);
  static std::span<const std::string_view> names();

 private:
  enum class Action : std::uint8_t { none, error, kill };
  struct Setting {
    std::atomic<Action> action{Action::none};
    mutable std::atomic<int> passes_left{1};
  };
  std::array<Setting, std::size_t(FailPoint::count_)> settings_;
};

}  // namespace mend
