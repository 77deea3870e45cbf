#include "diagnose/json_log.h"

#include <algorithm>
#include <array>
#include <optional>

#include <boost/json.hpp>

#include "base/text.h"
#include "model/json.h"

namespace mend {
namespace {

namespace js = boost::json;

constexpr std::array<std::string_view, 2> kMessage = {"message", "msg"};
constexpr std::array<std::string_view, 4> kLevel = {"level", "severity", "lvl", "levelname"};
constexpr std::array<std::string_view, 14> kAdded = {"time", "timestamp", "ts", "@timestamp", "asctime", "logger", "name", "thread",
                                                     "pid", "host", "hostname", "service", "caller", "@version"};

bool is_one_of(std::string_view key, auto& list) { return std::ranges::find(list, key) != list.end(); }

std::optional<std::string> message_of(std::string_view line) {
  line = trim(line);
  if (!line.starts_with("{\"") || !line.ends_with('}')) return std::nullopt;
  const auto value = parse_json(line);
  if (!value || !value->is_object()) return std::nullopt;
  std::string message, level;
  for (const auto& [key, field] : value->get_object()) {
    const std::string_view name(key.data(), key.size());
    if (is_one_of(name, kMessage) && field.is_string() && message.empty()) message = std::string(field.get_string());
    else if (is_one_of(name, kLevel)) level = field.is_string() ? std::string(field.get_string()) : std::string();
    else if (!is_one_of(name, kAdded)) return std::nullopt;  // it may be what the failure is about
  }
  if (message.empty()) return std::nullopt;
  const std::string lower = lower_ascii(level);
  const bool harmless = lower == "info" || lower == "debug" || lower == "trace" || lower == "warn" || lower == "warning";
  return harmless ? level + " " + message : message;
}

}  // namespace

std::string without_json_envelopes(std::string text) {
  if (text.find("{\"") == std::string::npos) return text;
  std::string out;
  bool changed = false;
  for (const auto line : split_lines(text)) {
    if (!out.empty() || line.data() != text.data()) out += '\n';
    if (auto message = message_of(line)) {
      out += *message;
      changed = true;
    } else {
      out += line;
    }
  }
  return changed ? out : text;
}

}  // namespace mend
