#include <boost/json.hpp>
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

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

Result<std::vector<RunbookPassage>> parse_runbook(std::string_view markdown, std::string_view file_name) {
  const auto wrong = [&](std::string_view why) { return fail(ErrorKind::invalid_input, fmt::format("{}: {}", file_name, why)); };
  if (!is_valid_utf8(markdown)) return wrong("not valid UTF-8");
  if (!markdown.starts_with("---\n")) return wrong("no front matter: the file must begin with '---'");
  const auto end = markdown.find("\n---\n", 4);
  if (end == std::string_view::npos) return wrong("the front matter is not closed by '---'");
  RunbookPassage common;
  try {
    const YAML::Node front = YAML::Load(std::string(markdown.substr(4, end - 4)));
    if (!front["id"] || !front["title"]) return wrong("the front matter needs id and title");
    common.runbook = front["id"].as<std::string>();
    common.title = front["title"].as<std::string>();
    for (const auto& type : front["error_types"]) {
      if (!parse_error_type(type.as<std::string>())) return wrong("no error type '" + type.as<std::string>() + "'");
      common.error_types.push_back(type.as<std::string>());
    }
    for (const auto& strategy : front["strategies"]) common.strategies.push_back(strategy.as<std::string>());
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
