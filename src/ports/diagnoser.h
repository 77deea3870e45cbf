// What turns a redacted error text into a diagnosis.
#pragma once

#include <string>
#include <string_view>

#include "model/diagnosis.h"
#include "model/event.h"

namespace mend {

struct DiagnosisRequest {
  std::string_view text;      // redacted; any length, any bytes
  std::string_view platform;  // may be empty
  EventContext context;
  // What a text says beyond its type and fingerprint: facts, and whether the error is only mentioned. Without it a text that is known
  // already (path "cached") is answered in a third of the time, enough to join an incident that is open.
  bool thorough = true;
};

class Diagnoser {
 public:
  virtual ~Diagnoser() = default;
  // Never fails: what cannot be diagnosed is unknown_error with a note that says why. Any thread may call.
  virtual Diagnosis diagnose(const DiagnosisRequest& request) = 0;
  // The fingerprint alone.
  virtual Fingerprint fingerprint(const DiagnosisRequest& request) = 0;
};

}  // namespace mend
