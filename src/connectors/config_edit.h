// Configuration files as keys with the place in the text where each stands, and the smallest edit that sets one key back.
// Pure; thread-safe. Texts come from outside: whatever they hold, the answer is a value or invalid_input with the line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mend {

enum class ConfigFormat : std::uint8_t { yaml, json, ini, env };
std::string_view to_string(ConfigFormat format);
std::optional<ConfigFormat> parse_config_format(std::string_view name);
// By the file's name: .yaml .yml .json .ini .cfg .conf .env and ".env" itself; nothing for others.
std::optional<ConfigFormat> config_format_of(const std::filesystem::path& file);

struct ConfigEntry {
  std::string key;        // path of the value: "database.hosts[0].port"; dots inside a name are written "\."
  std::string value;      // comparable: same text, same value and type
  std::size_t begin = 0;  // the bytes that carry it: the value itself in JSON, its whole lines in the other formats
  std::size_t end = 0;    // without the last line end
};

// All values, in the order in which they stand. invalid_input for a syntax error, a key that stands there twice, text that is
// not UTF-8, or a structure too large or too deep to be a configuration.
Result<std::vector<ConfigEntry>> parse_config(ConfigFormat format, std::string_view text);

struct ConfigDiff {
  std::vector<std::string> changed;  // keys in both with different values
  std::vector<std::string> removed;  // only in `good`
  std::vector<std::string> added;    // only in `now`
  bool empty() const { return changed.empty() && removed.empty() && added.empty(); }
};
ConfigDiff compare_config(const std::vector<ConfigEntry>& now, const std::vector<ConfigEntry>& good);

// `now` with the bytes that carry `key` taken from `good`; everything else stays byte for byte. The result is parsed again:
// invalid_input unless exactly this key changed and has good's value.
Result<std::string> set_back_key(ConfigFormat format, std::string_view now, std::string_view good, std::string_view key);

// How many lines a replacement of the whole text would touch (the larger of lines gone and lines new). Exact up to a few
// hundred differing lines, more than that for larger differences.
std::size_t changed_lines(std::string_view now, std::string_view good);
// "- old line" and "+ new line" for every line that differs, in order, from `now` to `good`; at most `most` lines.
std::string line_diff(std::string_view now, std::string_view good, std::size_t most);

// The last part of a key path: "database.hosts[0].port" -> "port".
std::string last_part(std::string_view key);

// Each format's reader; parse_config checks what is common to all of them.
Result<std::vector<ConfigEntry>> read_yaml_config(std::string_view text);  // config_yaml.cpp
Result<std::vector<ConfigEntry>> read_json_config(std::string_view text);  // config_json.cpp
Result<std::vector<ConfigEntry>> read_ini_config(std::string_view text);   // config_lines.cpp
Result<std::vector<ConfigEntry>> read_env_config(std::string_view text);   // config_lines.cpp
// A name as part of a key path.
std::string escape_key(std::string_view name);

}  // namespace mend
