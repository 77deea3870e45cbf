// The bytes of a child: in which order, how many, and what happens when nobody reads them.
#include <fstream>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>

#include "helpers.h"
#include "runtime/process_output.h"

namespace mend {
namespace {

std::uint64_t own_peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stoull(line.substr(6)) * 1024;
  return 0;
}

class ProcessOutputs : public testing::Test {
 protected:
  RealCall real;
  TempFolder folder;
};

TEST(Tail, KeepsTheLastBytesHoweverTheyCome) {
  for (const std::size_t most : {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{64}}) {
    Tail tail(most);
    std::string all;
    for (int i = 0; i < 200; ++i) {
      const std::string piece(std::size_t(i * 7 % 23), char('a' + i % 26));
      tail.append(piece);
      all += piece;
    }
    EXPECT_EQ(tail.take(), all.substr(all.size() - most)) << most;
  }
}

TEST_F(ProcessOutputs, EveryByteValueComesThrough) {
  const auto result = run_process(python("import sys; sys.stdout.buffer.write(bytes(range(256))*16)"), real.call);
  ASSERT_TRUE(result);
  std::string expected;
  for (int i = 0; i < 16 * 256; ++i) expected += char(i % 256);
  EXPECT_EQ(result->out_tail, expected);
}

TEST_F(ProcessOutputs, AHundredMegabytesNeedNoMemory) {
  Fork supervisor([&] {
    const auto before = own_peak_memory();
    const auto result = run_process(shell("yes 0123456789 | head -c 100000000; printf end"), real.call);
    if (!result || result->exit_code != 0) return 1;
    if (result->out_tail.size() != 64 * 1024 || !result->out_tail.ends_with("end")) return 2;
    return own_peak_memory() - before < (24U << 20U) ? 0 : 3;
  });
  EXPECT_EQ(supervisor.wait(), 0);
}

TEST_F(ProcessOutputs, PassThroughCopiesAllBytesUnchangedToAFile) {
  auto spec = shell("yes 0123456789 | head -c 20000001");
  spec.output = ProcessOutput::pass_through;
  spec.tail_bytes = 10;
  std::string expected;
  while (expected.size() < 20000001) expected += "0123456789\n";
  expected.resize(20000001);
  Fork supervisor([&] {
    const int file = ::open((folder / "out").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::dup2(file, 1);
    const auto result = run_process(spec, real.call);
    return result && result->exit_code == 0 && result->out_tail == expected.substr(expected.size() - 10) ? 0 : 1;
  });
  EXPECT_EQ(supervisor.wait(), 0);
  EXPECT_EQ(read_file(folder / "out").value_or(""), expected);
}

TEST_F(ProcessOutputs, PassThroughKeepsTheStreamsApart) {
  auto spec = shell("for i in 1 2 3; do echo o$i; echo e$i >&2; done");
  spec.output = ProcessOutput::pass_through;
  Fork supervisor([&] {
    ::dup2(::open((folder / "out").c_str(), O_WRONLY | O_CREAT, 0600), 1);
    ::dup2(::open((folder / "err").c_str(), O_WRONLY | O_CREAT, 0600), 2);
    const auto result = run_process(spec, real.call);
    return result && result->out_tail == "o1\no2\no3\n" && result->err_tail == "e1\ne2\ne3\n" ? 0 : 1;
  });
  EXPECT_EQ(supervisor.wait(), 0);
  EXPECT_EQ(read_file(folder / "out").value_or(""), "o1\no2\no3\n");
  EXPECT_EQ(read_file(folder / "err").value_or(""), "e1\ne2\ne3\n");
}

TEST_F(ProcessOutputs, ASlowReaderSlowsTheChildAndLosesNothing) {
  auto spec = shell("yes 0123456789 | head -c 1000000");
  spec.output = ProcessOutput::pass_through;
  Supervised supervised(spec);
  ASSERT_TRUE(supervised.output_has("0123456789\n"));
  // The child has long written all that the pipes hold; the rest comes only as it is read.
  std::string all = supervised.output;
  all += read_to_end(supervised.output_fd());
  EXPECT_EQ(all.size(), 1000000U);
  EXPECT_EQ(supervised.outcome(), "exit=0 signal=0 timed_out=0 stopped=0 forwarded=0");
}

TEST_F(ProcessOutputs, AReaderThatDoesNotReadDoesNotKeepAStopWaiting) {
  auto spec = shell("yes 0123456789 | head -c 1000000");
  spec.output = ProcessOutput::pass_through;
  spec.forward_signals = true;
  Supervised supervised(spec);
  ASSERT_TRUE(supervised.output_has("0"));  // and from here on nobody reads
  supervised.signal(SIGTERM);
  EXPECT_THAT(supervised.outcome(), testing::EndsWith("stopped=1 forwarded=15"));
}

TEST_F(ProcessOutputs, AClosedOutputOfOursDoesNotKillTheChild) {
  auto spec = python("import sys\nfor i in range(1000): sys.stdout.write('x' * 1000)\nsys.stdout.flush()\nopen('" + (folder / "done") +
                     "', 'w').write('yes')");
  spec.output = ProcessOutput::pass_through;
  Fork supervisor([&] {
    auto pipe = make_pipe().value();
    ::dup2(pipe.writer.get(), 1);
    pipe.reader.reset();
    const auto result = run_process(spec, real.call);
    return result && result->exit_code == 0 && result->out_tail == std::string(64 * 1024, 'x') ? 0 : 1;
  });
  EXPECT_EQ(supervisor.wait(), 0);
  EXPECT_EQ(read_file(folder / "done").value_or(""), "yes");
}

TEST_F(ProcessOutputs, StreamsOfOursThatAreNotOpenAreNoProblem) {
  auto spec = shell("cat; echo fine; echo err >&2");
  spec.output = ProcessOutput::pass_through;
  Fork supervisor([&] {
    for (const int stream : {0, 1, 2}) ::close(stream);
    const auto result = run_process(spec, real.call);
    return result && result->exit_code == 0 && result->out_tail == "fine\n" && result->err_tail == "err\n" ? 0 : 1;
  });
  EXPECT_EQ(supervisor.wait(), 0);
}

TEST_F(ProcessOutputs, AChildThatClosesItsOutputRunsOn) {
  const auto result = run_process(shell("echo first; exec >&- 2>&-; sleep 0.2; exit 4"), real.call);
  EXPECT_EQ(describe(result), "exit=4 signal=0 timed_out=0 stopped=0 forwarded=0");
  EXPECT_EQ(result->out_tail, "first\n");
}

TEST_F(ProcessOutputs, OurInputIsTheChildsWhenPassedThrough) {
  auto spec = shell("cat; echo end");
  spec.output = ProcessOutput::pass_through;
  Supervised supervised(spec, [] {
    auto pipe = make_pipe().value();
    if (::write(pipe.writer.get(), "line\n", 5) != 5) ::_exit(9);
    ::dup2(pipe.reader.get(), 0);
  });
  EXPECT_TRUE(supervised.output_has("line\nend\n")) << supervised.output;
  EXPECT_EQ(supervised.outcome(), "exit=0 signal=0 timed_out=0 stopped=0 forwarded=0");
}

TEST_F(ProcessOutputs, ACapturedChildHasAnEmptyInput) {
  const auto result = run_process(shell("wc -c"), real.call);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->out_tail, "0\n");
}

}  // namespace
}  // namespace mend
