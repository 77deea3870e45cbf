#include <fmt/format.h>
#include <re2/re2.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <map>

#include "base/text.h"
#include "diagnose/fact_names.h"
#include "diagnose/fact_rules.h"
#include "model/json.h"
#include "yaml/keys.h"

namespace mend {
namespace {

constexpr std::array<std::string_view, 6> kKeys = {"match", "frames", "near", "not", "examples", "counter_examples"};

RE2::Options quiet() {
  RE2::Options options;
  options.set_log_errors(false);
  return options;
}

std::vector<std::string> lower_texts(const YAML::Node& list) {
  std::vector<std::string> out;
  for (const auto& item : list) out.push_back(lower_ascii(item.as<std::string>()));
  return out;
}

// The pattern with its "{{parts}}" put in; a part that does not exist is left and named.
std::string with_parts(std::string pattern, const std::map<std::string, std::string>& parts, std::string& unknown) {
  for (auto at = pattern.find("{{"); at != std::string::npos; at = pattern.find("{{", at)) {
    const auto end = pattern.find("}}", at);
    if (end == std::string::npos) return pattern;
    const std::string name = pattern.substr(at + 2, end - at - 2);
    const auto part = parts.find(name);
    if (part == parts.end()) {
      unknown = name;
      return pattern;
    }
    const std::string text = "(?:" + part->second + ")";
    pattern.replace(at, end + 2 - at, text);
    at += text.size();
  }
  return pattern;
}

// What is wrong with a pattern, or nothing.
std::string fault_of(const std::string& text) {
  const RE2 pattern("(?im)" + text, quiet());
  if (!pattern.ok()) return pattern.error();
  if (text.empty() || RE2::PartialMatch("", pattern)) return "the pattern matches the empty text";
  if (pattern.NamedCapturingGroups().empty()) return "the pattern captures nothing: (?P<column>...)";
  if (pattern.NumberOfCapturingGroups() > 11) return "more than eleven groups: (?:...) where nothing is captured";
  for (const auto& [name, number] : pattern.NamedCapturingGroups())
    if (!is_fact_name(fact_name_of_group(name))) return fmt::format("'{}' is no fact", name);
  return {};
}

}  // namespace

Result<std::vector<FactRule>> parse_fact_rules(std::string_view yaml, std::string_view file_name) {
  if (!is_valid_utf8(yaml)) return fail(ErrorKind::invalid_input, fmt::format("{}: not valid UTF-8", file_name));
  const auto wrong = [&](const YAML::Mark& mark, std::string_view why) {
    return fail(ErrorKind::invalid_input, fmt::format("{}:{}: {}", file_name, mark.line + 1, why));
  };
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    std::vector<FactRule> out;
    if (!root.IsMap() || !root["facts"] || !root["facts"].IsSequence()) return wrong(root.Mark(), "a list 'facts' is expected");
    std::map<std::string, std::string> parts;
    for (const auto& part : root["parts"]) parts[part.first.as<std::string>()] = part.second.as<std::string>();
    for (const auto& node : root["facts"]) {
      if (!node.IsMap()) return wrong(node.Mark(), "a rule is expected");
      if (const auto problem = key_problem(node, kKeys))
        return fail(ErrorKind::invalid_input, fmt::format("{}:{}: {}", file_name, problem->line, problem->what));
      FactRule rule;
      rule.line = std::size_t(node.Mark().line + 1);
      std::string unknown;
      rule.pattern = with_parts(node["match"] ? node["match"].as<std::string>() : std::string(), parts, unknown);
      if (!unknown.empty()) return wrong(node.Mark(), fmt::format("there is no part '{}'", unknown));
      rule.frames = node["frames"] && node["frames"].as<bool>();
      rule.near = lower_texts(node["near"]);
      rule.refuse = node["not"] ? node["not"].as<std::string>() : std::string();
      if (const RE2 refuse("(?i)" + rule.refuse, quiet()); !refuse.ok()) return wrong(node.Mark(), refuse.error());
      for (const auto& item : node["examples"]) rule.examples.push_back(item.as<std::string>());
      for (const auto& item : node["counter_examples"]) rule.counter_examples.push_back(item.as<std::string>());
      if (const std::string fault = fault_of(rule.pattern); !fault.empty()) return wrong(node.Mark(), fault);
      if (rule.examples.empty()) return wrong(node.Mark(), "an example is missing");
      out.push_back(std::move(rule));
    }
    return out;
  } catch (const YAML::Exception& problem) {
    return fail(ErrorKind::invalid_input, fmt::format("{}:{}: {}", file_name, problem.mark.line + 1, problem.msg));
  }
}

std::string fact_rules_to_json(std::span<const FactRule> rules) {
  boost::json::array out;
  for (const FactRule& rule : rules)
    out.push_back({{"match", rule.pattern},
                   {"frames", rule.frames},
                   {"near", boost::json::array(rule.near.begin(), rule.near.end())},
                   {"not", rule.refuse},
                   {"line", rule.line}});
  return to_line(out);
}

Result<std::vector<FactRule>> fact_rules_from_json(std::string_view text) {
  MEND_TRY(const boost::json::value json, parse_json(text));
  std::vector<FactRule> out;
  try {
    for (const auto& item : json.as_array()) {
      FactRule rule;
      rule.pattern = std::string(item.at("match").as_string());
      rule.frames = item.at("frames").as_bool();
      for (const auto& word : item.at("near").as_array()) rule.near.emplace_back(word.as_string());
      rule.refuse = std::string(item.at("not").as_string());
      rule.line = item.at("line").to_number<std::size_t>();
      out.push_back(std::move(rule));
    }
  } catch (const std::exception& problem) {
    return fail(ErrorKind::corrupt, fmt::format("the fact rules in the model file are damaged: {}", problem.what()));
  }
  return out;
}

}  // namespace mend
