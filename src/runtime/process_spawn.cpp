#include "runtime/process_spawn.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <csignal>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/descriptors.h"

namespace mend {
namespace {

enum class Stage : int { terminal, folder, limits, descriptors, execute };

struct Report {  // what a child that could not become the program writes before it leaves
  Stage stage;
  int error;
};

struct Orders {  // pointers only to what was made before the fork
  const PreparedProcess* prepared;
  char* const* argv;
  char* const* env;
  ChildStreams streams;
  pid_t parent;
  int go, go_writer, report;
};

constexpr char kGoWithCgroup = 'c', kGoWithRlimit = 'r';

[[noreturn]] void give_up(const Orders& orders, Stage stage) {
  const Report report{stage, errno};
  [[maybe_unused]] const ssize_t ignored = ::write(orders.report, &report, sizeof report);
  ::_exit(127);
}

// Handlers of ours must not run in the child, and a mask or an ignored SIGPIPE of ours is none of its business.
void reset_signals() {
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction now {};
    if (::sigaction(number, nullptr, &now) != 0) continue;
    if (now.sa_handler == SIG_DFL || (now.sa_handler == SIG_IGN && number != SIGPIPE && number != SIGCHLD)) continue;
    struct sigaction plain {};
    plain.sa_handler = SIG_DFL;
    ::sigaction(number, &plain, nullptr);
  }
  sigset_t none{};
  ::sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

// Runs in a fork of a process with threads: only async-signal-safe calls, no allocation.
[[noreturn]] void become(const Orders& orders) {
  // A session and not only a group: without a terminal of its own, a job that asks one for a password fails instead of stopping.
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != orders.parent) ::_exit(127);
  ::close(orders.go_writer);
  char go = 0;
  if (::read(orders.go, &go, 1) != 1) ::_exit(127);

  if (orders.streams.terminal >= 0 && ::ioctl(orders.streams.terminal, TIOCSCTTY, 0) != 0) give_up(orders, Stage::terminal);
  for (int stream = 0; stream < 3; ++stream) {
    const int end = orders.streams.ends[std::size_t(stream)];
    if (end != stream && ::dup2(end, stream) < 0) give_up(orders, Stage::descriptors);
  }
  const auto& prepared = *orders.prepared;
  if (!prepared.folder.empty() && ::chdir(prepared.folder.c_str()) != 0) give_up(orders, Stage::folder);
  // On exec and not now: the pipe to report on is needed until then.
  if (::close_range(STDERR_FILENO + 1, UINT_MAX, CLOSE_RANGE_CLOEXEC) != 0) give_up(orders, Stage::descriptors);
  reset_signals();
  for (const auto& limit : prepared.limits)
    if (::setrlimit(__rlimit_resource_t(limit.resource), &limit.value) != 0) give_up(orders, Stage::limits);
  if (go == kGoWithRlimit && prepared.address_space && ::setrlimit(RLIMIT_AS, &*prepared.address_space) != 0)
    give_up(orders, Stage::limits);
  ::execve(prepared.program.c_str(), orders.argv, orders.env);
  give_up(orders, Stage::execute);
}

// All signals blocked in this thread while it lives, so that no handler of ours runs in a child before it reset them.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all{};
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~AllSignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

std::unexpected<Error> why_not_started(const PreparedProcess& prepared, const Report& report) {
  const int number = report.error;
  switch (report.stage) {
    case Stage::terminal: return fail_errno("giving the process a terminal", number);
    case Stage::folder: return fail_errno("entering the folder " + prepared.folder, number);
    case Stage::limits: return fail_errno("setting the process's limits", number);
    case Stage::descriptors: return fail_errno("setting up the process's input and output", number);
    case Stage::execute: break;
  }
  if (number == ENOENT)
    return fail(ErrorKind::not_found,
                fmt::format("{} is there, but not the interpreter that it names in its first line", prepared.program));
  if (number == ENOEXEC)
    return fail(ErrorKind::invalid_input, fmt::format("{} is no program; a script needs a first line such as #!/bin/sh", prepared.program));
  return fail_errno("executing " + prepared.program, number);
}

// Nothing when the program began.
Result<std::optional<Report>> wait_for_report(int report, CallContext& call) {
  for (;;) {
    pollfd wanted{report, POLLIN, 0};
    const int ready = ::poll(&wanted, 1, 50);
    if (ready > 0) break;
    MEND_CHECK(call.check());
  }
  Report text{};
  ssize_t count = 0;
  do count = ::read(report, &text, sizeof text);
  while (count < 0 && errno == EINTR);
  if (count == ssize_t(sizeof text)) return text;
  return std::nullopt;
}

// The most memory the running process has had; 0 when it has ended.
std::uint64_t high_water_mark(pid_t pid) {
  const auto status = read_file(fmt::format("/proc/{}/status", pid), 1U << 16U);
  if (!status) return 0;
  const auto at = status->find("VmHWM:");
  if (at == std::string::npos) return 0;
  const auto digits = status->find_first_of("0123456789", at);
  std::uint64_t kib = 0;
  if (digits == std::string::npos) return 0;
  std::from_chars(status->data() + digits, status->data() + status->size(), kib);
  return kib * 1024;
}

}  // namespace

Result<std::unique_ptr<Child>> Child::start(PreparedProcess prepared, const ChildStreams& streams,
                                            std::optional<std::uint64_t> memory_bytes, CallContext& call) {
  std::unique_ptr<Child> child(new Child);
  MEND_CHECK(child->begin(prepared, streams, memory_bytes, call));
  return child;
}

Result<void> Child::begin(PreparedProcess& prepared, const ChildStreams& streams, std::optional<std::uint64_t> memory_bytes,
                          CallContext& call) {
  MEND_TRY(auto go, make_pipe());
  MEND_TRY(auto report, make_pipe());
  const auto argv = pointers(prepared.argv), env = pointers(prepared.env);
  const Orders orders{&prepared,      argv.data(),     env.data(),
                      streams,        ::getpid(),      go.reader.get(),
                      go.writer.get(), report.writer.get()};
  {
    const AllSignalsBlocked blocked;
    pid_ = ::fork();
    if (pid_ < 0) return fail_errno("starting a process", errno);
    if (pid_ == 0) become(orders);
    report.writer.reset();
    pidfd_ = open_pidfd(pid_);
    if (!pidfd_.valid()) return fail_errno("watching a process", errno);
    peak_at_fork_ = high_water_mark(pid_);
    if (auto leaf = CgroupLeaf::make(fmt::format("{}-{}", ::getpid(), pid_), memory_bytes); leaf && leaf->add(pid_))
      cgroup_.emplace(std::move(*leaf));
    MEND_TRY(guard_, ProcessGuard::start(pid_, cgroup_ ? cgroup_->folder() : std::string{}));
  }
  const char order = cgroup_ && cgroup_->limits_memory() ? kGoWithCgroup : kGoWithRlimit;
  if (::write(go.writer.get(), &order, 1) != 1) return fail_errno("starting a process", errno);
  MEND_TRY(const auto failed, wait_for_report(report.reader.get(), call));
  if (failed) return why_not_started(prepared, *failed);
  sample_memory();
  return {};
}

Child::~Child() {
  if (pid_ <= 0) return;
  kill_all();
  // SIGKILL cannot be refused, but a process inside the kernel takes it later: it is left to be reaped by whoever inherits it.
  pollfd ended{pidfd_.get(), POLLIN, 0};
  if (!pidfd_.valid() || ::poll(&ended, 1, 2000) > 0)
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {}
}

void Child::signal_group(int number) const {
  if (pid_ > 0) ::kill(-pid_, number);
}

void Child::kill_all() const {
  if (pid_ <= 0) return;
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);  // its group does not exist before it made one
  if (cgroup_) cgroup_->kill_all();
}

void Child::sample_memory() { peak_sampled_ = std::max(peak_sampled_, high_water_mark(pid_)); }

Result<Child::End> Child::reap() {
  End end;
  pid_t got = 0;
  do got = ::wait4(pid_, &end.status, 0, &end.used);
  while (got < 0 && errno == EINTR);
  const pid_t wanted = std::exchange(pid_, -1);
  if (got != wanted) return fail_errno("learning how the process ended", errno);
  return end;
}

// Between fork and exec the child counts as using what we use, and the kernel keeps that in ru_maxrss for good: up to about that
// mark (the kernel counts per processor and is not exact) only what was seen while it ran says something.
std::uint64_t Child::peak_memory_bytes(const rusage& used) const {
  const std::uint64_t slack = std::max<std::uint64_t>(8U << 20U, peak_at_fork_ / 8);
  const auto from_kernel = std::uint64_t(used.ru_maxrss) * 1024;
  return from_kernel > peak_at_fork_ + slack ? from_kernel : std::min(from_kernel, peak_sampled_);
}

}  // namespace mend
