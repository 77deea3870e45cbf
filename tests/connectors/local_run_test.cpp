#include <gmock/gmock.h>

#include "connectors/data_check.h"
#include "fixture.h"

namespace mend::test {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class LocalRun : public LocalTest {
 protected:
  void shell(const std::string& script) { job.command = {"/bin/sh", "-c", script}; }
  mend::Run run() {
    mend::Run started;
    started.id = RunId("run-1");
    started.attempt = 2;
    started.incident = IncidentId("inc-1");
    started.started_at = clock.now();
    auto result = connector->run_job(job, started, call);
    EXPECT_TRUE(result.has_value()) << result.error().message;
    return result.value_or(mend::Run{});
  }
};

TEST_F(LocalRun, ASuccessHasNoErrorText) {
  shell("echo fine; echo noise >&2");
  const mend::Run result = run();
  EXPECT_TRUE(result.succeeded);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.error_text, "");
  EXPECT_EQ(result.id, RunId("run-1"));
  EXPECT_EQ(result.job, JobId("nightly"));
  EXPECT_EQ(result.incident, IncidentId("inc-1"));
  EXPECT_EQ(result.attempt, 2);
  ASSERT_TRUE(result.ended_at);
  EXPECT_GE(*result.ended_at, result.started_at);
}
TEST_F(LocalRun, AFailureSaysWhatWasPrinted) {
  shell("echo progress; echo 'ValueError: bad thing' >&2; exit 4");
  const mend::Run result = run();
  EXPECT_FALSE(result.succeeded);
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_EQ(result.error_text, "ValueError: bad thing\nprogress");
}
TEST_F(LocalRun, ALongStderrNeedsNoStdout) {
  shell("echo progress; printf '%0300d\\n' 7 >&2; exit 1");
  EXPECT_THAT(run().error_text, Not(HasSubstr("progress")));
  shell("exit 9");
  EXPECT_EQ(run().error_text, "exited with 9 and printed nothing");
}
TEST_F(LocalRun, NothingUnredacted) {
  job.command = {"/bin/sh", "-c", "echo \"password is $1\" >&2; exit 1", "sh", "hunter99"};
  const mend::Run result = run();
  EXPECT_EQ(result.error_text, "password is [redacted:password]");
  EXPECT_THAT(result.command_text, HasSubstr("[redacted:password]"));
  EXPECT_THAT(result.command_text, Not(HasSubstr("hunter99")));
}
TEST_F(LocalRun, EnvironmentAndFolder) {
  job.env = {{"REGION", "north"}};
  shell("echo \"$REGION $MENDLINE_JOB $MENDLINE_RUN_ID $MENDLINE_ATTEMPT\" > told");
  EXPECT_TRUE(run().succeeded);
  EXPECT_EQ(get(work("told")), "north nightly run-1 2\n");
}
TEST_F(LocalRun, SignalsAndTimeouts) {
  shell("kill -KILL $$");
  mend::Run result = run();
  EXPECT_EQ(result.signal, 9);
  EXPECT_EQ(result.exit_code, std::nullopt);
  EXPECT_THAT(result.error_text, EndsWith("killed by signal 9 (SIGKILL)"));
  shell("echo waiting >&2; exec sleep 60");
  job.timeout = std::chrono::milliseconds(300);
  result = run();
  EXPECT_TRUE(result.timed_out);
  EXPECT_FALSE(result.succeeded);
  EXPECT_EQ(result.error_text, "waiting\ntimed out after 300 ms");
}
TEST_F(LocalRun, RunsUnderTheEffectiveLimits) {
  job.resources.open_files = 16;
  job.max_resources.open_files = 64;
  shell("ulimit -n > limit");
  EXPECT_EQ(run().limits_text, "16 open files");
  EXPECT_EQ(get(work("limit")), "16\n");
  diagnosis.cause = "file_handles";
  Step step = planned(Capability::scale);
  capture(step);
  apply(step);
  EXPECT_EQ(run().limits_text, "32 open files");
  EXPECT_EQ(get(work("limit")), "32\n");
  undo(step);
  run();
  EXPECT_EQ(get(work("limit")), "16\n");
}
TEST_F(LocalRun, ACommandThatIsNotThereIsAFailedRun) {
  job.command = {"/no/such/program", "x"};
  mend::Run result = run();
  EXPECT_FALSE(result.succeeded);
  EXPECT_EQ(result.exit_code, 127);
  EXPECT_THAT(result.error_text, HasSubstr("/no/such/program"));
  put(work("plain"), "#!/bin/sh\n");
  job.command = {work("plain").string()};
  EXPECT_EQ(run().exit_code, 126);
  job.command = {"true"};
  job.folder = (folder / "nowhere").string();
  EXPECT_FALSE(run().succeeded);
}
TEST_F(LocalRun, MuchOutputIsShortenedAndBytesAreMadeText) {
  shell(
      "i=0; while [ $i -lt 3000 ]; do echo \"line $i of much output here\" >&2; i=$((i+1)); done; printf '\\377\\000end' >&2; kill -TERM "
      "$$");
  const mend::Run result = run();
  EXPECT_LE(result.error_text.size(), 16U * 1024);
  EXPECT_GT(result.error_text.size(), 15U * 1024);
  EXPECT_THAT(result.error_text, HasSubstr("bytes left out"));
  EXPECT_THAT(result.error_text, EndsWith("\xEF\xBF\xBD\xEF\xBF\xBD"
                                          "end\nkilled by signal 15 (SIGTERM)"));
}
TEST_F(LocalRun, ChecksDecideAboutSuccess) {
  sql(work("shop.db"), "CREATE TABLE orders (id INTEGER); INSERT INTO orders VALUES (1), (2)");
  job.checks = {{.name = "rows", .database = "shop.db", .sql = "SELECT count(*) FROM orders", .expect = "= 3"}};
  mend::Run result = run();
  EXPECT_FALSE(result.succeeded);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.error_text, "data check 'rows' failed: expected = 3 got 2");
  sql(work("shop.db"), "INSERT INTO orders VALUES (3)");
  EXPECT_TRUE(run().succeeded);
  job.checks.push_back({.name = "secret", .database = "shop.db", .sql = "SELECT 'hunter5'", .expect = "= x"});
  EXPECT_EQ(run().error_text, "data check 'secret' failed: expected = x got [redacted:password]");
}
TEST_F(LocalRun, ChecksThatCannotBeAskedFail) {
  sql(work("shop.db"), "CREATE TABLE t (a); INSERT INTO t VALUES (1), (NULL)");
  struct Example {
    const char *sql, *says;
  };
  for (const Example& example :
       {Example{"SELECT count(*) FROM nowhere", "no such table"}, Example{"DELETE FROM t", "one SELECT"},
        Example{"SELECT 1; DROP TABLE t", "more than one SQL statement"}, Example{"SELECT 1, 2", "one SELECT of one value"},
        Example{"SELECT 1 WHERE 0", "no row"}, Example{"SELECT a FROM t", "more than one row"}, Example{"", "no SQL statement"},
        Example{"SELECT NULL", "got NULL"}, Example{"ATTACH 'x.db' AS x", "data check 'c' failed"}}) {
    job.checks = {{.name = "c", .database = "shop.db", .sql = example.sql, .expect = ">= 0"}};
    const mend::Run result = run();
    EXPECT_FALSE(result.succeeded) << example.sql;
    EXPECT_THAT(result.error_text, HasSubstr(example.says)) << example.sql;
  }
  EXPECT_EQ(one(work("shop.db"), "SELECT count(*) FROM t"), "2");
  EXPECT_FALSE(file_there(work("x.db")));
  job.checks = {{.name = "c", .database = "none.db", .sql = "SELECT 1", .expect = "= 1"}};
  EXPECT_THAT(run().error_text, HasSubstr("there is no database"));
  EXPECT_FALSE(file_there(work("none.db")));
}
TEST_F(LocalRun, AnEndlessCheckEnds) {
  auto quick = settings();
  quick.check_timeout = std::chrono::milliseconds(200);
  connector = make_local_connector(quick);
  sql(work("shop.db"), "CREATE TABLE t (a)");
  job.checks = {{.name = "c",
                 .database = "shop.db",
                 .sql = "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT count(*) FROM c",
                 .expect = "= 1"}};
  EXPECT_EQ(run().error_text, "data check 'c' failed: no answer within 200 ms");
}
TEST_F(LocalRun, AStoppedCallStopsTheJob) {
  std::stop_source stop;
  stop.request_stop();
  CallContext stopped(clock, log, stop.get_token());
  shell("touch ran");
  EXPECT_FALSE(connector->run_job(job, mend::Run{}, stopped));
  EXPECT_FALSE(file_there(work("ran")));
}

TEST(Expectation, Compares) {
  struct Example {
    const char *value, *expect;
    bool fits;
  };
  for (const Example& example :
       {Example{"3", "= 3", true}, Example{"3", "=4", false}, Example{"3.0", "== 3", true}, Example{"3", "!= 3", false},
        Example{"3", "<> 4", true}, Example{"3", "> 2.5", true}, Example{"10", "> 9", true}, Example{"10", ">= 10", true},
        Example{"9", "<10", true}, Example{"-1", "<= -1", true}, Example{"abc", "= abc", true}, Example{"abc", "= 'abc'", true},
        Example{"abc", "!= abd", true}, Example{"abc", "= 3", false}, Example{"9007199254740993", "= 9007199254740992", false},
        Example{"", "= ''", true}}) {
    const auto fits = fits_expectation(example.value, example.expect);
    ASSERT_TRUE(fits) << example.value << " " << example.expect;
    EXPECT_EQ(*fits, example.fits) << example.value << " " << example.expect;
  }
  for (const char* senseless : {"", "3", "~ 3", ">", "=", "=> 3"}) EXPECT_FALSE(fits_expectation("3", senseless)) << senseless;
  EXPECT_FALSE(fits_expectation("abc", "> 3"));
  EXPECT_FALSE(fits_expectation("3", "< x"));
}

}  // namespace
}  // namespace mend::test
