// What every channel shares: checked options and the text that is sent.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "notifiers/notifiers.h"

namespace mend {

// invalid_input when an option is not in `known`; names the nearest.
Result<void> check_options(std::string_view channel, const NotifierOptions& options, std::span<const std::string_view> known);
// The option's value; invalid_input when it is missing or empty.
Result<std::string> required_option(std::string_view channel, const NotifierOptions& options, const std::string& name);

// {"title", "sent_at", "context": the body's object}. A body that is no JSON goes as "context_text": better odd than not told.
std::string notification_json(const Notification& notification, WallTime now);
// The incident's id as the body gives it ("incident_id", "incident", or "incident": {"id"}), else a hash of title and body;
// letters, digits, '-' and '_' only, at most 64.
std::string notification_name(const Notification& notification);
// Equal for equal notifications, whenever and how often they are sent.
std::string notification_key(const Notification& notification);

}  // namespace mend
