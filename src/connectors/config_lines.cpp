// Formats of one setting a line: INI and .env.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "connectors/config_edit.h"

namespace mend {
namespace {

struct Line {
  std::string_view text;  // without the line end
  std::size_t begin, end;
  std::size_t number;  // from 1
};

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  std::size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back({line, at, at + line.size(), lines.size() + 1});
    at = end + 1;
  }
  return lines;
}

std::unexpected<Error> bad_line(const Line& line, std::string_view what) {
  return fail(ErrorKind::invalid_input, fmt::format("line {}: {}", line.number, what));
}

bool env_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto rest = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-'; };
  return !name.empty() && letter(name.front()) && std::ranges::all_of(name, rest);
}

// Whether the quote that `value` begins with is closed at or after `from`, which moves to where the search ended.
bool quote_closes(std::string_view value, std::size_t& from) {
  const char quote = value.front();
  for (; from < value.size(); ++from) {
    if (value[from] == '\\' && quote == '"') {
      ++from;
    } else if (value[from] == quote) {
      return true;
    }
  }
  return false;
}

}  // namespace

Result<std::vector<ConfigEntry>> read_ini_config(std::string_view text) {
  std::vector<ConfigEntry> entries;
  std::string section;
  bool may_continue = false;  // the line before belongs to a key
  for (const Line& line : lines_of(text)) {
    const std::string_view content = trim(line.text);
    if (content.empty() || content.front() == '#' || content.front() == ';') {
      may_continue = may_continue && !content.empty();
      continue;
    }
    if (may_continue && (line.text.front() == ' ' || line.text.front() == '\t')) {
      entries.back().value += fmt::format("\n{}", content);
      entries.back().end = line.end;
      continue;
    }
    if (content.front() == '[') {
      if (!content.ends_with(']') || content.size() < 3) return bad_line(line, "a section without its closing bracket or name");
      section = escape_key(content.substr(1, content.size() - 2)) + ".";
      may_continue = false;
      continue;
    }
    const std::size_t sign = content.find_first_of("=:");
    const std::string_view name = trim(content.substr(0, sign));
    if (sign == std::string_view::npos) return bad_line(line, "neither a section nor name = value");
    if (name.empty()) return bad_line(line, "a value without a name");
    entries.push_back({section + escape_key(name), std::string(trim(content.substr(sign + 1))), line.begin, line.end});
    may_continue = true;
  }
  return entries;
}

Result<std::vector<ConfigEntry>> read_env_config(std::string_view text) {
  std::vector<ConfigEntry> entries;
  const std::vector<Line> lines = lines_of(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::string_view content = trim(lines[i].text);
    if (content.empty() || content.front() == '#') continue;
    if (content.starts_with("export ") || content.starts_with("export\t")) content = trim(content.substr(7));
    const std::size_t sign = content.find('=');
    const std::string_view name = trim(content.substr(0, sign));
    if (sign == std::string_view::npos || !env_name(name)) return bad_line(lines[i], "not NAME=value");
    ConfigEntry entry{escape_key(name), std::string(trim(content.substr(sign + 1))), lines[i].begin, lines[i].end};
    const std::size_t first = i;
    const bool quoted = entry.value.starts_with('"') || entry.value.starts_with('\'');
    std::size_t looked_at = 1;
    while (quoted && !quote_closes(entry.value, looked_at)) {
      if (++i == lines.size()) return bad_line(lines[first], "a quote that is not closed");
      entry.value += fmt::format("\n{}", lines[i].text);
      entry.end = lines[i].end;
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace mend
