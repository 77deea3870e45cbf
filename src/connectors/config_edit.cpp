#include "connectors/config_edit.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"

namespace mend {
namespace {

constexpr std::size_t kMostEntries = 20'000;
constexpr std::size_t kMostDiffLines = 300;

using Values = std::map<std::string_view, const ConfigEntry*>;
Values by_key(const std::vector<ConfigEntry>& entries) {
  Values values;
  for (const ConfigEntry& entry : entries) values.emplace(entry.key, &entry);
  return values;
}

// Lines with their ends, so that a changed line end is a changed line.
std::vector<std::string_view> whole_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::size_t length = end == std::string_view::npos ? text.size() : end + 1;
    lines.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return lines;
}

struct LineDiff {
  std::vector<std::pair<char, std::string_view>> lines;  // '-' or '+'
  std::size_t gone = 0;
  std::size_t fresh = 0;
};

LineDiff diff_lines(std::string_view now, std::string_view good) {
  std::vector<std::string_view> a = whole_lines(now), b = whole_lines(good);
  while (!a.empty() && !b.empty() && a.back() == b.back()) a.pop_back(), b.pop_back();
  std::size_t same = 0;
  while (same < a.size() && same < b.size() && a[same] == b[same]) ++same;
  a.erase(a.begin(), a.begin() + std::ptrdiff_t(same));
  b.erase(b.begin(), b.begin() + std::ptrdiff_t(same));
  LineDiff diff;
  const auto take = [&](char sign, std::string_view line) {
    diff.lines.emplace_back(sign, line);
    ++(sign == '-' ? diff.gone : diff.fresh);
  };
  if (a.size() > kMostDiffLines || b.size() > kMostDiffLines) {
    for (const auto line : a) take('-', line);
    for (const auto line : b) take('+', line);
    return diff;
  }
  // Longest common subsequence; the sizes are small by the check above.
  std::vector<std::vector<std::size_t>> common(a.size() + 1, std::vector<std::size_t>(b.size() + 1, 0));
  for (std::size_t i = a.size(); i-- > 0;)
    for (std::size_t j = b.size(); j-- > 0;)
      common[i][j] = a[i] == b[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
  std::size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      ++i, ++j;
    } else if (i < a.size() && (j == b.size() || common[i + 1][j] >= common[i][j + 1])) {
      take('-', a[i++]);
    } else {
      take('+', b[j++]);
    }
  }
  return diff;
}

}  // namespace

std::string_view to_string(ConfigFormat format) {
  switch (format) {
    case ConfigFormat::yaml: return "yaml";
    case ConfigFormat::json: return "json";
    case ConfigFormat::ini: return "ini";
    case ConfigFormat::env: return "env";
  }
  return "";
}

std::optional<ConfigFormat> parse_config_format(std::string_view name) {
  for (const ConfigFormat format : {ConfigFormat::yaml, ConfigFormat::json, ConfigFormat::ini, ConfigFormat::env})
    if (to_string(format) == name) return format;
  return std::nullopt;
}

std::optional<ConfigFormat> config_format_of(const std::filesystem::path& file) {
  const std::string name = lower_ascii(file.filename().string());
  const std::string extension = lower_ascii(file.extension().string());
  if (name == ".env" || name.starts_with(".env.") || extension == ".env") return ConfigFormat::env;
  if (extension == ".yaml" || extension == ".yml") return ConfigFormat::yaml;
  if (extension == ".json") return ConfigFormat::json;
  if (extension == ".ini" || extension == ".cfg" || extension == ".conf") return ConfigFormat::ini;
  return std::nullopt;
}

std::string escape_key(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '.' || c == '[' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string last_part(std::string_view key) {
  std::string part;
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (key[i] == '\\' && i + 1 < key.size()) {
      part += key[++i];
    } else if (key[i] == '.') {
      part.clear();
    } else if (key[i] == '[') {
      break;  // a list's item goes by the list's name
    } else {
      part += key[i];
    }
  }
  return part;
}

Result<std::vector<ConfigEntry>> parse_config(ConfigFormat format, std::string_view text) {
  if (!is_valid_utf8(text) || text.find('\0') != std::string_view::npos)
    return fail(ErrorKind::invalid_input, "the file is not UTF-8 text");
  auto entries = [&] {
    switch (format) {
      case ConfigFormat::yaml: return read_yaml_config(text);
      case ConfigFormat::json: return read_json_config(text);
      case ConfigFormat::ini: return read_ini_config(text);
      case ConfigFormat::env: return read_env_config(text);
    }
    return Result<std::vector<ConfigEntry>>(fail(ErrorKind::internal, "unknown configuration format"));
  }();
  if (!entries) return entries;
  if (entries->size() > kMostEntries) return fail(ErrorKind::invalid_input, fmt::format("more than {} values", kMostEntries));
  std::set<std::string_view> seen;
  for (const ConfigEntry& entry : *entries) {
    if (!seen.insert(entry.key).second) {
      const auto line = 1 + std::ranges::count(text.substr(0, entry.begin), '\n');
      return fail(ErrorKind::invalid_input, fmt::format("line {}: {} stands there twice", line, entry.key));
    }
  }
  return entries;
}

ConfigDiff compare_config(const std::vector<ConfigEntry>& now, const std::vector<ConfigEntry>& good) {
  const Values now_values = by_key(now), good_values = by_key(good);
  ConfigDiff diff;
  for (const ConfigEntry& entry : good) {
    const auto found = now_values.find(entry.key);
    if (found == now_values.end()) {
      diff.removed.push_back(entry.key);
    } else if (found->second->value != entry.value) {
      diff.changed.push_back(entry.key);
    }
  }
  for (const ConfigEntry& entry : now)
    if (!good_values.contains(entry.key)) diff.added.push_back(entry.key);
  return diff;
}

Result<std::string> set_back_key(ConfigFormat format, std::string_view now, std::string_view good, std::string_view key) {
  MEND_TRY(const auto now_entries, parse_config(format, now));
  MEND_TRY(const auto good_entries, parse_config(format, good));
  const auto now_entry = std::ranges::find(now_entries, key, &ConfigEntry::key);
  const auto good_entry = std::ranges::find(good_entries, key, &ConfigEntry::key);
  if (now_entry == now_entries.end() || good_entry == good_entries.end())
    return fail(ErrorKind::invalid_input, fmt::format("{} does not stand in both texts", key));
  std::string result(now.substr(0, now_entry->begin));
  result += good.substr(good_entry->begin, good_entry->end - good_entry->begin);
  result += now.substr(now_entry->end);

  // Never trust the edit: the result must read as the same configuration with this one key changed.
  const auto refuse = [&](std::string_view why) {
    return fail(ErrorKind::invalid_input, fmt::format("{} cannot be set back without touching something else: {}", key, why));
  };
  const auto result_entries = parse_config(format, result);
  if (!result_entries) return refuse(result_entries.error().message);
  const ConfigDiff from_now = compare_config(*result_entries, now_entries);
  if (!from_now.removed.empty() || !from_now.added.empty() || from_now.changed.size() != 1 || from_now.changed.front() != key)
    return refuse("other keys stand on the same lines or share its value");
  const auto result_entry = std::ranges::find(*result_entries, key, &ConfigEntry::key);
  if (result_entry->value != good_entry->value) return refuse("its value would come out different");
  return result;
}

std::size_t changed_lines(std::string_view now, std::string_view good) {
  const LineDiff diff = diff_lines(now, good);
  return std::max(diff.gone, diff.fresh);
}

std::string line_diff(std::string_view now, std::string_view good, std::size_t most) {
  const LineDiff diff = diff_lines(now, good);
  std::string text;
  std::size_t count = 0;
  for (const auto& [sign, line] : diff.lines) {
    if (count++ == most) return text + fmt::format("\n({} more lines)", diff.lines.size() - most);
    std::string_view shown = line;
    while (shown.ends_with('\n') || shown.ends_with('\r')) shown.remove_suffix(1);
    text += fmt::format("{}{} {}", text.empty() ? "" : "\n", sign, cut_utf8(shown, 200));
  }
  return text;
}

}  // namespace mend
