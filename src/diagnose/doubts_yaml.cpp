#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>
#include <re2/re2.h>
#include <yaml-cpp/yaml.h>

#include "base/text.h"
#include "diagnose/doubts.h"
#include "yaml/keys.h"

namespace mend {
namespace {

constexpr std::array<std::string_view, 6> kKeys = {"id", "scope", "note", "match", "examples", "counter_examples"};

Error wrong(std::string_view file, const YAML::Mark& mark, std::string_view why) {
  return {ErrorKind::invalid_input, fmt::format("{}:{}: {}", file, mark.line + 1, why)};
}

std::optional<DoubtScope> parse_scope(std::string_view name) {
  if (name == "line") return DoubtScope::line;
  if (name == "text") return DoubtScope::text;
  if (name == "success") return DoubtScope::success;
  if (name == "failure") return DoubtScope::failure;
  return std::nullopt;
}

Result<Doubt> parse_one(const YAML::Node& node, std::string_view file) {
  if (const auto problem = key_problem(node, kKeys)) return fail(ErrorKind::invalid_input, fmt::format("{}:{}: {}", file, problem->line, problem->what));
  const auto text = [&](const char* key) { return node[key] ? node[key].as<std::string>() : std::string(); };
  Doubt out;
  out.id = text("id");
  if (out.id.empty()) return std::unexpected(wrong(file, node.Mark(), "a doubt without id"));
  const auto scope = parse_scope(text("scope"));
  if (!scope) return std::unexpected(wrong(file, node.Mark(), fmt::format("{}: scope is line, text, success or failure, not '{}'", out.id, text("scope"))));
  out.scope = *scope;
  out.note = text("note");
  if (out.note.empty() && out.scope != DoubtScope::failure) return std::unexpected(wrong(file, node.Mark(), out.id + ": a note is missing"));
  out.pattern = text("match");
  RE2::Options options;
  options.set_log_errors(false);
  const RE2 pattern("(?im)" + out.pattern, options);
  if (!pattern.ok()) return std::unexpected(wrong(file, node.Mark(), fmt::format("{}: {}", out.id, pattern.error())));
  if (out.pattern.empty() || RE2::PartialMatch("", pattern)) return std::unexpected(wrong(file, node.Mark(), out.id + ": it matches everything"));
  for (const auto& item : node["examples"]) out.examples.push_back(item.as<std::string>());
  for (const auto& item : node["counter_examples"]) out.counter_examples.push_back(item.as<std::string>());
  if (out.examples.empty()) return std::unexpected(wrong(file, node.Mark(), out.id + ": an example is missing"));
  return out;
}

}  // namespace

Result<std::vector<Doubt>> parse_doubts(std::string_view yaml, std::string_view file_name) {
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    if (!root.IsMap() || root.size() != 1 || !root["doubts"] || !root["doubts"].IsSequence())
      return fail(ErrorKind::invalid_input, fmt::format("{}: a list 'doubts' is expected, and nothing else", file_name));
    std::vector<Doubt> out;
    for (const auto& node : root["doubts"]) {
      if (!node.IsMap()) return std::unexpected(wrong(file_name, node.Mark(), "a doubt is a mapping"));
      MEND_TRY(Doubt doubt, parse_one(node, file_name));
      if (std::ranges::any_of(out, [&](const Doubt& other) { return other.id == doubt.id; }))
        return std::unexpected(wrong(file_name, node.Mark(), "duplicate id '" + doubt.id + "'"));
      out.push_back(std::move(doubt));
    }
    return out;
  } catch (const YAML::Exception& problem) {
    return std::unexpected(wrong(file_name, problem.mark, problem.msg));
  }
}

}  // namespace mend
