#include "runtime/process_streams.h"

#include <algorithm>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <unistd.h>

#include "runtime/descriptors.h"

namespace mend {

Result<std::unique_ptr<ProcessStreams>> ProcessStreams::open(ProcessOutput output, std::size_t tail_bytes, Log& log) {
  std::unique_ptr<ProcessStreams> made(new ProcessStreams(tail_bytes, log));
  MEND_TRY(made->null_, above_standard_streams(FileHandle(::open("/dev/null", O_RDWR | O_CLOEXEC))));
  if (!made->null_.valid()) return fail_errno("opening /dev/null", errno);
  MEND_CHECK(output == ProcessOutput::capture ? made->capture() : made->pass_through());
  return made;
}

Result<void> ProcessStreams::capture() {
  child_ends_[0] = null_.get();
  MEND_CHECK(add_pipe(1, -1));
  return add_pipe(2, -1);
}

Result<void> ProcessStreams::pass_through() {
  std::array<bool, 3> is_terminal{};
  for (int stream = 0; stream < 3; ++stream) is_terminal[std::size_t(stream)] = ::isatty(stream) == 1;
  if (std::ranges::count(is_terminal, true) > 0) MEND_CHECK(pass_terminal(is_terminal));
  if (!is_terminal[0]) child_ends_[0] = is_open(0) ? 0 : null_.get();
  for (int stream = 1; stream < 3; ++stream)
    if (!is_terminal[std::size_t(stream)]) MEND_CHECK(add_pipe(stream, is_open(stream) ? stream : -1));
  return {};
}

Result<void> ProcessStreams::pass_terminal(std::array<bool, 3> is_terminal) {
  our_terminal_ = is_terminal[0] ? 0 : is_terminal[1] ? 1 : 2;
  const bool keys = is_terminal[0] && ::tcgetpgrp(0) == ::getpgrp();
  MEND_TRY(terminal_, PseudoTerminal::open(our_terminal_, !keys));
  for (std::size_t stream = 0; stream < 3; ++stream)
    if (is_terminal[stream]) child_ends_[stream] = terminal_.slave.get();

  int sink = is_terminal[1] ? 1 : 2;
  Tail* tail = is_terminal[1] ? &out_tail_ : &err_tail_;
  if (!is_terminal[1] && !is_terminal[2]) {
    MEND_TRY(dialogue_, above_standard_streams(FileHandle(::open("/dev/tty", O_WRONLY | O_NOCTTY | O_CLOEXEC))));
    sink = dialogue_.get();
    tail = nullptr;
  }
  outputs_.emplace_back(FileHandle(), terminal_.master.get(), sink, [tail](std::string_view bytes) {
    if (tail != nullptr) tail->append(bytes);
  });
  if (!keys) return {};
  raw_ = RawTerminal::enter(0);
  keys_ = std::make_unique<ByteRelay>(FileHandle(), 0, terminal_.master.get(), [this](std::string_view bytes) {
    if (const int typed = terminal_.signal_typed(bytes); typed != 0) typed_signal_ = typed;
  });
  return {};
}

Result<void> ProcessStreams::add_pipe(int stream, int sink) {
  MEND_TRY(auto pipe, make_pipe());
  MEND_CHECK(set_nonblocking(pipe.reader.get()));
  const int source = pipe.reader.get();
  Tail& tail = stream == 1 ? out_tail_ : err_tail_;
  outputs_.emplace_back(std::move(pipe.reader), source, sink, [&tail](std::string_view bytes) { tail.append(bytes); });
  child_ends_[std::size_t(stream)] = pipe.writer.get();
  pipe_ends_[std::size_t(stream)] = std::move(pipe.writer);
  return {};
}

std::array<int, 3> ProcessStreams::child_ends() const { return child_ends_; }

// The terminal's slave stays open until the child ends: without any holder the master reports its end, and a child may well
// close its streams and open /dev/tty again.
void ProcessStreams::started() {
  for (auto& end : pipe_ends_) end.reset();
}

void ProcessStreams::child_ended() {
  keys_.reset();
  terminal_.slave.reset();
}

void ProcessStreams::window_changed() const {
  if (our_terminal_ >= 0) terminal_.copy_window_size(our_terminal_);
}

void ProcessStreams::add_polls(std::vector<pollfd>& polls) const {
  const auto add = [&](const ByteRelay& relay) {
    polls.push_back({relay.readable_wanted(), POLLIN, 0});
    polls.push_back({relay.writable_wanted(), POLLOUT, 0});
  };
  for (const auto& relay : outputs_) add(relay);
  if (keys_) add(*keys_);
}

void ProcessStreams::pump(std::span<const pollfd> polls) {
  const auto pump_one = [&](ByteRelay& relay) {
    if (polls.size() < 2) return;
    if (polls[0].revents != 0) relay.read_some();
    if (polls[1].revents != 0) relay.write_some();
    polls = polls.subspan(2);
  };
  for (auto& relay : outputs_) {
    pump_one(relay);
    warn_once(relay);
  }
  if (keys_) pump_one(*keys_);
}

void ProcessStreams::warn_once(ByteRelay& relay) {
  if (warned_ || relay.sink_error() == 0 || relay.sink_error() == EPIPE) return;
  warned_ = true;
  log_->warning("passing a job's output on: {}", fail_errno("write", relay.sink_error()).error().message);
}

bool ProcessStreams::waiting_for_reader() const {
  return std::ranges::any_of(outputs_, [](const ByteRelay& relay) { return relay.waiting(); });
}

bool ProcessStreams::finished() const {
  return std::ranges::all_of(outputs_, [](const ByteRelay& relay) { return relay.finished(); });
}

}  // namespace mend
