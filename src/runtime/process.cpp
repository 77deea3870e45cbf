#include "runtime/process.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <stop_token>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/descriptors.h"
#include "runtime/process_prepare.h"
#include "runtime/process_signals.h"
#include "runtime/process_spawn.h"
#include "runtime/process_streams.h"

namespace mend {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kTick = seconds{1};
// How often the memory is looked at: at first more often, for a short life should be seen too; a silent process every kTick.
constexpr Duration kFirstSample = milliseconds{5};
constexpr Duration kSampling = milliseconds{100};
// What a background part of the job (`exec > >(tee log)`) may still take to hand its output over after the job itself ended.
constexpr Duration kSettle = seconds{1};
constexpr Duration kLastDrain = milliseconds{200};
constexpr Duration kUnkillable = seconds{30};      // SIGKILL was sent and it is still there: stuck inside the kernel

bool asks_to_end(int number) { return number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGQUIT; }

Duration cpu_of(const rusage& used) {
  const auto of = [](const timeval& time) { return Duration(seconds{time.tv_sec}) + Duration(time.tv_usec); };
  return of(used.ru_utime) + of(used.ru_stime);
}

class Supervisor {
 public:
  Supervisor(const ProcessSpec& spec, CallContext& call) : spec_(spec), call_(call) {}

  Result<ProcessResult> run(const std::function<void(int)>& on_start) {
    MEND_CHECK(start());
    if (on_start) on_start(child_->pid());
    {
      const std::stop_callback wake(call_.stop(), [this] { ::eventfd_write(wake_.get(), 1); });
      MEND_CHECK(watch());
      settle();
    }
    return result();
  }

 private:
  Result<void> start();
  Result<void> watch();
  void settle();
  bool drain(Duration allowed, bool only_what_is_there);
  Result<ProcessResult> result();

  bool step(Duration longest);  // polls once; true when the child has ended
  void forward();
  void end_it(bool& why);
  Duration until(std::optional<SteadyTime> time) const { return time ? std::max(*time - now_, Duration{0}) : kTick; }

  const ProcessSpec& spec_;
  CallContext& call_;
  SigpipeBlock no_sigpipe_;
  FileHandle wake_;
  std::unique_ptr<SignalForwarder> forwarder_;
  std::unique_ptr<ProcessStreams> streams_;
  std::unique_ptr<Child> child_;
  std::vector<pollfd> polls_;
  ProcessResult result_;
  SteadyTime begun_, now_, sampled_;
  std::optional<SteadyTime> deadline_, kill_at_, give_up_at_;
  Duration sample_wait_ = kFirstSample;
  int ready_ = 0;  // how many descriptors the last poll found ready
  bool asked_to_end_ = false, killed_ = false, child_gone_ = false;
};

Result<void> Supervisor::start() {
  MEND_CHECK(call_.check());
  MEND_TRY(auto prepared, prepare_process(spec_));
  MEND_TRY(wake_, above_standard_streams(FileHandle(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))));
  if (!wake_.valid()) return fail_errno("supervising a process", errno);
  MEND_TRY(streams_, ProcessStreams::open(spec_.output, spec_.tail_bytes, call_.log()));
  // With our terminal in raw mode a signal must not end us either, or the terminal stays like that.
  if (spec_.forward_signals || streams_->keys_relayed()) {
    MEND_TRY(forwarder_, SignalForwarder::start());
  }
  MEND_TRY(child_,
           Child::start(std::move(prepared), {streams_->child_ends(), streams_->child_terminal()}, spec_.limits.memory_bytes, call_));
  streams_->started();
  begun_ = now_ = sampled_ = call_.clock().steady();
  deadline_ = call_.deadline();
  if (spec_.timeout > Duration{0}) deadline_ = std::min(deadline_.value_or(SteadyTime::max()), begun_ + spec_.timeout);
  return {};
}

bool Supervisor::step(Duration longest) {
  polls_.clear();
  polls_.push_back({child_gone_ ? -1 : child_->pidfd(), POLLIN, 0});
  polls_.push_back({call_.stop().stop_requested() ? -1 : wake_.get(), POLLIN, 0});
  polls_.push_back({forwarder_ ? forwarder_->fd() : -1, POLLIN, 0});
  streams_->add_polls(polls_);
  const auto wait = std::chrono::ceil<milliseconds>(longest).count();
  ready_ = std::max(::poll(polls_.data(), polls_.size(), int(wait)), 0);
  now_ = call_.clock().steady();
  if (ready_ == 0) return false;
  if (polls_[2].revents != 0) forward();
  streams_->pump(std::span(polls_).subspan(3));
  return polls_[0].revents != 0;
}

void Supervisor::forward() {
  for (const int number : forwarder_->take()) {
    if (number == SIGWINCH) {
      streams_->window_changed();
      continue;
    }
    child_->signal_group(number);
    result_.forwarded_signal = number;
    asked_to_end_ = asked_to_end_ || asks_to_end(number);
  }
}

void Supervisor::end_it(bool& why) {
  why = true;
  child_->signal_group(SIGTERM);
  child_->signal_group(SIGCONT);  // a stopped process hears nothing else
  kill_at_ = now_ + spec_.grace;
}

Result<void> Supervisor::watch() {
  for (;;) {
    const bool ending = result_.stopped || result_.timed_out;
    if (!ending && call_.stop().stop_requested()) end_it(result_.stopped);
    else if (!ending && deadline_ && now_ >= *deadline_) end_it(result_.timed_out);
    if (kill_at_ && !killed_ && now_ >= *kill_at_) {
      child_->kill_all();
      killed_ = true;
      give_up_at_ = now_ + kUnkillable;
    }
    if (give_up_at_ && now_ >= *give_up_at_)
      return fail(ErrorKind::internal, fmt::format("process {} is still there {} s after SIGKILL", child_->pid(),
                                                   std::chrono::duration_cast<seconds>(kUnkillable).count()));
    const auto next = killed_ ? give_up_at_ : kill_at_ ? kill_at_ : deadline_;
    if (step(std::min(until(next), sample_wait_))) return {};
    if (ready_ == 0 || now_ - sampled_ >= std::min(sample_wait_, kSampling)) {
      child_->sample_memory();
      sampled_ = now_;
      sample_wait_ = std::min(sample_wait_ * 2, kTick);
    }
  }
}

// Passes on what is still to come, until the end of all output, or for `allowed`: time in which whoever reads our own output is
// slow does not count. False when output was left.
bool Supervisor::drain(Duration allowed, bool only_what_is_there) {
  while (!streams_->finished()) {
    if (allowed <= Duration{0}) return false;
    const bool reader_is_slow = streams_->waiting_for_reader();
    // Nobody shall wait for a reader of ours who asked us to end.
    const bool give_up =
        call_.stop().stop_requested() || result_.timed_out || asked_to_end_ || (deadline_ && now_ >= *deadline_);
    const SteadyTime before = now_;
    const Duration wait = only_what_is_there && !reader_is_slow ? Duration{0} : std::min(allowed, Duration{milliseconds{100}});
    step(wait);
    if (only_what_is_there && !reader_is_slow && ready_ == 0) return false;
    // The clock may be one that stands still: a poll that ran into its time limit counts in any case.
    if (!reader_is_slow || give_up) allowed -= std::max(now_ - before, ready_ == 0 ? wait : Duration{1});
  }
  return true;
}

void Supervisor::settle() {
  child_gone_ = true;
  streams_->child_ended();
  // Until it is reaped nobody else can get its number, so that the group is surely the one meant.
  drain(killed_ ? Duration{0} : kSettle, false);
  child_->kill_all();
  drain(kLastDrain, true);
}

Result<ProcessResult> Supervisor::result() {
  if (forwarder_) forward();  // what came at the very end is not lost
  MEND_TRY(const auto end, child_->reap());
  result_.wall_time = now_ - begun_;
  if (WIFSIGNALED(end.status)) result_.signal = WTERMSIG(end.status);
  else result_.exit_code = WEXITSTATUS(end.status);

  if (streams_->typed_signal() != 0) {
    asked_to_end_ = true;
    if (result_.forwarded_signal == 0) result_.forwarded_signal = streams_->typed_signal();
  }
  const int last = result_.forwarded_signal;
  if (asked_to_end_ || (last != 0 && (result_.signal == last || result_.exit_code == 128 + last))) result_.stopped = true;

  result_.cpu_time = cpu_of(end.used);
  result_.peak_memory_bytes = child_->peak_memory_bytes(end.used);
  if (const auto* cgroup = child_->cgroup()) {
    const auto usage = cgroup->usage();
    if (usage.cpu_time) result_.cpu_time = std::max(result_.cpu_time, *usage.cpu_time);
    if (usage.peak_memory_bytes) result_.peak_memory_bytes = *usage.peak_memory_bytes;
    result_.oom_killed = usage.oom_killed;
  }
  result_.out_tail = streams_->take_out_tail();
  result_.err_tail = streams_->take_err_tail();
  return std::move(result_);
}

}  // namespace

Result<ProcessResult> run_process(const ProcessSpec& spec, CallContext& call, const std::function<void(int pid)>& on_start) {
  return Supervisor(spec, call).run(on_start);
}

}  // namespace mend
