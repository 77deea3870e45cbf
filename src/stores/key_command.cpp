#include "stores/key_command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "base/file.h"

extern char** environ;

namespace mend {
namespace {

constexpr std::size_t kMostOutput = 4096;

// The child leads a group of its own, so that a pipeline of several programs can be ended as one.
Result<pid_t> start(const std::string& command, int write_end) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, write_end, STDOUT_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  sigset_t usual;
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::string shell = "/bin/sh", option = "-c", text = command;
  char* argv[] = {shell.data(), option.data(), text.data(), nullptr};
  pid_t child = -1;
  const int code = ::posix_spawn(&child, "/bin/sh", &actions, &attributes, argv, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (code != 0) return fail_errno("starting the key command", code);
  return child;
}

// Ends the group and reaps the child however the function is left. The group is killed while the child is not yet reaped: its
// number cannot belong to anybody else then.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  // The wait status, or nothing while it runs.
  bool ended(int& status) {
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
    pid_ = -1;
    return true;
  }

 private:
  pid_t pid_;
};

}  // namespace

Result<std::string> run_key_command(const std::string& command, Duration limit) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno("starting the key command", errno);
  const FileHandle read_end(ends[0]);
  FileHandle write_end(ends[1]);
  auto started = start(command, write_end.get());
  if (!started) return fail(ErrorKind::unavailable, started.error().message);
  Child child(*started);
  write_end.reset();

  const auto too_slow = [&] {
    return fail(ErrorKind::timed_out, fmt::format("the key command did not end within {} ms", limit / std::chrono::milliseconds{1}));
  };
  const auto end = std::chrono::steady_clock::now() + limit;
  const auto left = [&] { return std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count(); };
  std::string output;
  output.reserve(kMostOutput + 1);  // so that no smaller buffer with a part of the key is left behind
  for (;;) {
    pollfd waiting{read_end.get(), POLLIN, 0};
    const auto wait = left();
    const int ready = wait > 0 ? ::poll(&waiting, 1, int(wait)) : 0;
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return fail_errno("reading from the key command", errno);
    if (ready == 0) return too_slow();
    char buffer[512];
    const ssize_t count = ::read(read_end.get(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno("reading from the key command", errno);
    if (count == 0) break;
    if (output.size() + std::size_t(count) > kMostOutput)
      return fail(ErrorKind::invalid_input, "the key command printed more than 4096 bytes; it must print 64 hex digits and nothing else");
    output.append(buffer, std::size_t(count));
    sodium_memzero(buffer, sizeof buffer);
  }
  // It closed its output; it may still run. Its status decides, so it is waited for, in short steps because waitpid has no limit.
  int status = 0;
  while (!child.ended(status)) {
    if (left() <= 0) return too_slow();
    ::poll(nullptr, 0, 1);
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return output;
  return fail(ErrorKind::unavailable, WIFEXITED(status) ? fmt::format("the key command failed with exit code {}", WEXITSTATUS(status))
                                                        : fmt::format("the key command was ended by signal {}", WTERMSIG(status)));
}

}  // namespace mend
