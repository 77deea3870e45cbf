#include <csignal>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fail_points.h"

namespace mend {
namespace {

TEST(FailPoints, AllAreOffAtFirst) {
  FailPoints points;
  for (std::size_t i = 0; i < std::size_t(FailPoint::count_); ++i)
    for (int pass = 0; pass < 3; ++pass) EXPECT_TRUE(points.pass(FailPoint(i)));
  EXPECT_EQ(FailPoints::names().size(), std::size_t(FailPoint::count_));
  EXPECT_EQ(FailPoints::name(FailPoint::step_after_apply), "step_after_apply");
}

TEST(FailPoints, AnErrorComesAtTheNamedPassOnly) {
  FailPoints points;
  ASSERT_TRUE(FailPoints::configure(points, "step_after_intent=error@2"));
  EXPECT_TRUE(points.pass(FailPoint::step_after_apply));
  EXPECT_TRUE(points.pass(FailPoint::step_after_intent));
  const auto second = points.pass(FailPoint::step_after_intent);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::internal);
  EXPECT_NE(second.error().message.find("step_after_intent"), std::string::npos);
  EXPECT_TRUE(points.pass(FailPoint::step_after_intent));
}

TEST(FailPoints, SeveralMayBeSetAtOnceAndAnEmptyTextSetsNone) {
  FailPoints points;
  ASSERT_TRUE(FailPoints::configure(points, ""));
  ASSERT_TRUE(FailPoints::configure(points, "run_after_start=error,run_after_exit=error@1,"));
  EXPECT_FALSE(points.pass(FailPoint::run_after_start));
  EXPECT_FALSE(points.pass(FailPoint::run_after_exit));
  EXPECT_TRUE(points.pass(FailPoint::learn_before_record));
}

TEST(FailPoints, RefusesWhatItDoesNotKnow) {
  const std::pair<const char*, const char*> table[] = {
      {"step_after=kill", "no fail point 'step_after'; there are: store_before_commit"},
      {"STEP_AFTER_APPLY=kill", "no fail point"},
      {" step_after_apply=kill", "no fail point"},
      {"=kill", "no fail point ''"},
      {"run_after_start=error,,run_after_exit=error", "no fail point ''"},
      {"step_after_apply=", "kill or error"},
      {"step_after_apply=pause", "kill or error, not 'pause'"},
      {"step_after_apply=error@", "pass number"},
      {"step_after_apply=error@0", "pass number"},
      {"step_after_apply=error@-1", "pass number"},
      {"step_after_apply=error@2x", "pass number"},
      {"step_after_apply=error@99999999999", "pass number"},
  };
  for (const auto& [text, why] : table) {
    FailPoints points;
    const auto done = FailPoints::configure(points, text);
    ASSERT_FALSE(done) << text;
    EXPECT_EQ(done.error().kind, ErrorKind::invalid_input);
    EXPECT_NE(done.error().message.find(why), std::string::npos) << text << " gave: " << done.error().message;
  }
}

// What becomes of a child that passes the point `passes` times.
int child_status(const char* setting, int passes) {
  const pid_t child = ::fork();
  if (child == 0) {
    FailPoints points;
    if (!FailPoints::configure(points, setting)) ::_exit(9);
    for (int i = 0; i < passes; ++i)
      if (!points.pass(FailPoint::store_after_commit)) ::_exit(8);
    ::_exit(0);
  }
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

TEST(FailPoints, KillIsAKill) {
  int status = child_status("store_after_commit=kill", 1);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
  status = child_status("store_after_commit", 1);  // kill is the default
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
  status = child_status("store_after_commit=kill@3", 2);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  status = child_status("store_after_commit=kill@3", 3);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
  status = child_status("run_after_exit=kill", 5);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

}  // namespace
}  // namespace mend
