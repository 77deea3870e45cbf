#include "yaml/keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"

namespace mend {

std::optional<YamlProblem> key_problem(const YAML::Node& map, std::span<const std::string_view> known) {
  std::set<std::string> seen;
  for (const auto& entry : map) {
    const auto key = entry.first.as<std::string>();
    const int line = std::max(entry.first.Mark().line, 0) + 1;
    if (!seen.insert(key).second) return YamlProblem{line, fmt::format("duplicate key '{}'", key)};
    if (std::ranges::find(known, key) != known.end()) continue;
    const auto near = nearest(key, known);
    return YamlProblem{line, fmt::format("unknown key '{}'{}", key, near.empty() ? "" : fmt::format(", did you mean '{}'?", near))};
  }
  return std::nullopt;
}

}  // namespace mend
