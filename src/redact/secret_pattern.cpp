#include "redact/secret_pattern.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>
#include <utility>

#include "base/text.h"
#include "yaml/keys.h"

namespace mend {
namespace {

constexpr std::array<std::pair<std::string_view, SecretCheck>, 15> kChecks = {{
    {"none", SecretCheck::none},
    {"password", SecretCheck::password},
    {"password_prose", SecretCheck::password_prose},
    {"secret", SecretCheck::secret},
    {"secret_prose", SecretCheck::secret_prose},
    {"option", SecretCheck::option},
    {"opaque", SecretCheck::opaque},
    {"basic_pair", SecretCheck::basic_pair},
    {"luhn", SecretCheck::luhn},
    {"iban", SecretCheck::iban},
    {"us_ssn", SecretCheck::us_ssn},
    {"uk_nino", SecretCheck::uk_nino},
    {"fr_insee", SecretCheck::fr_insee},
    {"de_tax_id", SecretCheck::de_tax_id},
    {"phone", SecretCheck::phone},
}};
constexpr std::array<std::pair<std::string_view, SecretPrefilter>, 6> kPrefilters = {{
    {"scanner", SecretPrefilter::scanner},
    {"at_sign", SecretPrefilter::at_sign},
    {"plus_digit", SecretPrefilter::plus_digit},
    {"digit_run", SecretPrefilter::digit_run},
    {"ssn_shape", SecretPrefilter::ssn_shape},
    {"capitals", SecretPrefilter::capitals},
}};
constexpr std::array<std::string_view, 3> kTopKeys = {"harmless", "fragments", "patterns"};
constexpr std::array<std::string_view, 11> kPatternKeys = {"kind",   "match",  "anchor",     "except",   "check",           "prefilter",
                                                           "extend", "yields", "documented", "examples", "counter_examples"};
constexpr std::array<std::string_view, 2> kExampleKeys = {"text", "want"};

// Thrown inside this file only; the one public function turns it into an Error.
struct Wrong {
  int line;
  std::string why;
};

int line_of(const YAML::Node& node) { return std::max(node.Mark().line, 0) + 1; }

void check_keys(const YAML::Node& map, std::span<const std::string_view> known) {
  if (!map.IsMap()) throw Wrong{line_of(map), "a map is expected here"};
  if (const auto problem = key_problem(map, known)) throw Wrong{problem->line, problem->what};
}

std::string scalar(const YAML::Node& map, const char* key) {
  const auto node = map[key];
  if (!node) return {};
  if (!node.IsScalar()) throw Wrong{line_of(node), fmt::format("'{}' must be a text", key)};
  return node.Scalar();
}

bool flag(const YAML::Node& map, const char* key) {
  const std::string text = scalar(map, key);
  if (text.empty() || text == "false") return false;
  if (text == "true") return true;
  throw Wrong{line_of(map[key]), fmt::format("'{}' is true or false, not '{}'", key, text)};
}

template <class T, std::size_t n>
T choice(const YAML::Node& map, const char* key, const std::array<std::pair<std::string_view, T>, n>& names, T otherwise) {
  const std::string text = scalar(map, key);
  if (text.empty()) return otherwise;
  for (const auto& [name, value] : names)
    if (name == text) return value;
  throw Wrong{line_of(map[key]), fmt::format("unknown {} '{}'", key, text)};
}

// Examples are written in pieces ("ghp_{}16C7...") so that no scanner takes the file itself for a leak.
std::string joined(std::string text) {
  for (auto at = text.find("{}"); at != std::string::npos; at = text.find("{}", at)) text.erase(at, 2);
  return text;
}

std::string with_fragments(const std::string& match, const std::map<std::string, std::string>& fragments, int line) {
  std::string out;
  for (std::size_t at = 0; at < match.size();) {
    const auto open = match.find("%{", at);
    out.append(match, at, open == std::string::npos ? std::string::npos : open - at);
    if (open == std::string::npos) break;
    const auto close = match.find('}', open);
    const std::string name = match.substr(open + 2, close == std::string::npos ? close : close - open - 2);
    const auto found = fragments.find(name);
    if (close == std::string::npos || found == fragments.end()) throw Wrong{line, fmt::format("unknown fragment '%{{{}}}'", name)};
    out += found->second;
    at = close + 1;
  }
  return out;
}

void read_examples(const YAML::Node& node, SecretPattern& pattern) {
  for (const auto& item : node["examples"]) {
    check_keys(item, kExampleKeys);
    SecretExample example{joined(scalar(item, "text")), joined(scalar(item, "want")), line_of(item)};
    if (example.text.empty() || example.want.empty()) throw Wrong{example.line, "an example has 'text' and 'want'"};
    if (example.want.find("[redacted:" + pattern.kind + "]") == std::string::npos)
      throw Wrong{example.line, fmt::format("the wanted text does not hold [redacted:{}]", pattern.kind)};
    pattern.examples.push_back(std::move(example));
  }
  for (const auto& item : node["counter_examples"]) {
    if (!item.IsScalar()) throw Wrong{line_of(item), "a counter-example is a text"};
    const std::string text = joined(item.Scalar());
    pattern.counter_examples.push_back({text, text, line_of(item)});
  }
  if (pattern.examples.empty()) throw Wrong{pattern.line, "an example is missing"};
}

bool is_kind(std::string_view kind) {
  return !kind.empty() && std::ranges::all_of(kind, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

SecretPattern read_pattern(const YAML::Node& node, const std::map<std::string, std::string>& fragments) {
  SecretPattern pattern;
  pattern.line = line_of(node);
  if (!node.IsMap()) throw Wrong{pattern.line, "a pattern is a map"};
  pattern.kind = scalar(node, "kind");
  if (!is_kind(pattern.kind)) throw Wrong{pattern.line, fmt::format("kind '{}' must be of a-z, 0-9 and _", pattern.kind)};
  try {
    check_keys(node, kPatternKeys);
    pattern.match = with_fragments(scalar(node, "match"), fragments, pattern.line);
    if (pattern.match.empty()) throw Wrong{pattern.line, "'match' is missing"};
    pattern.anchor = with_fragments(scalar(node, "anchor"), fragments, pattern.line);
    pattern.except = scalar(node, "except");
    pattern.check = choice(node, "check", kChecks, SecretCheck::none);
    pattern.prefilter = choice(node, "prefilter", kPrefilters, SecretPrefilter::scanner);
    pattern.extend = flag(node, "extend");
    pattern.yields = flag(node, "yields");
    pattern.documented = scalar(node, "documented");
    read_examples(node, pattern);
  } catch (Wrong& wrong) {
    wrong.why = pattern.kind + ": " + wrong.why;
    throw;
  }
  return pattern;
}

SecretPatternFile read_file_node(const YAML::Node& root) {
  check_keys(root, kTopKeys);
  SecretPatternFile file;
  for (const auto& word : root["harmless"]) file.harmless.push_back(lower_ascii(word.as<std::string>()));
  std::map<std::string, std::string> fragments;
  for (const auto& entry : root["fragments"]) {
    const auto name = entry.first.as<std::string>();
    const std::string text = with_fragments(entry.second.as<std::string>(), fragments, line_of(entry.first));
    if (!fragments.emplace(name, text).second) throw Wrong{line_of(entry.first), fmt::format("duplicate fragment '{}'", name)};
  }
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto& node : root["patterns"]) {
    SecretPattern pattern = read_pattern(node, fragments);
    if (!seen.emplace(pattern.kind, pattern.match).second) throw Wrong{pattern.line, pattern.kind + ": this pattern is given twice"};
    file.patterns.push_back(std::move(pattern));
  }
  if (file.patterns.empty()) throw Wrong{1, "no patterns"};
  return file;
}

}  // namespace

Result<SecretPatternFile> parse_secret_patterns(std::string_view yaml, std::string_view file_name) {
  if (!is_valid_utf8(yaml)) return fail(ErrorKind::invalid_input, fmt::format("{}: not valid UTF-8", file_name));
  try {
    return read_file_node(YAML::Load(std::string(yaml)));
  } catch (const Wrong& wrong) {
    return fail(ErrorKind::invalid_input, fmt::format("{}:{}: {}", file_name, wrong.line, wrong.why));
  } catch (const YAML::Exception& problem) {
    return fail(ErrorKind::invalid_input, fmt::format("{}:{}: {}", file_name, problem.mark.line + 1, problem.msg));
  }
}

}  // namespace mend
