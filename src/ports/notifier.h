// A notifier tells people about an incident that needs them.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/call_context.h"

namespace mend {

struct Notification {
  std::string title;
  std::string body_json;  // the full context as one JSON object, redacted
};

class Notifier {
 public:
  virtual ~Notifier() = default;
  virtual std::string_view name() const = 0;
  virtual Result<void> notify(const Notification& notification, CallContext& call) = 0;
};

}  // namespace mend
