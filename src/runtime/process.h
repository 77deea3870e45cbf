// Supervises one child process and everything it starts: output passed on, limits set, signals forwarded, the whole group gone
// at the end. Blocking; any thread may call, several at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/call_context.h"

namespace mend {

struct ProcessLimits {
  std::optional<std::uint64_t> memory_bytes;  // cgroup v2 memory.max where that controller is there, else RLIMIT_AS
  std::optional<std::uint64_t> cpu_seconds;   // RLIMIT_CPU
  std::optional<std::uint64_t> open_files;    // RLIMIT_NOFILE
};

enum class ProcessOutput : std::uint8_t {
  // Unchanged to our own standard output and error; our standard input is the child's. Each of the three that is a terminal is
  // one for the child too: a pty, with keys, window size and our terminal's settings passed on (process_streams.h says how).
  pass_through,
  capture,       // only the tails are kept; the child's standard input is /dev/null
};

struct ProcessSpec {
  std::vector<std::string> argv;              // argv[0] is looked up in PATH; never through a shell
  std::string folder;                         // empty: the current one
  std::map<std::string, std::string> env;     // added to our own environment
  ProcessLimits limits;
  Duration timeout{0};                        // 0: none
  Duration grace = std::chrono::seconds{5};   // between SIGTERM and SIGKILL when it must end
  ProcessOutput output = ProcessOutput::capture;
  std::size_t tail_bytes = 64 * 1024;         // of each stream
  bool forward_signals = false;               // SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 sent to us go to the group
};

struct ProcessResult {
  std::optional<int> exit_code;       // exactly one of exit_code and signal is set
  std::optional<int> signal;
  bool timed_out = false;             // we ended it because of `timeout` or the call's deadline
  // We ended it because of the call's stop; or it ended after a SIGINT, SIGTERM, SIGHUP or SIGQUIT was passed on (typed at the
  // terminal too); or by the very SIGUSR1 or SIGUSR2 that was passed on.
  bool stopped = false;
  int forwarded_signal = 0;           // the last signal we passed on, 0 for none
  std::optional<bool> oom_killed;     // known only where a memory cgroup was used
  std::uint64_t peak_memory_bytes = 0;
  Duration cpu_time{0};
  Duration wall_time{0};
  std::string out_tail;               // the last tail_bytes of standard output; with a pty everything is here
  std::string err_tail;
};

// not_found when the program does not exist, permission when it may not be executed, invalid_input for an empty argv, a
// missing folder or a limit above the one this process is held to, cancelled or timed_out when the call has ended already:
// nothing was started then. A child that ran and failed is not an error: see ProcessResult.
// `on_start` is told the child's pid after it was started (for records), before this waits.
//
// The child leads a session and process group of its own. Timeout and stop send SIGTERM to the group, then SIGKILL. When the child
// has ended, others who still hold its output get up to a second to hand it over, then all that is left of the group (and of its
// cgroup, where this machine lets us make one) is killed; a process that left the group is out of reach without a cgroup.
// When this process itself is killed, a guard process does the same. SIGCHLD must not be ignored by this process.
Result<ProcessResult> run_process(const ProcessSpec& spec, CallContext& call, const std::function<void(int pid)>& on_start = {});

// Whether this machine lets us limit memory by cgroup v2 (its memory controller is delegated to us).
bool memory_cgroup_available();

}  // namespace mend
