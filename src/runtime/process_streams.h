// What a child's standard input, output and error are connected with.
//
// capture: input is /dev/null; two pipes of which only the tails are kept.
// pass_through, each stream by itself: where ours is a terminal the child's is a pseudo-terminal, else input is inherited and
// output and error are pipes copied to ours. There is one pseudo-terminal, and it is the child's controlling terminal. What it
// prints goes to our standard output if that is a terminal, else to our standard error or, for a dialogue only, to /dev/tty.
// Keys are relayed (ours is in raw mode then) when our standard input is a terminal and we are in its foreground. Its line ends
// are changed once: by the pseudo-terminal when ours is raw, else by ours.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <poll.h>

#include "base/log.h"
#include "base/result.h"
#include "runtime/process.h"
#include "runtime/process_output.h"
#include "runtime/process_terminal.h"

namespace mend {

// Used by one thread. SIGPIPE must be blocked or ignored in it.
class ProcessStreams {
 public:
  static Result<std::unique_ptr<ProcessStreams>> open(ProcessOutput output, std::size_t tail_bytes, Log& log);

  std::array<int, 3> child_ends() const;                      // what the child gets as 0, 1, 2
  int child_terminal() const { return terminal_.slave.get(); }  // its controlling terminal, -1 for none
  bool keys_relayed() const { return raw_ != nullptr; }

  void started();          // the child runs: our copies of its pipe ends are closed
  void child_ended();      // no more keys; the output ends when all others who hold it are gone
  void window_changed() const;

  // For a poll loop: append the entries, poll, hand the same entries back.
  void add_polls(std::vector<pollfd>& polls) const;
  void pump(std::span<const pollfd> polls);

  bool waiting_for_reader() const;  // bytes are read from the child that whoever reads our output has not taken yet
  bool finished() const;            // all output came to its end and is passed on
  int typed_signal() const { return typed_signal_; }  // SIGINT or SIGQUIT when its key was relayed last, else 0
  std::string take_out_tail() { return out_tail_.take(); }
  std::string take_err_tail() { return err_tail_.take(); }

 private:
  ProcessStreams(std::size_t tail_bytes, Log& log) : log_(&log), out_tail_(tail_bytes), err_tail_(tail_bytes) {}
  Result<void> capture();
  Result<void> pass_through();
  Result<void> pass_terminal(std::array<bool, 3> is_terminal);
  Result<void> add_pipe(int stream, int sink);
  void warn_once(ByteRelay& relay);

  Log* log_;
  Tail out_tail_, err_tail_;
  PseudoTerminal terminal_;
  std::unique_ptr<RawTerminal> raw_;
  FileHandle null_, dialogue_;
  std::array<FileHandle, 3> pipe_ends_;
  std::array<int, 3> child_ends_{-1, -1, -1};
  std::vector<ByteRelay> outputs_;
  std::unique_ptr<ByteRelay> keys_;
  int our_terminal_ = -1;
  int typed_signal_ = 0;
  bool warned_ = false;
};

}  // namespace mend
