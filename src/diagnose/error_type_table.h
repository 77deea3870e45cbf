// What catalog/error_types.yaml says of each error type.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/error_type.h"

namespace mend {

struct ErrorTypeEntry {
  double prior_success = 0;
  std::string strategy;
  std::vector<std::string> causes;
};
using ErrorTypeTable = std::array<ErrorTypeEntry, kErrorTypeCount>;

// Every type must be there once; unknown keys and types are refused with file and line.
Result<ErrorTypeTable> parse_error_type_table(std::string_view yaml, std::string_view file_name);

}  // namespace mend
