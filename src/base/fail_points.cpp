#include "base/fail_points.h"

#include <algorithm>
#include <charconv>
#include <csignal>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

namespace mend {
namespace {
constexpr std::string_view kNames[] = {
#define FAIL_POINT(name) #name,
#include "base/fail_points.def"
#undef FAIL_POINT
};
}  // namespace

std::string_view FailPoints::name(FailPoint point) { return kNames[std::size_t(point)]; }
std::span<const std::string_view> FailPoints::names() { return kNames; }

Result<void> FailPoints::configure(FailPoints& points, std::string_view text) {
  while (!text.empty()) {
    const auto comma = text.find(',');
    const std::string_view entry = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    const auto equals = entry.find('=');
    const std::string_view name = entry.substr(0, equals);
    std::string_view action = equals == std::string_view::npos ? "kill" : entry.substr(equals + 1);
    int pass = 1;
    if (const auto at = action.find('@'); at != std::string_view::npos) {
      const auto digits = action.substr(at + 1);
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), pass);
      if (error != std::errc{} || end != digits.data() + digits.size() || pass < 1)
        return fail(ErrorKind::invalid_input, fmt::format("fail point '{}': '@' wants a pass number from 1", entry));
      action = action.substr(0, at);
    }
    const auto* found = std::find(std::begin(kNames), std::end(kNames), name);
    if (found == std::end(kNames))
      return fail(ErrorKind::invalid_input, fmt::format("no fail point '{}'; there are: {}", name, fmt::join(kNames, ", ")));
    if (action != "kill" && action != "error")
      return fail(ErrorKind::invalid_input, fmt::format("fail point '{}': the action is kill or error, not '{}'", name, action));
    auto& setting = points.settings_[std::size_t(found - std::begin(kNames))];
    setting.passes_left = pass;
    setting.action = action == "kill" ? Action::kill : Action::error;
  }
  return {};
}

Result<void> FailPoints::pass(FailPoint point) const {
  const auto& setting = settings_[std::size_t(point)];
  const Action action = setting.action.load(std::memory_order_relaxed);
  if (action == Action::none || setting.passes_left.fetch_sub(1) != 1) return {};
  if (action == Action::kill) ::kill(::getpid(), SIGKILL);
  return fail(ErrorKind::internal, fmt::format("fail point {} is set to fail here", name(point)));
}

}  // namespace mend
