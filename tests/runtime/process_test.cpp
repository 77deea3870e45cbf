// Starting, ending, what cannot be started.
#include "runtime/process.h"

#include <fstream>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "helpers.h"

namespace mend {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

class Process : public testing::Test {
 protected:
  Result<ProcessResult> run(const ProcessSpec& spec) { return run_process(spec, real.call); }
  RealCall real;
  TempFolder folder;
};

TEST_F(Process, ReportsExitCodeTailsAndTimes) {
  const auto result = run(shell("echo out; echo err >&2; exit 3"));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(describe(result), "exit=3 signal=0 timed_out=0 stopped=0 forwarded=0");
  EXPECT_EQ(result->out_tail, "out\n");
  EXPECT_EQ(result->err_tail, "err\n");
  EXPECT_GT(result->wall_time, Duration{0});
  EXPECT_LT(result->wall_time, seconds{30});
}

TEST_F(Process, ReportsTheSignalThatEndedIt) {
  EXPECT_EQ(describe(run(shell("kill -SEGV $$"))), fmt::format("exit=-1 signal={} timed_out=0 stopped=0 forwarded=0", SIGSEGV));
}

TEST_F(Process, TellsThePidOnceItRuns) {
  int told = 0;
  const auto result = run_process(shell("echo $$"), real.call, [&](int pid) { told = pid; });
  ASSERT_TRUE(result);
  EXPECT_EQ(result->out_tail, std::to_string(told) + "\n");
}

TEST_F(Process, AddsToTheEnvironmentAndEntersTheFolder) {
  auto spec = shell("echo $MEND_A-$HOME; pwd -P");
  spec.env = {{"MEND_A", "x y"}, {"HOME", "/nowhere"}};
  spec.folder = folder.path();
  const auto result = run(spec);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->out_tail, "x y-/nowhere\n" + std::filesystem::canonical(folder.path()).string() + "\n");
}

TEST_F(Process, NothingIsInterpretedByAShell) {
  ProcessSpec spec;
  spec.argv = {"printf", "%s|", "$HOME", "a b", "*", ""};
  const auto result = run(spec);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->out_tail, "$HOME|a b|*||");
}

TEST_F(Process, FindsTheProgramInTheChildsPathAndFolder) {
  std::ofstream(folder / "tool") << "#!/bin/sh\necho from tool\n";
  ::chmod((folder / "tool").c_str(), 0755);
  ProcessSpec by_path;
  by_path.argv = {"tool"};
  by_path.env["PATH"] = folder.path().string() + ":/usr/bin:/bin";
  EXPECT_EQ(run(by_path)->out_tail, "from tool\n");
  ProcessSpec by_folder;
  by_folder.argv = {"./tool"};
  by_folder.folder = folder.path();
  EXPECT_EQ(run(by_folder)->out_tail, "from tool\n");
}

TEST_F(Process, WhatCannotBeStartedSaysWhy) {
  const auto expect = [&](const ProcessSpec& spec, ErrorKind kind, std::string_view text) {
    const auto result = run(spec);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().kind, kind) << result.error().message;
    EXPECT_THAT(result.error().message, HasSubstr(std::string(text)));
  };
  const auto program = [](std::string name) {
    ProcessSpec spec;
    spec.argv = {std::move(name)};
    return spec;
  };
  std::ofstream(folder / "plain") << "echo no first line\n";
  ::chmod((folder / "plain").c_str(), 0755);
  std::ofstream(folder / "orphan") << "#!/no/such/interpreter\n";
  ::chmod((folder / "orphan").c_str(), 0755);
  std::ofstream(folder / "data") << "#!/bin/sh\n";
  ::chmod((folder / "data").c_str(), 0644);

  expect(program("no-such-program-here"), ErrorKind::not_found, "'no-such-program-here' was not found in PATH");
  expect(program("/no/such/program"), ErrorKind::not_found, "/no/such/program does not exist");
  expect(program(folder / "data"), ErrorKind::permission, "may not be executed");
  expect(program(folder.path()), ErrorKind::permission, "may not be executed");
  expect(program(folder / "plain"), ErrorKind::invalid_input, "a script needs a first line");
  expect(program(folder / "orphan"), ErrorKind::not_found, "interpreter");
  expect(ProcessSpec{}, ErrorKind::invalid_input, "the command is empty");
  expect(program(""), ErrorKind::invalid_input, "the command is empty");
  expect(program(std::string("sh\0x", 4)), ErrorKind::invalid_input, "NUL");
  auto lost = shell("true");
  lost.folder = "/no/such/folder";
  expect(lost, ErrorKind::invalid_input, "the folder /no/such/folder does not exist");
  lost.folder = folder / "data";
  expect(lost, ErrorKind::invalid_input, "is not a folder");
  auto named = shell("true");
  named.env["A=B"] = "c";
  expect(named, ErrorKind::invalid_input, "environment: 'A=B'");
}

TEST_F(Process, NothingOfOursIsInherited) {
  const FileHandle careless(::open("/dev/null", O_RDONLY));  // not close-on-exec
  ASSERT_TRUE(careless.valid());
  const auto result = run(shell("ls /proc/$$/fd"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->out_tail, "0\n1\n2\n");
}

TEST_F(Process, SignalMaskAndIgnoredPipeSignalOfOursDoNotReachIt) {
  Fork supervisor([&] {
    sigset_t term{};
    ::sigemptyset(&term);
    ::sigaddset(&term, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &term, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    const auto result = run(python("import signal; print(len(signal.pthread_sigmask(signal.SIG_BLOCK, [])));\n"
                                   "print(int([l for l in open('/proc/self/status') if l.startswith('SigBlk')][0].split()[1], 16))"));
    const auto ignored = run(shell("grep SigIgn /proc/self/status | cut -f2"));
    if (!result || !ignored || result->out_tail != "0\n0\n") return 1;
    return (std::stoull(ignored->out_tail, nullptr, 16) >> (SIGPIPE - 1) & 1U) == 0 ? 0 : 2;
  });
  EXPECT_EQ(supervisor.wait(), 0);
}

TEST_F(Process, TimeoutEndsItPolitely) {
  auto spec = shell("trap 'echo tidy; exit 9' TERM; echo ready; while :; do sleep 0.05; done");
  spec.timeout = milliseconds{700};
  const auto result = run(spec);
  ASSERT_TRUE(result);
  EXPECT_EQ(describe(result), "exit=9 signal=0 timed_out=1 stopped=0 forwarded=0");
  EXPECT_EQ(result->out_tail, "ready\ntidy\n");
  EXPECT_GE(result->wall_time, milliseconds{700});
}

TEST_F(Process, TimeoutEndsItForGoodAfterTheGrace) {
  auto spec = shell("trap '' TERM; echo ready; while :; do sleep 0.05; done");
  spec.timeout = milliseconds{300};
  spec.grace = milliseconds{300};
  const auto result = run(spec);
  EXPECT_EQ(describe(result), "exit=-1 signal=9 timed_out=1 stopped=0 forwarded=0");
  EXPECT_GE(result->wall_time, milliseconds{600});
  EXPECT_LT(result->wall_time, seconds{20});
}

TEST_F(Process, TheCallsDeadlineCountsToo) {
  CallContext call = real.call.within(milliseconds{200});
  auto spec = shell("exec sleep 1000");
  spec.timeout = seconds{500};
  EXPECT_EQ(describe(run_process(spec, call)), "exit=-1 signal=15 timed_out=1 stopped=0 forwarded=0");
}

TEST_F(Process, AStopEndsItAlsoWhenItIsHalted) {
  const auto result = run_process(shell("exec sleep 1000"), real.call, [&](int pid) {
    ::kill(pid, SIGSTOP);
    real.stop.request_stop();
  });
  EXPECT_EQ(describe(result), "exit=-1 signal=15 timed_out=0 stopped=1 forwarded=0");
}

TEST_F(Process, AStopFromAnotherThreadWakesTheWait) {
  std::jthread stopper;
  const auto result = run_process(shell("exec sleep 1000"), real.call,
                                  [&](int) { stopper = std::jthread([&] { real.stop.request_stop(); }); });
  EXPECT_EQ(describe(result), "exit=-1 signal=15 timed_out=0 stopped=1 forwarded=0");
  EXPECT_LT(result->wall_time, seconds{20});
}

TEST_F(Process, AnEndedCallStartsNothing) {
  real.stop.request_stop();
  const auto result = run(shell("touch " + (folder / "started")));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::cancelled);
  EXPECT_FALSE(std::filesystem::exists(folder / "started"));
}

TEST_F(Process, SeveralAtATimeLeaveNoDescriptorBehind) {
  const auto open_now = [] { return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}); };
  const auto before = open_now();
  {
    std::vector<std::jthread> threads;
    std::atomic<int> good{0};
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        RealCall own;
        for (int i = 0; i < 8; ++i) {
          auto spec = shell(fmt::format("echo {}-{}", t, i));
          spec.forward_signals = i % 2 == 0;
          const auto result = run_process(spec, own.call);
          if (result && result->exit_code == 0 && result->out_tail == fmt::format("{}-{}\n", t, i)) ++good;
        }
      });
    threads.clear();
    EXPECT_EQ(good, 32);
  }
  EXPECT_EQ(open_now(), before);
}

}  // namespace
}  // namespace mend
