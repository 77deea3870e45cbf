// Nothing that a run started outlives it, whoever dies first.
#include <sstream>

#include <gmock/gmock.h>

#include "helpers.h"
#include "runtime/daemon.h"
#include "runtime/process_cgroup.h"

namespace mend {
namespace {

using std::chrono::seconds;

bool cgroup_usable() { return CgroupLeaf::make("test-probe", std::nullopt).has_value(); }
constexpr const char* kNoCgroup = "no cgroup v2 can be made here: a process that leaves its group is out of reach";

class ProcessGroup : public testing::Test {
 protected:
  RealCall real;
  TempFolder folder;
};

TEST_F(ProcessGroup, BackgroundChildrenGoAtTheEnd) {
  const auto result = run_process(shell("sleep 1000 >/dev/null 2>&1 & echo $!"), real.call);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exit_code, 0);
  EXPECT_TRUE(ends_soon(std::stoi(result->out_tail)));
}

TEST_F(ProcessGroup, ABackgroundChildThatHoldsTheOutputDoesNotHoldUsUp) {
  const auto result = run_process(shell("sleep 1000 & echo $!"), real.call);
  ASSERT_TRUE(result);
  EXPECT_LT(result->wall_time, seconds{20});
  EXPECT_TRUE(ends_soon(std::stoi(result->out_tail)));
}

TEST_F(ProcessGroup, WhatABackgroundFilterStillHoldsIsNotLost) {
  ProcessSpec spec;
  spec.argv = {"bash", "-c", "exec > >(sleep 0.2; cat); echo last words"};
  const auto result = run_process(spec, real.call);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->out_tail, "last words\n");
}

TEST_F(ProcessGroup, GrandchildrenGoWithATimeout) {
  auto spec = shell("sleep 1000 & echo $!; wait");
  spec.timeout = std::chrono::milliseconds{500};
  const auto result = run_process(spec, real.call);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->timed_out);
  EXPECT_TRUE(ends_soon(std::stoi(result->out_tail)));
}

TEST_F(ProcessGroup, WhoLeavesTheGroupGoesWithTheCgroup) {
  if (!cgroup_usable()) GTEST_SKIP() << kNoCgroup;
  const auto result = run_process(shell("setsid sleep 1000 >/dev/null 2>&1 & echo $!"), real.call);
  ASSERT_TRUE(result);
  EXPECT_TRUE(ends_soon(std::stoi(result->out_tail)));
}

TEST_F(ProcessGroup, WhoLeavesTheGroupAndHoldsTheOutputDoesNotHoldUsUp) {
  const auto result = run_process(shell("setsid sleep 1000 & echo $!"), real.call);
  ASSERT_TRUE(result);
  EXPECT_LT(result->wall_time, seconds{20});
  const pid_t daemon = std::stoi(result->out_tail);
  if (!cgroup_usable()) ::kill(daemon, SIGKILL);
  EXPECT_TRUE(ends_soon(daemon));
}

TEST_F(ProcessGroup, TheCgroupIsRemovedAtTheEnd) {
  if (!cgroup_usable()) GTEST_SKIP() << kNoCgroup;
  std::string parent = std::filesystem::path(CgroupLeaf::make("test-probe", std::nullopt)->folder()).parent_path();
  std::string leaf;
  const auto result = run_process(shell("sleep 0.1"), real.call, [&](int pid) {
    leaf = fmt::format("{}/mendline-{}-{}", parent, ::getpid(), pid);
    EXPECT_TRUE(std::filesystem::exists(leaf)) << leaf;
  });
  ASSERT_TRUE(result);
  EXPECT_FALSE(std::filesystem::exists(leaf));
}

// What a supervisor that runs `script` started, by the numbers the script prints.
class Orphans {
 public:
  explicit Orphans(std::string script, std::size_t count, const std::function<void()>& prepare = {})
      : supervised_(passed_through(std::move(script)), prepare) {
    if (!supervised_.output_has("ready\n")) return;
    std::istringstream numbers(supervised_.output);
    for (int pid = 0; pids.size() < count && numbers >> pid;) {
      pids.push_back(pid);
      handles_.push_back(open_pidfd(pid));
    }
  }
  void kill_supervisor() {
    supervised_.signal(SIGKILL);
    EXPECT_EQ(supervised_.process().wait(), 1000 + SIGKILL);
  }
  bool all_end() const {
    bool all = true;
    for (const auto& handle : handles_) all = all && handle.valid() && readable_soon(handle.get());
    return all;
  }
  std::vector<pid_t> pids;

 private:
  static ProcessSpec passed_through(std::string script) {
    auto spec = shell(std::move(script));
    spec.output = ProcessOutput::pass_through;
    return spec;
  }
  Supervised supervised_;
  std::vector<FileHandle> handles_;
};

TEST_F(ProcessGroup, SigkillOfTheSupervisorTakesChildAndGrandchild) {
  Orphans orphans("sleep 1000 & echo $$ $!; echo ready; wait", 2);
  ASSERT_EQ(orphans.pids.size(), 2U);
  orphans.kill_supervisor();
  EXPECT_TRUE(orphans.all_end());
}

TEST_F(ProcessGroup, SigkillOfTheSupervisorTakesWhoIgnoresSignals) {
  Orphans orphans("trap '' TERM HUP INT; (trap '' TERM HUP INT; while :; do sleep 1; done) & echo $$ $!; echo ready; wait", 2);
  ASSERT_EQ(orphans.pids.size(), 2U);
  orphans.kill_supervisor();
  EXPECT_TRUE(orphans.all_end());
}

TEST_F(ProcessGroup, SigkillOfTheSupervisorTakesWhoLeftTheGroupAndTheCgroup) {
  if (!cgroup_usable()) GTEST_SKIP() << kNoCgroup;
  Orphans orphans("setsid sleep 1000 & echo $$ $!; echo ready; wait", 2);
  ASSERT_EQ(orphans.pids.size(), 2U);
  const std::string group = read_file(fmt::format("/proc/{}/cgroup", orphans.pids[0])).value_or("");
  const auto name = group.find("mendline-");
  ASSERT_NE(name, std::string::npos) << group;
  const std::filesystem::path parent = std::filesystem::path(CgroupLeaf::make("test-probe", std::nullopt)->folder()).parent_path();
  const auto leaf = parent / group.substr(name, group.find('\n', name) - name);
  EXPECT_TRUE(std::filesystem::exists(leaf)) << leaf;
  orphans.kill_supervisor();
  EXPECT_TRUE(orphans.all_end());
  bool there = true;
  for (int i = 0; i < kPatienceMs / 10 && there; ++i) {
    there = std::filesystem::exists(leaf);
    if (there) ::poll(nullptr, 0, 10);
  }
  EXPECT_FALSE(there);
}

TEST_F(ProcessGroup, TheGuardKeepsNoLockOfADeadSupervisor) {
  const std::string path = folder / "lock";
  std::optional<FileLock> held;
  Orphans orphans("echo $$; echo ready; sleep 1000", 1, [&] {
    auto lock = FileLock::try_lock(path);
    if (!lock) ::_exit(9);
    held.emplace(std::move(*lock));
  });
  ASSERT_EQ(orphans.pids.size(), 1U);
  const auto refused = FileLock::try_lock(path);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  orphans.kill_supervisor();
  EXPECT_TRUE(FileLock::try_lock(path));
}

}  // namespace
}  // namespace mend
