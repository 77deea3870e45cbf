#include <gmock/gmock.h>
#include <sys/wait.h>

#include "fixture.h"

namespace mend::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class LocalCredentials : public LocalTest {
 protected:
  LocalCredentials() {
    put(work("token"), "old-token-4711\n");
    ::chmod(work("token").c_str(), 0600);
    refresh("printf 'new-token-0815\\n' > token");
  }
  void refresh(const std::string& script, std::vector<std::string> files = {"token"}) {
    job.credentials = Credentials{.refresh_command = {"/bin/sh", "-c", script}, .files = std::move(files)};
  }
};

TEST_F(LocalCredentials, RefreshesAndPutsBack) {
  Step step = planned(Capability::refresh_credentials);
  EXPECT_EQ(step.text, "run the job's refresh command (/bin/sh), which writes token");
  EXPECT_EQ(step.risk, Risk::low);
  EXPECT_TRUE(step.reversible);
  capture(step);
  EXPECT_EQ(check(step), StepCheck::not_applied);
  apply(step);
  EXPECT_EQ(get(work("token")), "new-token-0815\n");
  EXPECT_EQ(check(step), StepCheck::applied);
  undo(step);
  EXPECT_EQ(get(work("token")), "old-token-4711\n");
  struct stat status{};
  ASSERT_EQ(::stat(work("token").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  EXPECT_EQ(check(step), StepCheck::not_applied);
  undo(step);
  EXPECT_EQ(get(work("token")), "old-token-4711\n");
}
TEST_F(LocalCredentials, NoSecretIsLeftBehind) {
  refresh("echo 'token is new-token-0815'; echo new-token-0815 >&2; printf 'new-token-0815\\n' > token");
  Step step = planned(Capability::refresh_credentials);
  capture(step);
  const auto done = connector->apply(job, step, call);
  ASSERT_TRUE(done);
  for (const char* secret : {"old-token-4711", "new-token-0815"}) {
    EXPECT_FALSE(anywhere(folder / "state", secret));
    EXPECT_THAT(step.pre_image, Not(HasSubstr(secret)));
    EXPECT_THAT(*done, Not(HasSubstr(secret)));
    EXPECT_THAT(step.text, Not(HasSubstr(secret)));
    for (const auto& [name, value] : step.parameters) EXPECT_THAT(value, Not(HasSubstr(secret)));
    for (const std::string& line : log.lines) EXPECT_THAT(line, Not(HasSubstr(secret)));
  }
}
TEST_F(LocalCredentials, AFailureShowsOnlyTheRedactedLastLine) {
  refresh(
      "echo first line; printf 'new-token-0815\\n' > token; echo 'denied for old-token-4711 and new-token-0815 with hunter2' >&2; exit 3");
  Step step = planned(Capability::refresh_credentials);
  capture(step);
  const auto done = connector->apply(job, step, call);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message,
            "the refresh command exited with 3: denied for [redacted:credential] and [redacted:credential] with [redacted:password]");
  EXPECT_EQ(check(step), StepCheck::applied) << "it changed the file before it failed";
  undo(step);
  EXPECT_EQ(get(work("token")), "old-token-4711\n");
}
TEST_F(LocalCredentials, SuccessMustChangeAFile) {
  refresh("true");
  Step step = planned(Capability::refresh_credentials);
  capture(step);
  const auto done = connector->apply(job, step, call);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("changed none of the credential files"));
  EXPECT_EQ(check(step), StepCheck::not_applied);
}
TEST_F(LocalCredentials, AFileThatWasNotThereIsRemovedAgain) {
  refresh("echo abc > fresh; echo new > token", {"token", "fresh"});
  Step step = planned(Capability::refresh_credentials);
  capture(step);
  apply(step);
  EXPECT_TRUE(file_there(work("fresh")));
  undo(step);
  EXPECT_FALSE(file_there(work("fresh")));
  EXPECT_EQ(get(work("token")), "old-token-4711\n");
  undo(step);
}
TEST_F(LocalCredentials, ACredentialRotatedByAPersonIsLeftAlone) {
  Step step = planned(Capability::refresh_credentials);
  capture(step);
  put(work("token"), "by-hand-1\n");
  EXPECT_EQ(check(step), StepCheck::changed);
  EXPECT_EQ(apply_error(step), ErrorKind::conflict);
  EXPECT_EQ(get(work("token")), "by-hand-1\n");
  put(work("token"), "old-token-4711\n");
  apply(step);
  put(work("token"), "by-hand-2\n");
  EXPECT_EQ(check(step), StepCheck::changed);
  EXPECT_EQ(undo_error(step), ErrorKind::conflict);
  EXPECT_EQ(get(work("token")), "by-hand-2\n");
}
TEST_F(LocalCredentials, WithoutFilesItCannotBeUndoneAndSaysSo) {
  refresh("touch refreshed", {});
  Step step = planned(Capability::refresh_credentials);
  EXPECT_FALSE(step.reversible);
  EXPECT_EQ(step.undo_text, "");
  EXPECT_EQ(step.risk, Risk::high);
  capture(step);
  EXPECT_EQ(check(step), StepCheck::not_applied);
  apply(step);
  EXPECT_EQ(check(step), StepCheck::applied);
  EXPECT_TRUE(file_there(work("refreshed")));
}
TEST_F(LocalCredentials, TheCommandIsBoundToThePlan) {
  Step step = planned(Capability::refresh_credentials);
  capture(step);
  refresh("touch evil");
  EXPECT_EQ(apply_error(step), ErrorKind::conflict);
  EXPECT_FALSE(file_there(work("evil")));
}
TEST_F(LocalCredentials, TimeIsBounded) {
  auto quick = settings();
  quick.refresh_timeout = std::chrono::milliseconds(200);
  connector = make_local_connector(quick);
  refresh("exec sleep 60");
  Step step = planned(Capability::refresh_credentials);
  capture(step);
  EXPECT_EQ(apply_error(step), ErrorKind::timed_out);
  EXPECT_EQ(get(work("token")), "old-token-4711\n");
}
TEST_F(LocalCredentials, EnvironmentOfTheJob) {
  refresh("printf '%s %s' \"$REGION\" \"$MENDLINE_JOB\" > token");
  job.env = {{"REGION", "north"}};
  Step step = planned(Capability::refresh_credentials);
  capture(step);
  apply(step);
  EXPECT_EQ(get(work("token")), "north nightly");
}
TEST_F(LocalCredentials, RefusesALinkAndAMissingCommand) {
  std::filesystem::remove(work("token"));
  std::filesystem::create_symlink("/etc/hostname", work("token"));
  EXPECT_THAT(refusal(Capability::refresh_credentials), HasSubstr("symbolic link"));
  std::filesystem::remove(work("token"));
  job.credentials->refresh_command = {"/no/such/program"};
  Step step = planned(Capability::refresh_credentials);
  capture(step);
  EXPECT_EQ(apply_error(step), ErrorKind::not_found);
  job.credentials->refresh_command.clear();
  EXPECT_FALSE(plan(Capability::refresh_credentials));
}
TEST_F(LocalCredentials, AKillInTheMiddleOfTheCommandIsUndone) {
  refresh("printf 'half-a-token' > token; kill -KILL \"$VICTIM\"; exec sleep 60");
  Step step = planned(Capability::refresh_credentials);
  capture(step);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    job.env["VICTIM"] = std::to_string(::getpid());
    (void)connector->apply(job, step, call);
    ::_exit(0);  // not reached: the command kills this process
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(get(work("token")), "half-a-token");
  EXPECT_EQ(check(step), StepCheck::applied) << "the effect may have happened: it has to be undone";
  undo(step);
  EXPECT_EQ(get(work("token")), "old-token-4711\n");
  EXPECT_EQ(check(step), StepCheck::not_applied);
  undo(step);
  EXPECT_EQ(get(work("token")), "old-token-4711\n");
}
TEST_F(LocalCredentials, OldCopiesAreForgottenNewOnesKept) {
  for (int i = 0; i < 40; ++i) {
    refresh("echo token-number-" + std::to_string(i) + " > token");
    Step step = planned(Capability::refresh_credentials);
    capture(step);
    apply(step);
    succeed();
    if (i == 39) undo(step);
  }
  EXPECT_EQ(get(work("token")), "token-number-38\n");
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(state("undo"))) count += entry.is_regular_file();
  EXPECT_EQ(count, 60U);
}

}  // namespace
}  // namespace mend::test
