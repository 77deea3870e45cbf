#include "runtime/process_signals.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <ctime>
#include <mutex>
#include <thread>

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "runtime/descriptors.h"

namespace mend {
namespace {

constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH};
constexpr std::size_t kMostForwarders = 32;

// Signal dispositions belong to the whole process, so what the handler needs cannot be anywhere but here.
// A slot holds the descriptor to write to; 0 is free (ours are never below 3).
std::array<std::atomic<int>, kMostForwarders> signal_slots{};
std::atomic<int> handlers_running{0};
static_assert(std::atomic<int>::is_always_lock_free, "the handler may not lock");

struct Installed {
  std::mutex mutex;
  int users = 0;
  std::array<struct sigaction, kSignals.size()> before{};
};

Installed& installed() {
  static Installed state;
  return state;
}

void on_signal(int number) {
  const int saved = errno;
  handlers_running.fetch_add(1);
  const auto byte = static_cast<unsigned char>(number);
  for (const auto& slot : signal_slots)
    if (const int fd = slot.load(); fd > 0) [[maybe_unused]] const ssize_t ignored = ::write(fd, &byte, 1);
  handlers_running.fetch_sub(1);
  errno = saved;
}

void install(Installed& state) {
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], nullptr, &state.before[i]);
    if (state.before[i].sa_handler == SIG_IGN && kSignals[i] != SIGWINCH) continue;
    struct sigaction ours {};
    ours.sa_handler = on_signal;
    ours.sa_flags = SA_RESTART;  // other threads' system calls go on
    ::sigfillset(&ours.sa_mask);
    ::sigaction(kSignals[i], &ours, nullptr);
  }
}

void restore(Installed& state) {
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &state.before[i], nullptr);
}

}  // namespace

Result<std::unique_ptr<SignalForwarder>> SignalForwarder::start() {
  std::unique_ptr<SignalForwarder> made(new SignalForwarder);
  MEND_TRY(auto pipe, make_pipe());
  made->reader_ = std::move(pipe.reader);
  made->writer_ = std::move(pipe.writer);
  MEND_CHECK(set_nonblocking(made->reader_.get()));
  MEND_CHECK(set_nonblocking(made->writer_.get()));

  auto& state = installed();
  const std::lock_guard lock(state.mutex);
  for (std::size_t i = 0; i < signal_slots.size() && made->slot_ < 0; ++i) {
    int free = 0;
    if (signal_slots[i].compare_exchange_strong(free, made->writer_.get())) made->slot_ = int(i);
  }
  if (made->slot_ < 0) return fail(ErrorKind::exhausted, "forwarding signals: too many processes are supervised at a time");
  if (state.users++ == 0) install(state);
  return made;
}

SignalForwarder::~SignalForwarder() {
  if (slot_ < 0) return;
  auto& state = installed();
  const std::lock_guard lock(state.mutex);
  if (--state.users == 0) restore(state);
  signal_slots[std::size_t(slot_)].store(0);
  // A handler in another thread may have read the slot just before: the pipe stays open until it is through.
  while (handlers_running.load() != 0) std::this_thread::yield();
}

std::vector<int> SignalForwarder::take() {
  std::vector<int> signals;
  unsigned char bytes[64];
  for (;;) {
    const ssize_t count = ::read(reader_.get(), bytes, sizeof bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return signals;
    signals.insert(signals.end(), bytes, bytes + count);
  }
}

SigpipeBlock::SigpipeBlock() {
  sigset_t pipe{}, pending{};
  ::sigemptyset(&pipe);
  ::sigaddset(&pipe, SIGPIPE);
  ::sigpending(&pending);
  was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
  ::pthread_sigmask(SIG_BLOCK, &pipe, &before_);
}

SigpipeBlock::~SigpipeBlock() {
  sigset_t pipe{};
  ::sigemptyset(&pipe);
  ::sigaddset(&pipe, SIGPIPE);
  const timespec at_once{};
  while (!was_pending_ && ::sigtimedwait(&pipe, nullptr, &at_once) == SIGPIPE) {}
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace mend
