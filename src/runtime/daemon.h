// What a long-running process needs to be told from others: who it is, and a lock on what only one may use.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "base/file.h"
#include "base/result.h"

namespace mend {

// A process of this machine by "boot:pid:start": the kernel's boot id, the process number and the clock tick it started at. Unlike
// the number alone it is never given to another process.
class ProcessIdentity {
 public:
  static Result<std::string> self();
  static Result<std::string> of(pid_t pid);  // not_found when there is no such process
  // Whether that very process still runs; a zombie does not, nor does anything from before the last boot or from another machine.
  // invalid_input when `text` is no identity.
  static Result<bool> alive(std::string_view text);
};

// An advisory lock (flock) on a file, which is made when missing and stays. Given back by the destructor, or by the kernel when
// the process dies in whatever way. Children do not inherit it.
class FileLock {
 public:
  enum class Mode : std::uint8_t { exclusive, shared };
  // Does not wait. conflict when another holder is in the way, in this process too.
  static Result<FileLock> try_lock(const std::filesystem::path& path, Mode mode = Mode::exclusive);

 private:
  explicit FileLock(FileHandle file) : file_(std::move(file)) {}
  FileHandle file_;
};

}  // namespace mend
