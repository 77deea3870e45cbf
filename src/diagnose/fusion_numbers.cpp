#include <cmath>
#include <map>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "diagnose/fuse.h"

namespace mend {

Result<FusionNumbers> parse_fusion_numbers(std::string_view yaml, std::string_view file_name) {
  FusionNumbers numbers;
  const std::map<std::string, double*> fields = {
      {"linear_weight", &numbers.linear_weight}, {"decisive", &numbers.decisive}, {"strong", &numbers.strong}, {"hint", &numbers.hint},
      {"further_hits", &numbers.further_hits}, {"root_bonus", &numbers.root_bonus}, {"no_linear", &numbers.no_linear},
      {"offset", &numbers.offset}, {"slope", &numbers.slope}, {"margin", &numbers.margin}, {"agreement", &numbers.agreement}, {"no_hit", &numbers.no_hit},
      {"least", &numbers.least}, {"most", &numbers.most}};
  try {
    for (const auto& entry : YAML::Load(std::string(yaml))) {
      const auto key = entry.first.as<std::string>();
      if (key == "by_type") {
        for (const auto& type : entry.second) {
          const auto parsed = parse_error_type(type.first.as<std::string>());
          if (!parsed)
            return fail(ErrorKind::invalid_input, fmt::format("{}:{}: no error type '{}'", file_name, type.first.Mark().line + 1,
                                                              type.first.as<std::string>()));
          numbers.by_type[std::size_t(*parsed)] = type.second.as<double>();
        }
        continue;
      }
      const auto field = fields.find(key);
      if (field == fields.end())
        return fail(ErrorKind::invalid_input, fmt::format("{}:{}: unknown key '{}'", file_name, entry.first.Mark().line + 1, key));
      *field->second = entry.second.as<double>();
    }
  } catch (const YAML::Exception& problem) {
    return fail(ErrorKind::invalid_input, fmt::format("{}:{}: {}", file_name, problem.mark.line + 1, problem.msg));
  }
  for (const auto& [key, value] : fields)
    if (!std::isfinite(*value)) return fail(ErrorKind::invalid_input, fmt::format("{}: '{}' must be a finite number", file_name, key));
  for (const double value : numbers.by_type)
    if (!std::isfinite(value)) return fail(ErrorKind::invalid_input, fmt::format("{}: 'by_type' must hold finite numbers", file_name));
  if (!(numbers.most < 1.0))
    return fail(ErrorKind::invalid_input, fmt::format("{}: 'most' must lie below 1: no diagnosis is certain", file_name));
  if (!(numbers.least >= 0.0 && numbers.least <= numbers.most))
    return fail(ErrorKind::invalid_input, fmt::format("{}: 'least' must lie between 0 and 'most'", file_name));
  return numbers;
}

}  // namespace mend
