#include "runtime/process_guard.h"

#include <cerrno>
#include <climits>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/descriptors.h"

namespace mend {
namespace {

// Runs in a fork of a process with threads: only async-signal-safe calls, no allocation.
[[noreturn]] void guard(int lifeline, int ready, pid_t group, const char* kill_file, const char* folder) {
  ::setsid();
  ::prctl(PR_SET_NAME, "mend-guard");
  ::dup2(lifeline, 0);
  const int kill_fd = *kill_file != '\0' ? ::open(kill_file, O_WRONLY | O_CLOEXEC) : -1;
  if (kill_fd > 0) ::dup2(kill_fd, 1);
  else ::close(1);
  ::dup2(ready, 2);
  // Above all the other end of the lifeline and the locks, which would outlive their owner in here.
  ::close_range(3, UINT_MAX, 0);
  [[maybe_unused]] const ssize_t told = ::write(2, "r", 1);
  ::close(2);
  char byte = 0;
  while (::read(0, &byte, 1) < 0 && errno == EINTR) {}
  ::kill(-group, SIGKILL);
  if (kill_fd > 0) {
    for (int attempt = 0; attempt < 200; ++attempt) {
      [[maybe_unused]] const ssize_t ignored = ::write(1, "1", 1);
      if (::rmdir(folder) == 0 || errno != EBUSY) break;
      ::poll(nullptr, 0, 10);
    }
  }
  ::_exit(0);
}

}  // namespace

Result<std::unique_ptr<ProcessGuard>> ProcessGuard::start(pid_t group, const std::string& cgroup_folder) {
  MEND_TRY(auto lifeline, make_pipe());
  MEND_TRY(auto ready, make_pipe());
  const std::string kill_file = cgroup_folder.empty() ? std::string{} : cgroup_folder + "/cgroup.kill";
  const pid_t pid = ::fork();
  if (pid < 0) return fail_errno("starting a process's guard", errno);
  if (pid == 0) guard(lifeline.reader.get(), ready.writer.get(), group, kill_file.c_str(), cgroup_folder.c_str());
  std::unique_ptr<ProcessGuard> started(new ProcessGuard(pid, std::move(lifeline.writer)));
  ready.writer.reset();
  char byte = 0;
  ssize_t count = 0;
  do count = ::read(ready.reader.get(), &byte, 1);
  while (count < 0 && errno == EINTR);
  if (count != 1) return fail(ErrorKind::unavailable, "a process's guard ended at once");
  return started;
}

ProcessGuard::~ProcessGuard() {
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {}
}

}  // namespace mend
