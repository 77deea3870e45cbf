#include "diagnose/resolutions.h"

#include <fmt/format.h>
#include <re2/re2.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "yaml/keys.h"

namespace mend {
namespace {

constexpr std::size_t kMostText = 4096, kMostValue = 80;  // bytes

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

std::string text_of(const YAML::Node& map, const char* key) {
  const auto node = map[key];
  if (!node || !node.IsScalar() || node.Scalar().empty()) throw Wrong{line_of(map), fmt::format("'{}' is missing or not a text", key)};
  return node.Scalar();
}

std::unique_ptr<RE2> compiled(const std::string& pattern, int line) {
  RE2::Options options;
  options.set_log_errors(false);
  auto out = std::make_unique<RE2>("(?i)" + pattern, options);
  if (!out->ok()) throw Wrong{line, out->error()};
  if (RE2::PartialMatch("", *out)) throw Wrong{line, "the pattern matches the empty text"};
  return out;
}

ResolutionExample read_example(const YAML::Node& node) {
  ResolutionExample out;
  if (node.IsScalar()) {
    out.text = node.Scalar();
    return out;
  }
  constexpr std::array<std::string_view, 2> kKeys = {"text", "parameters"};
  check_keys(node, kKeys);
  out.text = text_of(node, "text");
  for (const auto& entry : node["parameters"]) out.parameters[entry.first.as<std::string>()] = entry.second.as<std::string>();
  return out;
}

ResolutionRule read_rule(const YAML::Node& node, std::span<const Strategy> strategies) {
  constexpr std::array<std::string_view, 5> kKeys = {"id", "strategy", "match", "examples", "counter_examples"};
  check_keys(node, kKeys);
  ResolutionRule rule;
  rule.id = text_of(node, "id");
  rule.strategy = text_of(node, "strategy");
  if (std::ranges::find(strategies, rule.strategy, &Strategy::name) == strategies.end())
    throw Wrong{line_of(node["strategy"]), fmt::format("{}: no strategy '{}'", rule.id, rule.strategy)};
  rule.pattern = text_of(node, "match");
  for (const auto& example : node["examples"]) rule.examples.push_back(read_example(example));
  for (const auto& counter : node["counter_examples"]) rule.counter_examples.push_back(counter.as<std::string>());
  if (rule.examples.empty()) throw Wrong{line_of(node), rule.id + ": an example is missing"};
  return rule;
}

// A sentence ends at a full stop or semicolon that a blank follows ("4.5" and "conf.yaml" go on), and at a line's end.
std::vector<std::string_view> sentences(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool ends = text[i] == '\n' || ((text[i] == '.' || text[i] == ';') && i + 1 < text.size() && text[i + 1] == ' ');
    if (!ends) continue;
    out.push_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
  out.push_back(text.substr(begin));
  return out;
}

// A captured value as a parameter: short, on one line, without what could be taken for our own markup.
std::string value_of(std::string_view captured) {
  std::string out;
  for (const char c : cut_utf8(trim(captured), kMostValue)) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7f ? ' ' : c == '[' ? '(' : c == ']' ? ')' : c;
  }
  return out;
}

}  // namespace

struct ResolutionRules::Engine {
  std::vector<std::unique_ptr<RE2>> patterns;  // in the order of the rules
  std::unique_ptr<RE2> negation;

  bool find(std::size_t rule, std::string_view sentence, std::map<std::string, std::string>& parameters) const {
    const RE2& pattern = *patterns[rule];
    std::vector<re2::StringPiece> groups(std::size_t(pattern.NumberOfCapturingGroups()) + 1);
    const re2::StringPiece whole(sentence.data(), sentence.size());
    if (!pattern.Match(whole, 0, whole.size(), RE2::UNANCHORED, groups.data(), int(groups.size()))) return false;
    // "not", "instead of" and the like before the end of what fits mean that it was not done.
    const re2::StringPiece before(sentence.data(), std::size_t(groups[0].data() - sentence.data()) + groups[0].size());
    if (negation && RE2::PartialMatch(before, *negation)) return false;
    for (const auto& [name, group] : pattern.NamedCapturingGroups()) {
      const auto& captured = groups[std::size_t(group)];
      if (const auto value = value_of({captured.data(), captured.size()}); !value.empty()) parameters.emplace(name, value);
    }
    return true;
  }
};

ResolutionRules::ResolutionRules(std::vector<ResolutionRule> rules, std::unique_ptr<Engine> engine)
    : rules_(std::move(rules)), engine_(std::move(engine)) {}
ResolutionRules::ResolutionRules(ResolutionRules&&) noexcept = default;
ResolutionRules& ResolutionRules::operator=(ResolutionRules&&) noexcept = default;
ResolutionRules::~ResolutionRules() = default;

Result<ResolutionRules> ResolutionRules::parse(std::string_view yaml, std::string_view file_name, std::span<const Strategy> strategies) {
  if (!is_valid_utf8(yaml)) return fail(ErrorKind::invalid_input, fmt::format("{}: not valid UTF-8", file_name));
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    constexpr std::array<std::string_view, 2> kKeys = {"negation", "rules"};
    check_keys(root, kKeys);
    auto engine = std::make_unique<Engine>();
    if (root["negation"]) engine->negation = compiled(text_of(root, "negation"), line_of(root["negation"]));
    std::vector<ResolutionRule> rules;
    std::set<std::string> ids;
    for (const auto& node : root["rules"]) {
      ResolutionRule rule = read_rule(node, strategies);
      if (!ids.insert(rule.id).second) throw Wrong{line_of(node), fmt::format("duplicate id '{}'", rule.id)};
      auto pattern = compiled(rule.pattern, line_of(node["match"]));
      const auto strategy = std::ranges::find(strategies, rule.strategy, &Strategy::name);
      for (const auto& [name, group] : pattern->NamedCapturingGroups())
        if (strategy->parameters.contains(name))
          throw Wrong{line_of(node["match"]),
                      fmt::format("{}: '{}' is a parameter of {}, which no text may set", rule.id, name, rule.strategy)};
      engine->patterns.push_back(std::move(pattern));
      rules.push_back(std::move(rule));
    }
    if (rules.empty()) throw Wrong{1, "no rules"};
    return ResolutionRules(std::move(rules), std::move(engine));
  } catch (const Wrong& wrong) {
    return fail(ErrorKind::invalid_input, fmt::format("{}:{}: {}", file_name, wrong.line, wrong.why));
  } catch (const YAML::Exception& problem) {
    return fail(ErrorKind::invalid_input, fmt::format("{}:{}: {}", file_name, problem.mark.line + 1, problem.msg));
  }
}

std::optional<MappedResolution> ResolutionRules::map(std::string_view text) const {
  const auto parts = sentences(cut_utf8(text, kMostText));
  std::optional<MappedResolution> out;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    if (out && rules_[i].strategy != out->strategy) continue;
    for (const std::string_view sentence : parts) {
      std::map<std::string, std::string> parameters;
      if (!engine_->find(i, sentence, parameters)) continue;
      if (!out) out = MappedResolution{rules_[i].id, rules_[i].strategy, {}};
      out->parameters.merge(parameters);
      break;
    }
  }
  return out;
}

}  // namespace mend
