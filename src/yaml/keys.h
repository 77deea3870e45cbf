// The keys of a YAML mapping, checked: yaml-cpp takes duplicate ones silently, and a misspelt one would be overlooked.
#pragma once

#include <yaml-cpp/yaml.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mend {

struct YamlProblem {
  int line = 1;
  std::string what;
};

// The first key that stands twice or is not one of `known`, which names the nearest known one. `map` must be a mapping of plain keys;
// others throw YAML::Exception. Pure.
std::optional<YamlProblem> key_problem(const YAML::Node& map, std::span<const std::string_view> known);

}  // namespace mend
