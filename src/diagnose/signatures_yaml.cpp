#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>
#include <re2/re2.h>
#include <yaml-cpp/yaml.h>

#include "base/text.h"
#include "diagnose/signatures.h"
#include "yaml/keys.h"

namespace mend {
namespace {

constexpr std::array<std::string_view, 10> kKeys = {"id",        "match",     "type",       "cause",           "strength",
                                                   "overrides", "transient", "documented", "examples",        "counter_examples"};

Error wrong(std::string_view file, const YAML::Mark& mark, std::string_view why) {
  return {ErrorKind::invalid_input, fmt::format("{}:{}: {}", file, mark.line + 1, why)};
}

Result<Signature> parse_one(const YAML::Node& node, std::string_view file, const std::string& platform) {
  Signature s;
  s.platform = platform;
  if (const auto problem = key_problem(node, kKeys)) return fail(ErrorKind::invalid_input, fmt::format("{}:{}: {}", file, problem->line, problem->what));
  const auto text = [&](const char* key) { return node[key] ? node[key].as<std::string>() : std::string(); };
  s.id = text("id");
  if (s.id.empty()) return std::unexpected(wrong(file, node.Mark(), "a signature without id"));
  s.pattern = text("match");
  const auto type = parse_error_type(text("type"));
  if (!type) return std::unexpected(wrong(file, node.Mark(), fmt::format("{}: unknown type '{}'", s.id, text("type"))));
  s.type = *type;
  s.cause = text("cause");
  const std::string strength = text("strength");
  if (strength == "decisive") s.strength = Strength::decisive;
  else if (strength == "strong") s.strength = Strength::strong;
  else if (strength == "hint") s.strength = Strength::hint;
  else return std::unexpected(wrong(file, node.Mark(), fmt::format("{}: strength is decisive, strong or hint, not '{}'", s.id, strength)));
  s.transient = node["transient"] && node["transient"].as<bool>();
  s.documented = text("documented");
  for (const auto& item : node["overrides"]) {
    const auto other = parse_error_type(item.as<std::string>());
    if (!other) return std::unexpected(wrong(file, item.Mark(), fmt::format("{}: unknown type '{}'", s.id, item.as<std::string>())));
    s.overrides.push_back(*other);
  }
  for (const auto& item : node["examples"]) s.examples.push_back(item.as<std::string>());
  for (const auto& item : node["counter_examples"]) s.counter_examples.push_back(item.as<std::string>());
  if (s.examples.empty()) return std::unexpected(wrong(file, node.Mark(), s.id + ": an example is missing"));
  RE2::Options options;
  options.set_log_errors(false);
  const RE2 pattern("(?im)" + s.pattern, options);
  if (!pattern.ok()) return std::unexpected(wrong(file, node.Mark(), fmt::format("{}: {}", s.id, pattern.error())));
  if (s.pattern.empty() || RE2::PartialMatch("", pattern))
    return std::unexpected(wrong(file, node.Mark(), s.id + ": the pattern matches the empty text"));
  return s;
}

}  // namespace

Result<std::vector<Signature>> parse_signatures(std::string_view yaml, std::string_view file_name) {
  if (!is_valid_utf8(yaml)) return fail(ErrorKind::invalid_input, fmt::format("{}: not valid UTF-8", file_name));
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    const auto platform = root["platform"].as<std::string>();
    const std::string documented = root["documented"] && root["documented"].IsScalar() ? root["documented"].as<std::string>() : std::string();
    std::vector<Signature> out;
    std::set<std::string> ids;
    for (const auto& node : root["signatures"]) {
      MEND_TRY(Signature signature, parse_one(node, file_name, platform));
      if (!ids.insert(signature.id).second)
        return std::unexpected(wrong(file_name, node.Mark(), "duplicate id '" + signature.id + "'"));
      if (signature.documented.empty()) signature.documented = documented;
      out.push_back(std::move(signature));
    }
    return out;
  } catch (const YAML::Exception& problem) {
    return fail(ErrorKind::invalid_input, fmt::format("{}:{}: {}", file_name, problem.mark.line + 1, problem.msg));
  }
}

}  // namespace mend
