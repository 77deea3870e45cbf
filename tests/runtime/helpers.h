// For tests of real processes.
#pragma once

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/call_context.h"
#include "base/file.h"
#include "runtime/descriptors.h"
#include "runtime/process.h"

namespace mend {

constexpr int kPatienceMs = 30'000;  // how long something that should happen at once may take on a loaded machine

// A call without an end, and what it needs.
struct RealCall {
  SystemClock clock;
  StderrLog log{LogLevel::off};
  std::stop_source stop;
  CallContext call{clock, log, stop.get_token(), "test"};
};

inline ProcessSpec shell(std::string script) {
  ProcessSpec spec;
  spec.argv = {"sh", "-c", std::move(script)};
  return spec;
}

inline ProcessSpec python(std::string script) {
  ProcessSpec spec;
  spec.argv = {"python3", "-c", std::move(script)};
  return spec;
}

inline std::string describe(const Result<ProcessResult>& result) {
  if (!result) return fmt::format("error {}: {}", to_string(result.error().kind), result.error().message);
  return fmt::format("exit={} signal={} timed_out={} stopped={} forwarded={}", result->exit_code.value_or(-1), result->signal.value_or(0),
                     int(result->timed_out), int(result->stopped), result->forwarded_signal);
}

class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "mend-test-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~TempFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::string operator/(std::string_view name) const { return (path_ / name).string(); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline bool readable_soon(int fd) {
  pollfd wanted{fd, POLLIN, 0};
  int ready = 0;
  do ready = ::poll(&wanted, 1, kPatienceMs);
  while (ready < 0 && errno == EINTR);
  return ready > 0;
}

// Reads until `wanted` has come, the end, or patience is over; what was read before is in `seen`.
inline bool read_until(int fd, std::string& seen, std::string_view wanted) {
  while (seen.find(wanted) == std::string::npos) {
    if (!readable_soon(fd)) return false;
    char buffer[4096];
    const ssize_t count = ::read(fd, buffer, sizeof buffer);
    if (count <= 0) return seen.find(wanted) != std::string::npos;
    seen.append(buffer, std::size_t(count));
  }
  return true;
}

inline std::string read_to_end(int fd) {
  std::string seen;
  char buffer[4096];
  while (readable_soon(fd)) {
    const ssize_t count = ::read(fd, buffer, sizeof buffer);
    if (count <= 0) break;
    seen.append(buffer, std::size_t(count));
  }
  return seen;
}

// A copy of the test process that runs `body` and leaves with what it returns.
class Fork {
 public:
  explicit Fork(const std::function<int()>& body) : pid_(::fork()) {
    if (pid_ == 0) ::_exit(outcome_of(body));
    pidfd_ = open_pidfd(pid_);
  }
  ~Fork() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }
  Fork(const Fork&) = delete;
  Fork& operator=(const Fork&) = delete;

  pid_t pid() const { return pid_; }
  // The exit code, 1000 + the signal, or -1 when it does not end.
  int wait() {
    int status = 0;
    if (!readable_soon(pidfd_.get()) || ::waitpid(pid_, &status, 0) != pid_) return -1;
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  }

 private:
  // Nothing may get back into the test framework's copy in here.
  static int outcome_of(const std::function<int()>& body) noexcept { return body(); }
  pid_t pid_;
  FileHandle pidfd_;
};

// Runs `spec` in a supervisor process of its own, its standard output a pipe, and reports the outcome through another.
class Supervised {
 public:
  explicit Supervised(const ProcessSpec& spec, const std::function<void()>& prepare = {})
      : output_(make_pipe().value()), report_(make_pipe().value()), fork_([&] {
          ::dup2(output_.writer.get(), 1);
          output_.writer.reset();
          output_.reader.reset();
          if (prepare) prepare();
          RealCall real;
          const std::string text = describe(run_process(spec, real.call));
          return ::write(report_.writer.get(), text.data(), text.size()) == ssize_t(text.size()) ? 0 : 1;
        }) {
    output_.writer.reset();
    report_.writer.reset();
  }
  bool output_has(std::string_view text) { return read_until(output_.reader.get(), output, text); }
  void signal(int number) const { ::kill(fork_.pid(), number); }
  std::string outcome() { return read_to_end(report_.reader.get()); }
  Fork& process() { return fork_; }
  int output_fd() const { return output_.reader.get(); }
  std::string output;

 private:
  Pipe output_, report_;
  Fork fork_;
};

// Whether the process with this number ends soon, or has ended.
inline bool ends_soon(pid_t pid) {
  const FileHandle handle = open_pidfd(pid);
  return (!handle.valid() && errno == ESRCH) || (handle.valid() && readable_soon(handle.get()));
}

}  // namespace mend
