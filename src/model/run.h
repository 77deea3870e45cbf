// A run: one execution of a job.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "model/ids.h"

namespace mend {

struct Run {
  RunId id;
  JobId job;
  IncidentId incident;            // set for the re-run of a remediation
  int attempt = 1;
  WallTime started_at;
  std::optional<WallTime> ended_at;
  std::optional<int> exit_code;
  std::optional<int> signal;
  bool succeeded = false;
  bool timed_out = false;
  std::optional<bool> oom_killed;
  std::uint64_t peak_memory_bytes = 0;
  Duration cpu_time{0};
  std::string command_text;       // redacted
  std::string error_text;         // tail of what it printed, redacted; empty on success
  std::string limits_text;        // "memory 64 MiB", for people
};

}  // namespace mend
