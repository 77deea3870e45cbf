#include "connectors/local_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/file.h"
#include "connectors/local.h"
#include "connectors/local_state.h"
#include "model/json.h"

namespace mend {
namespace {

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::array kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  double value = double(bytes);
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  const double tenths = double(std::uint64_t(value * 10 + 0.5)) / 10;
  return fmt::format("{} {}", tenths, kUnits[unit]);
}

}  // namespace

const LimitKind* find_limit(std::string_view name) {
  const auto found = std::ranges::find(kLimitKinds, name, &LimitKind::name);
  return found == kLimitKinds.end() ? nullptr : &*found;
}

std::string limit_text(const LimitKind& kind, std::uint64_t value) {
  if (kind.field == &Resources::memory_bytes) return bytes_text(value);
  if (kind.field == &Resources::cpu_seconds) return fmt::format("{} s of CPU time", value);
  return fmt::format("{} open files", value);
}

std::string limits_text(const Resources& resources) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (resources.memory_bytes) add("memory " + bytes_text(*resources.memory_bytes));
  if (resources.cpu_seconds) add(fmt::format("CPU {} s", *resources.cpu_seconds));
  if (resources.open_files) add(fmt::format("{} open files", *resources.open_files));
  return text;
}

Result<Resources> parse_limits(std::string_view json) {
  auto value = parse_json(json);
  if (!value || !value->is_object()) return fail(ErrorKind::corrupt, "not a JSON object");
  Resources raised;
  for (const auto& [name, entry] : value->as_object()) {
    const LimitKind* kind = find_limit(std::string_view(name.data(), name.size()));
    boost::system::error_code error;
    const auto number = entry.to_number<std::uint64_t>(error);
    if (kind == nullptr || error || number == 0)
      return fail(ErrorKind::corrupt,
                  fmt::format("'{}' is not a limit with a positive whole number", std::string_view(name.data(), name.size())));
    raised.*(kind->field) = number;
  }
  return raised;
}

std::string print_limits(const Resources& raised) {
  boost::json::object object;
  for (const LimitKind& kind : kLimitKinds)
    if (const auto& value = raised.*(kind.field)) object[kind.name] = *value;
  return to_line(object) + "\n";
}

Resources overlay_limits(const JobSpec& job, const Resources& raised) {
  Resources result = job.resources;
  for (const LimitKind& kind : kLimitKinds) {
    const auto& now = job.resources.*(kind.field);
    const auto& most = job.max_resources.*(kind.field);
    const auto& more = raised.*(kind.field);
    if (now && most && more) result.*(kind.field) = std::max(*now, std::min(*more, *most));
  }
  return result;
}

Result<Resources> effective_resources(const std::filesystem::path& state_folder, const JobSpec& job) {
  const std::filesystem::path file = state_folder / JobState::folder_name(job.id) / "limits.json";
  auto text = read_file(file, 65536);
  if (!text) {
    if (text.error().kind == ErrorKind::not_found) return job.resources;
    return std::unexpected(text.error());
  }
  auto raised = parse_limits(*text);
  if (!raised) return std::unexpected(raised.error().in(file.string()));
  return overlay_limits(job, *raised);
}

}  // namespace mend
