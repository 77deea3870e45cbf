#include "fixture.h"

namespace mend::test {
namespace {

std::vector<std::string> delays(const std::vector<Step>& steps) {
  std::vector<std::string> result;
  for (const Step& step : steps) result.push_back(step.parameters.at("attempt") + ":" + step.parameters.at("delay_ms"));
  return result;
}
using Delays = std::vector<std::string>;

class LocalRetry : public LocalTest {
 protected:
  void backoff() {
    strategy.name = "retry_with_exponential_backoff";
    strategy.parameters = {{"max_retries", "3"}, {"initial_delay_ms", "1000"}, {"backoff_multiplier", "2"}};
  }
};

TEST_F(LocalRetry, WaitsOneTwoFourSeconds) {
  backoff();
  const auto steps = plan(Capability::retry);
  ASSERT_TRUE(steps);
  EXPECT_EQ(delays(*steps), (Delays{"1:1000", "2:2000", "3:4000"}));
  EXPECT_EQ((*steps)[1].text, "run the job again after 2.0 s (attempt 2 of 3)");
  for (const Step& step : *steps) {
    EXPECT_EQ(step.capability, Capability::retry);
    EXPECT_EQ(step.risk, Risk::low);
    EXPECT_TRUE(step.reversible);
  }
}
TEST_F(LocalRetry, JobsOwnLimitAndDelayWin) {
  backoff();
  job.max_retries = 2;
  job.retry_delay = std::chrono::milliseconds(50);
  EXPECT_EQ(delays(*plan(Capability::retry)), (Delays{"1:50", "2:100"}));
  job.max_retries = 0;
  EXPECT_NE(refusal(Capability::retry).find("allows no retries"), std::string::npos);
}
TEST_F(LocalRetry, WaitsAsLongAsThePeerAsks) {
  backoff();
  diagnosis.facts = {{.name = "retry_after", .value = "3"}};
  EXPECT_EQ(delays(*plan(Capability::retry)), (Delays{"1:3000", "2:3000", "3:4000"}));
  for (const char* senseless : {"301", "-1", "nan", "soon", "1e9", ""}) {
    diagnosis.facts.front().value = senseless;
    EXPECT_EQ(delays(*plan(Capability::retry)), (Delays{"1:1000", "2:2000", "3:4000"})) << senseless;
  }
}
TEST_F(LocalRetry, OtherStrategiesRunOnceAfterTheirDelay) {
  EXPECT_EQ(delays(*plan(Capability::retry)), (Delays{"1:0"}));
  strategy.parameters = {{"restart_delay_ms", "5000"}};
  EXPECT_EQ(delays(*plan(Capability::retry)), (Delays{"1:5000"}));
  strategy.capabilities = {Capability::refresh_credentials, Capability::retry};
  strategy.parameters = {{"retry_delay_ms", "7000"}};
  job.credentials = Credentials{.refresh_command = {"true"}, .files = {}};
  EXPECT_EQ(delays(*plan(Capability::retry)), (Delays{"1:7000"}));
  job.credentials->retry_delay = std::chrono::milliseconds(20);
  EXPECT_EQ(delays(*plan(Capability::retry)), (Delays{"1:20"}));
}
TEST_F(LocalRetry, RefusesSenselessParametersAndUnsafeJobs) {
  backoff();
  for (const char* senseless : {"x", "-1", "1e99", "inf", "nan", ""}) {
    strategy.parameters["initial_delay_ms"] = senseless;
    EXPECT_NE(refusal(Capability::retry).find("initial_delay_ms"), std::string::npos) << senseless;
  }
  backoff();
  job.rerun = Rerun::unsafe;
  EXPECT_FALSE(plan(Capability::retry));
}
TEST_F(LocalRetry, IsNeverAppliedByItself) {
  const Step step = planned(Capability::retry);
  EXPECT_EQ(apply_error(step), ErrorKind::internal);
  EXPECT_EQ(undo_error(step), ErrorKind::internal);
  EXPECT_EQ(check(step), StepCheck::not_applied);
}

}  // namespace
}  // namespace mend::test
