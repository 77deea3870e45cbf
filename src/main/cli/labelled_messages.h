// Labelled messages as `eval` reads them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/error_type.h"

namespace mend {

// As the file has it: nothing is redacted yet.
struct LabelledMessage {
  std::string id, platform, message;
  ErrorType label = ErrorType::unknown_error;
  std::optional<ErrorType> alternative;  // counts as right too
};

// One JSON object a line; empty lines are left out. invalid_input names file, line and field, and a file without any message.
Result<std::vector<LabelledMessage>> read_labelled_messages(const std::string& file);

}  // namespace mend
