// Runs the real `mendline` as a child process, waits for its end and gives what it wrote.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace mend {

inline std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

inline void write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
}

struct Ran {
  int status = -1;  // exit status; 128 + signal when one killed it; -1: it could not be started or did not end in time
  std::string out;
  std::string err;
};

// A started child. Killed by the destructor when it has not ended.
class BinaryChild {
 public:
  // `environment` is added to ours; a variable with an empty value is taken out. Output goes to files inside `folder`, which is
  // also the child's working folder.
  BinaryChild(const std::string& program, std::vector<std::string> arguments, const std::filesystem::path& folder,
              const std::map<std::string, std::string>& environment, const std::string& input = {}) {
    static int number = 0;
    const std::string base = (folder / (".ran-" + std::to_string(::getpid()) + "-" + std::to_string(++number))).string();
    in_ = base + ".in", out_ = base + ".out", err_ = base + ".err";
    write_text(in_, input);
    arguments.insert(arguments.begin(), program);
    std::vector<char*> words;
    for (auto& word : arguments) words.push_back(word.data());
    words.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ != 0) return;
    if (::chdir(folder.c_str()) != 0) ::_exit(126);
    for (const auto& [name, value] : environment) {
      if (value.empty()) ::unsetenv(name.c_str());
      else ::setenv(name.c_str(), value.c_str(), 1);
    }
    ::dup2(::open(in_.c_str(), O_RDONLY), 0);
    ::dup2(::open(out_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), 1);
    ::dup2(::open(err_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), 2);
    ::execvp(words.front(), words.data());
    ::_exit(127);
  }
  BinaryChild(const BinaryChild&) = delete;
  BinaryChild& operator=(const BinaryChild&) = delete;
  ~BinaryChild() {
    if (pid_ > 0 && !status_) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    for (const auto& file : {in_, out_, err_}) ::unlink(file.c_str());
  }

  void signal(int number) const {
    if (pid_ > 0 && !status_) ::kill(pid_, number);
  }
  std::string out() const { return file_text(out_); }
  std::string err() const { return file_text(err_); }

  // Waits for the end; when `most` passes before, it is killed and the status is -1.
  Ran wait(std::chrono::milliseconds most = std::chrono::seconds{120}) {
    if (pid_ < 0) return {};
    const int handle = int(::syscall(SYS_pidfd_open, pid_, 0));
    pollfd ended{handle, POLLIN, 0};
    const bool in_time = handle >= 0 && ::poll(&ended, 1, int(most.count())) == 1;
    if (handle >= 0) ::close(handle);
    if (!in_time) ::kill(pid_, SIGKILL);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    status_ = !in_time ? -1 : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return {*status_, out(), err()};
  }

 private:
  pid_t pid_ = -1;
  std::string in_, out_, err_;
  std::optional<int> status_;
};

inline std::string mendline_program() { return std::string(MEND_BINARY_DIR) + "/bin/mendline"; }

}  // namespace mend
