// An event: one message about a job's run.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "model/ids.h"

namespace mend {

enum class EventStatus : std::uint8_t { started, succeeded, failed, cancelled };
std::string_view to_string(EventStatus status);
std::optional<EventStatus> parse_event_status(std::string_view name);

// What is known about the run beside its text.
struct EventContext {
  std::optional<int> exit_code;
  std::optional<int> signal;
  std::optional<int> http_status;
  std::optional<bool> oom_killed;
  std::map<std::string, std::string> other;  // further keys, values as text (objects as JSON text)
};

struct Event {
  EventId id;
  JobId job;
  RunId run;
  std::string job_type;
  std::string platform;
  EventStatus status = EventStatus::failed;
  std::string error_message;  // redacted before it gets here
  WallTime timestamp;         // when it happened, by the source's clock
  WallTime received;          // when it was taken in, by ours
  int attempt = 1;
  EventContext context;
};

}  // namespace mend
