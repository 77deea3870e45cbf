// Limits, and how much was used.
#include <gmock/gmock.h>
#include <sys/resource.h>

#include "helpers.h"
#include "runtime/process_cgroup.h"

namespace mend {
namespace {

using testing::HasSubstr;

class ProcessLimit : public testing::Test {
 protected:
  RealCall real;
};

TEST_F(ProcessLimit, MemoryBeyondTheLimitIsRefusedOrEndsIt) {
  auto spec = python("x = bytearray(400 << 20)\nprint(len(x))");
  spec.limits.memory_bytes = 200U << 20U;
  const auto result = run_process(spec, real.call);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->out_tail, "");
  if (memory_cgroup_available()) {
    EXPECT_EQ(result->signal, SIGKILL);
    EXPECT_EQ(result->oom_killed, true);
  } else {
    EXPECT_EQ(result->exit_code, 1);
    EXPECT_THAT(result->err_tail, HasSubstr("MemoryError"));
    EXPECT_EQ(result->oom_killed, std::nullopt);
  }
}

TEST_F(ProcessLimit, MemoryByCgroup) {
  if (!memory_cgroup_available()) GTEST_SKIP() << "no cgroup v2 memory controller is ours on this machine";
  auto leaf = CgroupLeaf::make("memory-test", 64U << 20U);
  ASSERT_TRUE(leaf);
  EXPECT_TRUE(leaf->limits_memory());
  EXPECT_EQ(read_file(leaf->folder() + "/memory.max").value_or(""), std::to_string(64U << 20U) + "\n");
}

TEST_F(ProcessLimit, EnoughMemoryIsEnough) {
  auto spec = python("x = bytearray(50 << 20)\nprint(len(x))");
  spec.limits.memory_bytes = 1U << 30U;
  const auto result = run_process(spec, real.call);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->out_tail, "52428800\n");
}

TEST_F(ProcessLimit, CpuTime) {
  auto spec = python("while True: pass");
  spec.limits.cpu_seconds = 1;
  const auto result = run_process(spec, real.call);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->signal, SIGXCPU);
  EXPECT_GE(result->cpu_time, std::chrono::milliseconds{900});
}

TEST_F(ProcessLimit, OpenFiles) {
  auto spec = python("import os\nn = 0\ntry:\n  while True:\n    os.open('/dev/null', 0); n += 1\nexcept OSError as e: print(e.errno, n)");
  spec.limits.open_files = 32;
  const auto result = run_process(spec, real.call);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->out_tail, fmt::format("{} {}\n", EMFILE, 32 - 3));
}

TEST_F(ProcessLimit, AboveOurOwnHardLimitIsAnErrorAndNotSilentlyLess) {
  Supervised supervised(
      [] {
        auto spec = shell("ulimit -n");
        spec.limits.open_files = 300;
        return spec;
      }(),
      [] {
        const rlimit hard{200, 200};
        ::setrlimit(RLIMIT_NOFILE, &hard);
      });
  EXPECT_EQ(supervised.outcome(), "error invalid_input: limits.open_files: 300 is above the 200 that this process itself is held to");
}

TEST_F(ProcessLimit, NothingIsNoLimit) {
  for (auto member : {&ProcessLimits::memory_bytes, &ProcessLimits::cpu_seconds, &ProcessLimits::open_files}) {
    auto spec = shell("true");
    spec.limits.*member = 0;
    const auto result = run_process(spec, real.call);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::invalid_input);
    EXPECT_THAT(result.error().message, HasSubstr("must be at least 1"));
  }
}

TEST_F(ProcessLimit, PeakMemoryIsTheChildsAndNotOurs) {
  std::string ours(150U << 20U, 'x');  // between fork and exec this counts as the child's
  ASSERT_EQ(ours.back(), 'x');
  const auto small = run_process(shell("sleep 0.5"), real.call);
  ASSERT_TRUE(small);
  EXPECT_GT(small->peak_memory_bytes, 100'000U);
  EXPECT_LT(small->peak_memory_bytes, 50U << 20U);
  const auto large = run_process(python("x = bytearray(600 << 20)\nfor i in range(0, len(x), 4096): x[i] = 1"), real.call);
  ASSERT_TRUE(large);
  EXPECT_GT(large->peak_memory_bytes, 600U << 20U);
  EXPECT_LT(large->peak_memory_bytes, 800U << 20U);
}

}  // namespace
}  // namespace mend
