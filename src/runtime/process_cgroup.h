// A control group (cgroup v2) of its own for one child: all that it starts is in it, can be ended in one go and be measured.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "base/clock.h"

namespace mend {

// Not thread-safe; several may exist.
class CgroupLeaf {
 public:
  struct Usage {  // what the kernel counted; empty where it does not
    std::optional<std::uint64_t> peak_memory_bytes;
    std::optional<bool> oom_killed;
    std::optional<Duration> cpu_time;
  };

  // Below our own group, or beside it. Empty when that is not possible here (no cgroup v2, no right, kernel before 5.14): then
  // the process group is all there is. `memory_bytes` becomes memory.max where the memory controller is ours: see
  // limits_memory(). Makes the folder "mendline-<name>".
  static std::optional<CgroupLeaf> make(std::string_view name, std::optional<std::uint64_t> memory_bytes);
  CgroupLeaf(CgroupLeaf&& other) noexcept;
  CgroupLeaf& operator=(CgroupLeaf&&) = delete;
  ~CgroupLeaf();  // ends what is left in it, waits for that at most two seconds and removes it

  bool add(pid_t pid) const;  // false when the kernel refused
  bool limits_memory() const { return limits_memory_; }
  void kill_all() const;      // SIGKILL to every process in it, whatever session or group that made for itself
  Usage usage() const;
  const std::string& folder() const { return folder_; }

 private:
  explicit CgroupLeaf(std::string folder) : folder_(std::move(folder)) {}
  std::string folder_;
  bool limits_memory_ = false;
};

}  // namespace mend
