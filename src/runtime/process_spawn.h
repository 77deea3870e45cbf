// Starts one child: own session and process group, own cgroup where there is one, a guard against our own sudden death.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include <sys/resource.h>
#include <sys/types.h>

#include "base/call_context.h"
#include "base/file.h"
#include "base/result.h"
#include "runtime/process_cgroup.h"
#include "runtime/process_guard.h"
#include "runtime/process_prepare.h"

namespace mend {

struct ChildStreams {
  std::array<int, 3> ends;  // its 0, 1, 2; each above 2 or the stream itself
  int terminal = -1;        // becomes its controlling terminal
};

// A running child. The destructor ends it, its group and its cgroup, and reaps it; all of that is idempotent. The thread that
// started it must live as long: the kernel ties "kill it when its parent dies" to that thread. One thread.
class Child {
 public:
  // The errors of execve and of making it ready: not_found, permission, invalid_input, exhausted; nothing runs then.
  // cancelled or timed_out when the call ended before the program began (a folder on a dead file server).
  static Result<std::unique_ptr<Child>> start(PreparedProcess prepared, const ChildStreams& streams,
                                              std::optional<std::uint64_t> memory_bytes, CallContext& call);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  int pidfd() const { return pidfd_.get(); }       // readable when it has ended
  void signal_group(int number) const;             // until reap()
  void kill_all() const;                           // SIGKILL to the group and to the whole cgroup; until reap()
  void sample_memory();                            // notes how much the child has used at most so far; cheap

  struct End {
    int status = 0;  // as wait(2) gives it
    rusage used{};
  };
  Result<End> reap();                              // the child must have ended
  std::uint64_t peak_memory_bytes(const rusage& used) const;
  const CgroupLeaf* cgroup() const { return cgroup_ ? &*cgroup_ : nullptr; }

 private:
  Child() = default;
  Result<void> begin(PreparedProcess& prepared, const ChildStreams& streams, std::optional<std::uint64_t> memory_bytes, CallContext& call);

  pid_t pid_ = -1;
  FileHandle pidfd_;
  std::optional<CgroupLeaf> cgroup_;
  std::unique_ptr<ProcessGuard> guard_;
  std::uint64_t peak_at_fork_ = 0, peak_sampled_ = 0;
};

}  // namespace mend
