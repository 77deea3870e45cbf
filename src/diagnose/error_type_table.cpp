#include "diagnose/error_type_table.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace mend {

Result<ErrorTypeTable> parse_error_type_table(std::string_view yaml, std::string_view file_name) {
  ErrorTypeTable table;
  std::array<bool, kErrorTypeCount> seen{};
  const auto wrong = [&](const YAML::Mark& mark, const std::string& why) {
    return fail(ErrorKind::invalid_input, fmt::format("{}:{}: {}", file_name, mark.line + 1, why));
  };
  try {
    for (const auto& node : YAML::Load(std::string(yaml))["error_types"]) {
      for (const auto& entry : node) {
        const auto key = entry.first.as<std::string>();
        if (key != "name" && key != "prior_success" && key != "strategy" && key != "causes")
          return wrong(entry.first.Mark(), "unknown key '" + key + "'");
      }
      const auto type = parse_error_type(node["name"].as<std::string>());
      if (!type) return wrong(node.Mark(), "no error type '" + node["name"].as<std::string>() + "'");
      if (seen[std::size_t(*type)]) return wrong(node.Mark(), "type '" + std::string(to_string(*type)) + "' stands here twice");
      seen[std::size_t(*type)] = true;
      ErrorTypeEntry& entry = table[std::size_t(*type)];
      entry.prior_success = node["prior_success"].as<double>();
      entry.strategy = node["strategy"].as<std::string>();
      entry.causes = node["causes"].as<std::vector<std::string>>();
    }
  } catch (const YAML::Exception& problem) {
    return wrong(problem.mark, problem.msg);
  }
  for (const ErrorType type : kErrorTypes)
    if (!seen[std::size_t(type)]) return fail(ErrorKind::invalid_input, fmt::format("{}: type '{}' is missing", file_name, to_string(type)));
  return table;
}

}  // namespace mend
