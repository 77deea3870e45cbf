// Data checks: a question asked of a database after a run that exited 0.
#pragma once

#include <optional>
#include <string>

#include "base/call_context.h"
#include "base/result.h"
#include "model/job.h"

namespace mend {

// Nothing when the answer fits; else "data check 'x' failed: expected >= 10 got 3", or why it could not be asked. The database
// is opened read-only and the SQL must be one SELECT that gives one value. Numbers compare as numbers, anything else as text
// (by = and != only); NULL never fits. An error only when the call ended.
Result<std::optional<std::string>> run_data_check(const JobSpec& job, const DataCheck& check, Duration lock_timeout, CallContext& call);

// Whether `value` fits "= 3", "> 0", ">= 10", "!= x" (also ==, <>, <, <=). invalid_input for anything else.
Result<bool> fits_expectation(const std::string& value, const std::string& expect);

}  // namespace mend
