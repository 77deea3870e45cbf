// If this process is killed by SIGKILL, nobody is left to end what it started. A guard is a tiny process that waits for just that.
#pragma once

#include <memory>
#include <string>

#include <sys/types.h>

#include "base/file.h"
#include "base/result.h"

namespace mend {

// While it lives: when this process dies in whatever way, the process group `group` gets SIGKILL, and so does everything in the
// cgroup `cgroup_folder` (empty: none), which is then removed. The destructor takes the guard away without doing any of it.
class ProcessGuard {
 public:
  // Returns when the guard is on duty. All signals must be blocked in the calling thread.
  static Result<std::unique_ptr<ProcessGuard>> start(pid_t group, const std::string& cgroup_folder);
  ~ProcessGuard();
  ProcessGuard(const ProcessGuard&) = delete;
  ProcessGuard& operator=(const ProcessGuard&) = delete;

 private:
  ProcessGuard(pid_t pid, FileHandle lifeline) : pid_(pid), lifeline_(std::move(lifeline)) {}
  pid_t pid_;
  FileHandle lifeline_;
};

}  // namespace mend
