// Signals of ours that are to reach a child process instead of ending us, and SIGPIPE kept away from a thread that writes.
#pragma once

#include <csignal>
#include <memory>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace mend {

// While one lives, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 and SIGWINCH sent to this process arrive here and do
// nothing else; the former handlers come back with the last one. A signal that was ignored before (nohup) stays ignored. Several
// may live at a time: each gets every signal. No thread's signal mask is touched. Any thread may start one; one thread reads it.
class SignalForwarder {
 public:
  // exhausted when too many live already.
  static Result<std::unique_ptr<SignalForwarder>> start();
  ~SignalForwarder();
  SignalForwarder(const SignalForwarder&) = delete;
  SignalForwarder& operator=(const SignalForwarder&) = delete;

  int fd() const { return reader_.get(); }  // readable when take() has something
  std::vector<int> take();                  // the signals that came since the last call, in order; does not wait

 private:
  SignalForwarder() = default;
  FileHandle reader_, writer_;
  int slot_ = -1;
};

// Keeps SIGPIPE away from the calling thread: a write to a closed pipe then only fails with EPIPE. Same thread for both ends.
class SigpipeBlock {
 public:
  SigpipeBlock();
  ~SigpipeBlock();
  SigpipeBlock(const SigpipeBlock&) = delete;
  SigpipeBlock& operator=(const SigpipeBlock&) = delete;

 private:
  sigset_t before_{};
  bool was_pending_ = false;
};

}  // namespace mend
