// One labelled message and what the diagnosis said of it: what every figure of an evaluation is computed from.
#pragma once

#include <optional>
#include <string>

#include "model/error_type.h"

namespace mend {

struct Judged {
  ErrorType label = ErrorType::unknown_error;
  std::optional<ErrorType> alternative;  // counts as right too
  ErrorType verdict = ErrorType::unknown_error;
  double confidence = 0;
  std::string platform;     // redacted; may be empty
  double milliseconds = 0;  // that its diagnosis took
  std::string id;           // redacted; may be empty

  bool right() const { return verdict == label || (alternative && verdict == *alternative); }
  // What Mendline would act on by itself. unknown_error is never acted on, however sure it is.
  bool automatic() const { return confidence >= kAutoFrom && verdict != ErrorType::unknown_error; }
  // The type that the verdict is measured against: the verdict itself when it is right by the alternative.
  ErrorType truth() const { return right() ? verdict : label; }
};

}  // namespace mend
