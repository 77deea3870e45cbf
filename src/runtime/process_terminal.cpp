#include "runtime/process_terminal.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "runtime/descriptors.h"

namespace mend {

Result<PseudoTerminal> PseudoTerminal::open(int like, bool plain_output) {
  PseudoTerminal made;
  MEND_TRY(made.master, above_standard_streams(FileHandle(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC))));
  if (!made.master.valid() || ::grantpt(made.master.get()) != 0 || ::unlockpt(made.master.get()) != 0)
    return fail_errno("opening a pseudo-terminal", errno);
  MEND_TRY(made.slave, above_standard_streams(FileHandle(::ioctl(made.master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC))));
  if (!made.slave.valid()) return fail_errno("opening a pseudo-terminal", errno);
  MEND_CHECK(set_nonblocking(made.master.get()));
  termios settings{};
  if (::tcgetattr(like, &settings) == 0) {
    if (plain_output) settings.c_oflag &= ~tcflag_t(OPOST);
    ::tcsetattr(made.slave.get(), TCSANOW, &settings);
  }
  made.copy_window_size(like);
  return made;
}

void PseudoTerminal::copy_window_size(int from) const {
  winsize size{};
  if (::ioctl(from, TIOCGWINSZ, &size) == 0) ::ioctl(master.get(), TIOCSWINSZ, &size);
}

int PseudoTerminal::signal_typed(std::string_view keys) const {
  termios settings{};
  if (::tcgetattr(master.get(), &settings) != 0 || (settings.c_lflag & ISIG) == 0) return 0;
  int typed = 0;
  for (const char key : keys) {
    const auto code = static_cast<cc_t>(key);
    if (code == _POSIX_VDISABLE) continue;
    if (code == settings.c_cc[VINTR]) typed = SIGINT;
    if (code == settings.c_cc[VQUIT]) typed = SIGQUIT;
  }
  return typed;
}

std::unique_ptr<RawTerminal> RawTerminal::enter(int fd) {
  termios before{};
  if (::tcgetattr(fd, &before) != 0 || ::tcgetpgrp(fd) != ::getpgrp()) return nullptr;
  termios raw = before;
  ::cfmakeraw(&raw);
  if (::tcsetattr(fd, TCSANOW, &raw) != 0) return nullptr;
  return std::unique_ptr<RawTerminal>(new RawTerminal(fd, before));
}

RawTerminal::~RawTerminal() {
  // From the background this would stop us; the shell that put us there restores its own settings then.
  if (::tcgetpgrp(fd_) == ::getpgrp()) ::tcsetattr(fd_, TCSANOW, &before_);
}

}  // namespace mend
