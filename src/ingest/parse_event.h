// One NDJSON line -> one event, every field checked. The error says which field is wrong and why.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/event.h"

namespace mend {

struct EventProblem {
  std::string field;   // empty when the line as a whole is wrong
  std::string reason;
};

// Reuses its buffers from line to line; one thread at a time.
class EventParser {
 public:
  EventParser();
  ~EventParser();
  EventParser(const EventParser&) = delete;
  EventParser& operator=(const EventParser&) = delete;

  // The texts in the event are as they came: not redacted yet. `received` is left unset.
  std::expected<Event, EventProblem> parse(std::string_view line);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mend
