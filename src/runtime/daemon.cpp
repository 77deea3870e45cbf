#include "runtime/daemon.h"

#include <cerrno>
#include <charconv>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/text.h"

namespace mend {
namespace {

constexpr std::size_t kSmallFile = 64 * 1024;

struct ProcessFacts {
  char state = '?';
  std::uint64_t start = 0;
};

Result<ProcessFacts> facts_of(pid_t pid) {
  MEND_TRY(const std::string text, read_file(fmt::format("/proc/{}/stat", pid), kSmallFile));
  // "pid (name) state ...": the name may hold blanks and brackets, so count from its end. The start time is field 22.
  const auto name_end = text.rfind(") ");
  if (name_end == std::string::npos) return fail(ErrorKind::internal, "/proc/PID/stat is not as expected");
  std::string_view rest = std::string_view(text).substr(name_end + 2);
  ProcessFacts facts;
  facts.state = rest.empty() ? '?' : rest.front();
  for (int field = 3; field < 22; ++field) {
    const auto blank = rest.find(' ');
    if (blank == std::string_view::npos) return fail(ErrorKind::internal, "/proc/PID/stat is not as expected");
    rest.remove_prefix(blank + 1);
  }
  if (std::from_chars(rest.data(), rest.data() + rest.size(), facts.start).ec != std::errc{})
    return fail(ErrorKind::internal, "/proc/PID/stat is not as expected");
  return facts;
}

Result<std::string> boot_id() {
  MEND_TRY(const std::string text, read_file("/proc/sys/kernel/random/boot_id", kSmallFile));
  return std::string(trim(text));
}

template <class Number>
bool parse_whole(std::string_view text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

Result<std::string> ProcessIdentity::self() { return of(::getpid()); }

Result<std::string> ProcessIdentity::of(pid_t pid) {
  MEND_TRY(const std::string boot, boot_id());
  MEND_TRY(const ProcessFacts facts, facts_of(pid));
  return fmt::format("{}:{}:{}", boot, pid, facts.start);
}

Result<bool> ProcessIdentity::alive(std::string_view text) {
  const auto first = text.find(':'), second = text.rfind(':');
  pid_t pid = 0;
  std::uint64_t start = 0;
  if (first == std::string_view::npos || first == second || first == 0 || !parse_whole(text.substr(first + 1, second - first - 1), pid) ||
      pid <= 0 || !parse_whole(text.substr(second + 1), start))
    return fail(ErrorKind::invalid_input, fmt::format("'{}' does not name a process: wanted is boot:pid:start", cut_utf8(text, 80)));
  MEND_TRY(const std::string boot, boot_id());
  if (text.substr(0, first) != boot) return false;
  const auto facts = facts_of(pid);
  if (!facts && facts.error().kind == ErrorKind::not_found) return false;
  if (!facts) return std::unexpected(facts.error());
  return facts->start == start && facts->state != 'Z' && facts->state != 'X';
}

Result<FileLock> FileLock::try_lock(const std::filesystem::path& path, Mode mode) {
  FileHandle file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file.valid()) return fail_errno("locking " + path.string(), errno);
  int done = 0;
  do done = ::flock(file.get(), (mode == Mode::exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB);
  while (done != 0 && errno == EINTR);
  if (done != 0 && errno == EWOULDBLOCK) return fail(ErrorKind::conflict, fmt::format("{} is locked by another process", path.string()));
  if (done != 0) return fail_errno("locking " + path.string(), errno);
  return FileLock(std::move(file));
}

}  // namespace mend
