#include "remediate/registry.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace mend {

Result<StrategyRegistry> StrategyRegistry::parse(std::string_view yaml, std::string_view file_name) {
  constexpr std::array<std::string_view, 7> kKeys = {"name", "title", "prior_success", "risk", "capabilities", "parameters", "error_types"};
  StrategyRegistry out;
  const auto wrong = [&](const YAML::Mark& mark, const std::string& why) {
    return fail(ErrorKind::invalid_input, fmt::format("{}:{}: {}", file_name, mark.line + 1, why));
  };
  try {
    for (const auto& node : YAML::Load(std::string(yaml))["strategies"]) {
      for (const auto& entry : node)
        if (const auto key = entry.first.as<std::string>(); std::ranges::find(kKeys, key) == kKeys.end())
          return wrong(entry.first.Mark(), "unknown key '" + key + "'");
      for (const char* const key : {"name", "title", "prior_success", "risk", "capabilities"})
        if (!node[key]) return wrong(node.Mark(), fmt::format("key '{}' is missing", key));
      Strategy s;
      s.name = node["name"].as<std::string>();
      if (out.find(s.name)) return wrong(node.Mark(), "strategy '" + s.name + "' stands here twice");
      s.title = node["title"].as<std::string>();
      s.prior_success = node["prior_success"].as<double>();
      if (!(s.prior_success >= 0 && s.prior_success <= 1)) return wrong(node["prior_success"].Mark(), "prior_success lies between 0 and 1");
      const auto risk = parse_risk(node["risk"].as<std::string>());
      if (!risk) return wrong(node["risk"].Mark(), "risk is low, medium or high");
      s.risk = *risk;
      for (const auto& item : node["capabilities"]) {
        const auto capability = parse_capability(item.as<std::string>());
        if (!capability) return wrong(item.Mark(), "no capability '" + item.as<std::string>() + "'");
        s.capabilities.push_back(*capability);
      }
      for (const auto& item : node["parameters"]) s.parameters[item.first.as<std::string>()] = item.second.as<std::string>();
      for (const auto& item : node["error_types"]) {
        if (!parse_error_type(item.as<std::string>())) return wrong(item.Mark(), "no error type '" + item.as<std::string>() + "'");
        s.error_types.push_back(item.as<std::string>());
      }
      out.strategies_.push_back(std::move(s));
    }
  } catch (const YAML::Exception& problem) {
    return wrong(problem.mark, problem.msg);
  }
  if (!out.find("escalate_to_human")) return fail(ErrorKind::invalid_input, fmt::format("{}: escalate_to_human is missing", file_name));
  return out;
}

const Strategy* StrategyRegistry::find(std::string_view name) const {
  for (const Strategy& strategy : strategies_)
    if (strategy.name == name) return &strategy;
  return nullptr;
}

double expected_success(const Strategy& strategy, ErrorType type, const std::vector<StrategyStatistics>& learned) {
  constexpr double kPriorTrials = 10;
  double tried = 0, helped = 0;
  for (const auto& row : learned)
    if (row.strategy == strategy.name && row.error_type == type) {
      tried += double(row.tried);
      helped += double(row.helped);
    }
  return (strategy.prior_success * kPriorTrials + helped) / (kPriorTrials + tried);
}

std::vector<const Strategy*> StrategyRegistry::candidates(ErrorType type, std::string_view recommended,
                                                          const std::vector<StrategyStatistics>& learned) const {
  std::vector<const Strategy*> out;
  for (const Strategy& strategy : strategies_)
    if (std::ranges::find(strategy.error_types, to_string(type)) != strategy.error_types.end()) out.push_back(&strategy);
  std::ranges::stable_sort(out, [&](const Strategy* a, const Strategy* b) {
    const bool a_first = a->name == recommended, b_first = b->name == recommended;
    if (a_first != b_first) return a_first;
    return expected_success(*a, type, learned) > expected_success(*b, type, learned);
  });
  return out;
}

}  // namespace mend
