#include "notifiers/message.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "base/time_text.h"
#include "model/json.h"

namespace mend {
namespace js = boost::json;

Result<void> check_options(std::string_view channel, const NotifierOptions& options, std::span<const std::string_view> known) {
  for (const auto& [name, value] : options) {
    if (std::ranges::find(known, name) != known.end()) continue;
    const auto near = nearest(name, known);
    return fail(ErrorKind::invalid_input,
                fmt::format("notifier {}: no option '{}'{}; there are: {}", channel, to_valid_utf8(cut_utf8(name, 40)),
                            near.empty() ? std::string{} : fmt::format(", did you mean '{}'?", near), fmt::join(known, ", ")));
  }
  return {};
}

Result<std::string> required_option(std::string_view channel, const NotifierOptions& options, const std::string& name) {
  const auto found = options.find(name);
  if (found == options.end() || found->second.empty())
    return fail(ErrorKind::invalid_input, fmt::format("notifier {}: the option '{}' is missing", channel, name));
  return found->second;
}

std::string notification_json(const Notification& notification, WallTime now) {
  js::object message;
  message["title"] = to_valid_utf8(notification.title);
  message["sent_at"] = format_rfc3339(now);
  if (auto context = parse_json(notification.body_json); context && context->is_object()) message["context"] = std::move(*context);
  else message["context_text"] = to_valid_utf8(notification.body_json);
  return to_pretty(message);
}

std::string notification_name(const Notification& notification) {
  std::string id;
  const auto take = [&id](const js::value* value) {
    if (id.empty() && value != nullptr && value->is_string()) id = std::string(value->get_string());
  };
  if (const auto context = parse_json(notification.body_json); context && context->is_object()) {
    const auto& object = context->get_object();
    take(object.if_contains("incident_id"));
    const auto* incident = object.if_contains("incident");
    take(incident);
    if (incident != nullptr && incident->is_object()) take(incident->get_object().if_contains("id"));
  }
  const bool plain = !id.empty() && id.size() <= 64 && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  return plain ? id : notification_key(notification).substr(0, 16);
}

std::string notification_key(const Notification& notification) {
  return blake2b_hex(fmt::format("{}:{}{}", notification.title.size(), notification.title, notification.body_json), 16);
}

}  // namespace mend
