#include <boost/json.hpp>
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "knowledge/library.h"
#include "model/json.h"

namespace mend {

Result<std::vector<Case>> parse_cases(std::string_view ndjson, std::string_view file_name) {
  std::vector<Case> out;
  std::size_t number = 0;
  for (const auto line : split_lines(ndjson)) {
    ++number;
    if (trim(line).empty()) continue;
    const auto wrong = [&](std::string_view why) { return fail(ErrorKind::invalid_input, fmt::format("{}:{}: {}", file_name, number, why)); };
    const auto json = parse_json(line);
    if (!json) return wrong(json.error().message);
    auto past = case_from_json(*json);
    if (!past) return wrong(past.error().message);
    out.push_back(std::move(*past));
  }
  return out;
}

namespace {

constexpr std::string_view kFrontMatter[] = {"id", "title", "error_types", "platforms", "strategies"};

// Every name stands there once and is one of those that are read: a misspelt one would be lost without a word.
Result<void> check_names(const YAML::Node& front) {
  if (!front.IsMap()) return fail(ErrorKind::invalid_input, "the front matter is not a list of 'name: value'");
  std::set<std::string> seen;
  for (const auto& entry : front) {
    const auto name = entry.first.as<std::string>();
    const int line = entry.first.Mark().line + 2;
    if (std::ranges::find(kFrontMatter, name) == std::end(kFrontMatter)) {
      const std::string_view near = nearest(name, kFrontMatter);
      return fail(ErrorKind::invalid_input, fmt::format("front matter line {}: no key '{}' is known{}", line, name,
                                                        near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
    }
    if (!seen.insert(name).second) return fail(ErrorKind::invalid_input, fmt::format("front matter line {}: '{}' stands there twice", line, name));
  }
  return {};
}

std::vector<std::string> texts_of(const YAML::Node& node) {
  if (node && node.IsScalar()) return {node.as<std::string>()};
  std::vector<std::string> out;
  for (const auto& item : node) out.push_back(item.as<std::string>());
  return out;
}

}  // namespace

Result<std::vector<RunbookPassage>> parse_runbook(std::string_view markdown, std::string_view file_name) {
  const auto wrong = [&](std::string_view why) { return fail(ErrorKind::invalid_input, fmt::format("{}: {}", file_name, why)); };
  if (!is_valid_utf8(markdown)) return wrong("not valid UTF-8");
  std::string with_line_feeds;
  if (markdown.find('\r') != std::string_view::npos) {
    for (const auto line : split_lines(markdown)) with_line_feeds.append(line).append("\n");
    markdown = with_line_feeds;
  }
  if (!markdown.starts_with("---\n")) return wrong("no front matter: the file must begin with '---'");
  const auto end = markdown.find("\n---\n", 4);
  if (end == std::string_view::npos) return wrong("the front matter is not closed by '---'");
  RunbookPassage common;
  try {
    const YAML::Node front = YAML::Load(std::string(markdown.substr(4, end - 4)));
    if (auto names = check_names(front); !names) return wrong(names.error().message);
    if (!front["id"] || !front["title"]) return wrong("the front matter needs id and title");
    common.runbook = front["id"].as<std::string>();
    common.title = front["title"].as<std::string>();
    if (trim(common.runbook).empty() || trim(common.title).empty()) return wrong("the front matter needs id and title");
    common.error_types = texts_of(front["error_types"]);
    for (const auto& type : common.error_types)
      if (!parse_error_type(type)) return wrong("no error type '" + type + "'");
    common.strategies = texts_of(front["strategies"]);
    common.platforms = texts_of(front["platforms"]);
  } catch (const YAML::Exception& problem) {
    return wrong(fmt::format("front matter line {}: {}", problem.mark.line + 2, problem.msg));
  }
  std::vector<RunbookPassage> out;
  RunbookPassage passage = common;
  passage.section = "Overview";
  const auto finish = [&] {
    if (!trim(passage.text).empty()) out.push_back(passage);
  };
  for (const auto line : split_lines(markdown.substr(end + 5))) {
    if (line.starts_with("## ")) {
      finish();
      passage = common;
      passage.section = std::string(trim(line.substr(3)));
    } else if (!line.starts_with("# ")) {
      passage.text += line;
      passage.text += '\n';
    }
  }
  finish();
  if (out.empty()) return wrong("the runbook has no text");
  return out;
}

}  // namespace mend
