// Terminals: a pseudo-terminal for a child, and our own one switched so that keys go to the child untouched.
#pragma once

#include <memory>
#include <string_view>

#include <termios.h>

#include "base/file.h"
#include "base/result.h"

namespace mend {

// A new pseudo-terminal. `master` is ours and does not wait; `slave` is what the child gets. Owned by one thread.
struct PseudoTerminal {
  FileHandle master, slave;

  // Settings and window size are those of `like`, a terminal of ours. With `plain_output` it leaves line ends alone, for a
  // terminal of ours that still does that itself.
  static Result<PseudoTerminal> open(int like, bool plain_output);
  void copy_window_size(int from) const;
  // SIGINT or SIGQUIT when typing these keys makes the terminal send it, else 0.
  int signal_typed(std::string_view keys) const;
};

// Our own terminal in raw mode while it lives; the former settings come back with the destructor.
class RawTerminal {
 public:
  // Null when `fd` is no terminal or we are not in its foreground: to touch it would stop us.
  static std::unique_ptr<RawTerminal> enter(int fd);
  ~RawTerminal();
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

 private:
  RawTerminal(int fd, const termios& before) : fd_(fd), before_(before) {}
  int fd_;
  termios before_;
};

}  // namespace mend
