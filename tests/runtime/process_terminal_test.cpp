// A supervisor on a real terminal: the test holds the other side of it and types.
#include <array>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "helpers.h"

namespace mend {
namespace {

using testing::HasSubstr;
using testing::Not;

// "user" is where a person would type and read; "session" runs the supervisor with that terminal as its own.
class OnTerminal {
 public:
  struct Streams {
    bool in = true, out = true, err = true;  // which are the terminal
  };

  OnTerminal(ProcessSpec spec, Streams streams, std::string_view input = {}) : report_(make_pipe().value()) {
    spec.output = ProcessOutput::pass_through;
    user_ = FileHandle(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (::grantpt(user_.get()) != 0 || ::unlockpt(user_.get()) != 0) return;
    terminal_ = FileHandle(::ioctl(user_.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
    resize(30, 100);
    ::tcgetattr(terminal_.get(), &before_);
    out_ = make_pipe().value();
    err_ = make_pipe().value();
    auto in = make_pipe().value();
    if (::write(in.writer.get(), input.data(), input.size()) != ssize_t(input.size())) return;
    in.writer.reset();
    session_ = std::make_unique<Fork>([&] {
      ::setsid();
      ::ioctl(terminal_.get(), TIOCSCTTY, 0);
      ::dup2(streams.in ? terminal_.get() : in.reader.get(), 0);
      ::dup2(streams.out ? terminal_.get() : out_.writer.get(), 1);
      ::dup2(streams.err ? terminal_.get() : err_.writer.get(), 2);
      ::close(user_.get());
      RealCall real;
      const auto result = run_process(spec, real.call);
      std::string text = describe(result);
      if (result) text += fmt::format("\nout[{}]\nerr[{}]", result->out_tail, result->err_tail);
      return ::write(report_.writer.get(), text.data(), text.size()) == ssize_t(text.size()) ? 0 : 1;
    });
    report_.writer.reset();
    out_.writer.reset();
    err_.writer.reset();
  }

  bool shows(std::string_view text) { return read_until(user_.get(), screen, text); }
  void type(std::string_view keys) const { EXPECT_EQ(::write(user_.get(), keys.data(), keys.size()), ssize_t(keys.size())); }
  void resize(unsigned short rows, unsigned short columns) const {
    const winsize size{rows, columns, 0, 0};
    ::ioctl(user_.get(), TIOCSWINSZ, &size);
  }
  void signal(int number) const { ::kill(session_->pid(), number); }
  termios settings() const {
    termios now{};
    ::tcgetattr(terminal_.get(), &now);
    return now;
  }
  bool is_raw() const { return (settings().c_lflag & (ICANON | ECHO | ISIG)) == 0; }
  bool as_before() const {
    const termios now = settings();
    return now.c_iflag == before_.c_iflag && now.c_oflag == before_.c_oflag && now.c_cflag == before_.c_cflag &&
           now.c_lflag == before_.c_lflag && std::equal(std::begin(now.c_cc), std::end(now.c_cc), std::begin(before_.c_cc));
  }
  std::string outcome() { return read_to_end(report_.reader.get()); }
  std::string piped_out() { return read_to_end(out_.reader.get()); }
  std::string piped_err() { return read_to_end(err_.reader.get()); }
  int wait() { return session_->wait(); }
  std::string screen;

 private:
  FileHandle user_, terminal_;
  Pipe report_, out_, err_;
  termios before_{};
  std::unique_ptr<Fork> session_;
};

constexpr OnTerminal::Streams kAll{};
constexpr std::string_view kWhich = "import os,sys; print(*[os.isatty(i) for i in (0,1,2)], flush=True)\n";

TEST(ProcessTerminal, ATerminalStaysATerminalOfTheSameSize) {
  OnTerminal session(python(std::string(kWhich) + "print(*os.get_terminal_size(), os.ttyname(1))"), kAll);
  EXPECT_THAT(session.outcome(),
              testing::StartsWith("exit=0 signal=0 timed_out=0 stopped=0 forwarded=0\nout[True True True\r\n100 30 /dev/pts/"));
  ASSERT_TRUE(session.shows("/dev/pts/"));
  EXPECT_THAT(session.screen, testing::StartsWith("True True True\r\n100 30 "));
  EXPECT_EQ(session.wait(), 0);
  EXPECT_TRUE(session.as_before());
}

TEST(ProcessTerminal, KeysAreRelayedAndTheTerminalIsRestored) {
  OnTerminal session(python("name = input('name? ')\nprint('hello', name)"), kAll);
  ASSERT_TRUE(session.shows("name? ")) << session.screen;
  EXPECT_TRUE(session.is_raw());
  session.type("mend\x7f" "d\r");  // a rubout is the child's terminal's business
  ASSERT_TRUE(session.shows("hello mend\r\n")) << session.screen;
  EXPECT_THAT(session.screen, Not(HasSubstr("\r\r")));
  EXPECT_THAT(session.outcome(), testing::StartsWith("exit=0 "));
  EXPECT_EQ(session.wait(), 0);
  EXPECT_TRUE(session.as_before());
}

TEST(ProcessTerminal, AnInterruptKeyStopsTheJobAndIsReported) {
  OnTerminal session(shell("echo ready; exec sleep 1000"), kAll);
  ASSERT_TRUE(session.shows("ready"));
  session.type("\x03");
  EXPECT_THAT(session.outcome(), testing::StartsWith("exit=-1 signal=2 timed_out=0 stopped=1 forwarded=2"));
  EXPECT_EQ(session.wait(), 0);
  EXPECT_TRUE(session.as_before());
}

TEST(ProcessTerminal, ASignalInRawModeIsForwardedAndTheTerminalRestored) {
  OnTerminal session(shell("echo ready; exec sleep 1000"), kAll);  // although forward_signals is off
  ASSERT_TRUE(session.shows("ready"));
  EXPECT_TRUE(session.is_raw());
  session.signal(SIGTERM);
  EXPECT_THAT(session.outcome(), testing::StartsWith("exit=-1 signal=15 timed_out=0 stopped=1 forwarded=15"));
  EXPECT_EQ(session.wait(), 0);
  EXPECT_TRUE(session.as_before());
}

TEST(ProcessTerminal, WhatCannotBeStartedLeavesTheTerminalAsItWas) {
  ProcessSpec spec;
  spec.argv = {"no-such-program-here"};
  OnTerminal session(spec, kAll);
  EXPECT_THAT(session.outcome(), testing::StartsWith("error not_found"));
  EXPECT_EQ(session.wait(), 0);
  EXPECT_TRUE(session.as_before());
}

TEST(ProcessTerminal, ANewWindowSizeIsPassedOn) {
  OnTerminal session(python("import os,signal,sys\n"
                            "signal.signal(signal.SIGWINCH, lambda *a: (print(*os.get_terminal_size(), flush=True), sys.exit(0)))\n"
                            "print('ready', flush=True)\nwhile True: signal.pause()"),
                     kAll);
  ASSERT_TRUE(session.shows("ready"));
  session.resize(41, 99);
  EXPECT_TRUE(session.shows("99 41")) << session.screen;
  EXPECT_THAT(session.outcome(), testing::StartsWith("exit=0 "));
}

TEST(ProcessTerminal, OnlyOutputIsATerminal) {
  OnTerminal session(python(std::string(kWhich) + "print(sys.stdin.read().upper())"), {.in = false, .out = true, .err = true}, "piped\n");
  ASSERT_TRUE(session.shows("PIPED\r\n"));
  EXPECT_EQ(session.screen.substr(0, session.screen.find("PIPED")), "False True True\r\n");  // line ends changed once, by our terminal
  EXPECT_THAT(session.outcome(), HasSubstr("out[False True True\nPIPED\n\n]"));
  EXPECT_TRUE(session.as_before());
}

TEST(ProcessTerminal, OnlyInputIsATerminal) {
  OnTerminal session(
      python(std::string(kWhich) +
             "t = open('/dev/tty', 'w'); print('secret?', file=t, flush=True)\nprint('got', sys.stdin.readline(), flush=True)"),
      {.in = true, .out = false, .err = false});
  ASSERT_TRUE(session.shows("secret?")) << session.screen;
  session.type("sesame\r");
  EXPECT_EQ(session.piped_out(), "True False False\ngot sesame\n\n");
  EXPECT_THAT(session.outcome(), HasSubstr("exit=0 "));
  EXPECT_EQ(session.wait(), 0);
  EXPECT_TRUE(session.as_before());
}

TEST(ProcessTerminal, ErrorsGoToAFileStillWhenOutputIsATerminal) {
  OnTerminal session(python(std::string(kWhich) + "print('oops', file=sys.stderr)"), {.in = true, .out = true, .err = false});
  ASSERT_TRUE(session.shows("True True False\r\n"));
  EXPECT_EQ(session.piped_err(), "oops\n");
  EXPECT_THAT(session.outcome(), HasSubstr("err[oops\n]"));
  EXPECT_THAT(session.screen, Not(HasSubstr("oops")));
}

TEST(ProcessTerminal, AJobThatAsksTheTerminalWithoutHavingOneFailsInsteadOfHanging) {
  OnTerminal session(shell("cat /dev/tty || echo none"), {.in = false, .out = false, .err = false});
  EXPECT_EQ(session.piped_out(), "none\n");
  EXPECT_THAT(session.outcome(), HasSubstr("exit=0 "));
}

}  // namespace
}  // namespace mend
