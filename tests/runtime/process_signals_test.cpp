// Signals sent to the supervisor.
#include "runtime/process_signals.h"

#include <thread>

#include <gmock/gmock.h>

#include "helpers.h"

namespace mend {
namespace {

ProcessSpec forwarding(std::string script) {
  auto spec = shell(std::move(script));
  spec.output = ProcessOutput::pass_through;
  spec.forward_signals = true;
  return spec;
}

class ForwardedSignal : public testing::TestWithParam<int> {};

TEST_P(ForwardedSignal, ReachesTheGroupAndIsReported) {
  Supervised supervised(forwarding("trap 'echo got; exit 5' INT TERM HUP QUIT; echo ready; while :; do sleep 0.05; done"));
  ASSERT_TRUE(supervised.output_has("ready\n"));
  supervised.signal(GetParam());
  EXPECT_TRUE(supervised.output_has("got\n"));
  EXPECT_EQ(supervised.outcome(), fmt::format("exit=5 signal=0 timed_out=0 stopped=1 forwarded={}", GetParam()));
  EXPECT_EQ(supervised.process().wait(), 0);
}
INSTANTIATE_TEST_SUITE_P(All, ForwardedSignal, testing::Values(SIGINT, SIGTERM, SIGHUP, SIGQUIT));

TEST(ForwardedSignals, TheSameOneTwiceIsForwardedTwice) {
  Supervised supervised(
      forwarding("n=0; trap 'n=$((n+1)); echo n$n; [ $n -lt 2 ] || exit 7' USR1; echo ready; while :; do sleep 0.05; done"));
  ASSERT_TRUE(supervised.output_has("ready\n"));
  supervised.signal(SIGUSR1);
  ASSERT_TRUE(supervised.output_has("n1\n"));
  supervised.signal(SIGUSR1);
  EXPECT_TRUE(supervised.output_has("n2\n"));
  EXPECT_EQ(supervised.outcome(), fmt::format("exit=7 signal=0 timed_out=0 stopped=0 forwarded={}", SIGUSR1));
}

TEST(ForwardedSignals, AUserSignalThatEndsTheChildStoppedIt) {
  Supervised supervised(forwarding("echo ready; exec sleep 1000"));
  ASSERT_TRUE(supervised.output_has("ready\n"));
  supervised.signal(SIGUSR2);
  EXPECT_EQ(supervised.outcome(), fmt::format("exit=-1 signal={0} timed_out=0 stopped=1 forwarded={0}", SIGUSR2));
}

TEST(ForwardedSignals, OneThatWasIgnoredStaysIgnored) {
  Supervised supervised(forwarding("trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done"), [] { ::signal(SIGHUP, SIG_IGN); });
  ASSERT_TRUE(supervised.output_has("ready\n"));
  supervised.signal(SIGHUP);
  supervised.signal(SIGTERM);
  EXPECT_EQ(supervised.outcome(), fmt::format("exit=5 signal=0 timed_out=0 stopped=1 forwarded={}", SIGTERM));
}

TEST(ForwardedSignals, WithoutForwardingASignalEndsTheSupervisorAndTheChild) {
  auto spec = forwarding("echo $$; echo ready; exec sleep 1000");
  spec.forward_signals = false;
  Supervised supervised(spec);
  ASSERT_TRUE(supervised.output_has("ready\n"));
  const FileHandle child = open_pidfd(std::stoi(supervised.output));
  supervised.signal(SIGTERM);
  EXPECT_EQ(supervised.process().wait(), 1000 + SIGTERM);
  EXPECT_TRUE(readable_soon(child.get()));
}

TEST(SignalForwarder, RestoresWhatWasThereBefore) {
  struct sigaction mine {}, during {}, after {};
  mine.sa_handler = [](int) {};
  struct sigaction before {};
  ASSERT_EQ(::sigaction(SIGUSR1, &mine, &before), 0);
  {
    auto first = SignalForwarder::start();
    auto second = SignalForwarder::start();
    ASSERT_TRUE(first && second);
    first->reset();
    ::sigaction(SIGUSR1, nullptr, &during);
    EXPECT_NE(during.sa_handler, mine.sa_handler);
  }
  ::sigaction(SIGUSR1, &before, &after);
  EXPECT_EQ(after.sa_handler, mine.sa_handler);
}

TEST(SignalForwarder, EveryOneOfSeveralGetsTheSignal) {
  auto first = SignalForwarder::start().value();
  auto second = SignalForwarder::start().value();
  ::raise(SIGUSR1);
  ::raise(SIGHUP);
  const std::vector<int> expected{SIGUSR1, SIGHUP};
  EXPECT_EQ(first->take(), expected);
  EXPECT_EQ(second->take(), expected);
  EXPECT_TRUE(first->take().empty());
}

TEST(SignalForwarder, TooManyAreRefused) {
  std::vector<std::unique_ptr<SignalForwarder>> living;
  std::optional<Error> refused;
  while (!refused && living.size() < 1000) {
    auto made = SignalForwarder::start();
    if (made) living.push_back(std::move(*made));
    else refused = made.error();
  }
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->kind, ErrorKind::exhausted);
  living.clear();
  EXPECT_TRUE(SignalForwarder::start());
}

TEST(SignalForwarder, AnotherThreadsSystemCallGoesOn) {
  auto pipe = make_pipe().value();
  const auto forwarder = SignalForwarder::start().value();
  ssize_t got = 0;
  std::jthread reader([&] {
    char byte = 0;
    got = ::read(pipe.reader.get(), &byte, 1);
  });
  for (int i = 0; i < 20; ++i) ::pthread_kill(reader.native_handle(), SIGUSR1);
  ASSERT_TRUE(readable_soon(forwarder->fd()));
  ASSERT_EQ(::write(pipe.writer.get(), "x", 1), 1);
  reader.join();
  EXPECT_EQ(got, 1);
}

TEST(SigpipeBlock, TurnsASignalIntoAnError) {
  auto pipe = make_pipe().value();
  pipe.reader.reset();
  Fork writer([&] {
    ::signal(SIGPIPE, SIG_DFL);
    {
      const SigpipeBlock block;
      if (::write(pipe.writer.get(), "x", 1) != -1 || errno != EPIPE) return 1;
    }
    [[maybe_unused]] const ssize_t deadly = ::write(pipe.writer.get(), "x", 1);
    return 2;
  });
  EXPECT_EQ(writer.wait(), 1000 + SIGPIPE);
}

}  // namespace
}  // namespace mend
