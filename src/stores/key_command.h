// Runs the command that prints the home's key.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace mend {

// What `/bin/sh -c command` prints on standard output (at most 4 KiB; its standard error is ours). unavailable when it cannot
// be started or ends with a failure, timed_out when it takes longer than `limit`: it and its children are killed then.
Result<std::string> run_key_command(const std::string& command, Duration limit);

}  // namespace mend
