#include "connectors/local_limits.h"
#include "fixture.h"

namespace mend::test {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

class LocalScale : public LocalTest {
 protected:
  LocalScale() {
    job.resources = {.memory_bytes = 64 * kMiB, .cpu_seconds = 10, .open_files = 20};
    job.max_resources = {.memory_bytes = 512 * kMiB, .cpu_seconds = 15, .open_files = 64};
    strategy.parameters = {{"scale_factor", "2"}};
    diagnosis.cause = "out_of_memory";
  }
  Resources effective() { return effective_resources(folder / "state", job).value(); }
  std::filesystem::path limits() { return state("limits.json"); }
};

TEST_F(LocalScale, RaisesMemoryAndPutsItBack) {
  Step step = planned(Capability::scale);
  EXPECT_EQ(step.text, "raise the memory limit from 64 MiB to 128 MiB");
  EXPECT_EQ(step.undo_text, "set the memory limit back to 64 MiB");
  EXPECT_EQ(step.risk, Risk::low);
  EXPECT_FALSE(file_there(folder / "state")) << "planning changes nothing";
  capture(step);
  EXPECT_EQ(check(step), StepCheck::not_applied);
  EXPECT_FALSE(file_there(limits()));
  apply(step);
  EXPECT_EQ(check(step), StepCheck::applied);
  EXPECT_EQ(effective(), (Resources{.memory_bytes = 128 * kMiB, .cpu_seconds = 10, .open_files = 20}));
  undo(step);
  EXPECT_EQ(check(step), StepCheck::not_applied);
  EXPECT_FALSE(file_there(limits()));
  EXPECT_EQ(effective(), job.resources);
  undo(step);
  EXPECT_FALSE(file_there(limits()));
}
TEST_F(LocalScale, PutsAnEarlierRaiseBackByteForByte) {
  std::filesystem::create_directories(limits().parent_path());
  const std::string before = "{ \"memory_bytes\" : 134217728,\n  \"open_files\": 32 }\n";
  put(limits(), before);
  Step step = planned(Capability::scale);
  EXPECT_EQ(step.text, "raise the memory limit from 128 MiB to 256 MiB");
  capture(step);
  apply(step);
  EXPECT_EQ(*effective().memory_bytes, 256 * kMiB);
  EXPECT_EQ(*effective().open_files, 32U);
  undo(step);
  EXPECT_EQ(get(limits()), before);
}
TEST_F(LocalScale, NeverPassesTheMaximum) {
  diagnosis.cause = "cpu_limit";
  Step step = planned(Capability::scale);
  EXPECT_EQ(step.text, "raise the CPU time limit from 10 s of CPU time to 15 s of CPU time");
  capture(step);
  apply(step);
  EXPECT_EQ(refusal(Capability::scale), "the CPU time limit is at its maximum of 15 s of CPU time already");
  job.max_resources.cpu_seconds = 12;  // lowered by a person: counts at once
  EXPECT_EQ(*effective().cpu_seconds, 12U);
  job.max_resources.cpu_seconds.reset();
  EXPECT_EQ(*effective().cpu_seconds, 10U);
  job.max_resources.cpu_seconds = 100;
  job.resources.cpu_seconds = 50;
  EXPECT_EQ(*effective().cpu_seconds, 50U);
}
TEST_F(LocalScale, RechecksTheMaximumBeforeActing) {
  Step step = planned(Capability::scale);
  capture(step);
  job.max_resources.memory_bytes = 100 * kMiB;
  EXPECT_EQ(apply_error(step), ErrorKind::conflict);
  EXPECT_FALSE(file_there(limits()));
}
TEST_F(LocalScale, ChoosesTheLimitThatWasReached) {
  diagnosis.cause = "file_handles";
  EXPECT_EQ(planned(Capability::scale).parameters.at("resource"), "open_files");
  diagnosis.cause = "process_killed";
  EXPECT_EQ(planned(Capability::scale).parameters.at("resource"), "memory_bytes");
  diagnosis.cause = "disk_full";
  EXPECT_NE(refusal(Capability::scale).find("disk_full"), std::string::npos);
  diagnosis.cause = "";
  EXPECT_EQ(planned(Capability::scale, "OSError: [Errno 24] Too many open files: 'x'").parameters.at("resource"), "open_files");
  EXPECT_EQ(planned(Capability::scale, "MemoryError").parameters.at("resource"), "memory_bytes");
  EXPECT_NE(refusal(Capability::scale, "set memory to 900 GB").find("which limit"), std::string::npos);
}
TEST_F(LocalScale, RefusesWhereARaiseMeansNothing) {
  job.resources.memory_bytes.reset();
  EXPECT_EQ(refusal(Capability::scale), "job nightly runs without a memory limit: raising it would change nothing");
  job.resources.memory_bytes = kMiB;
  job.max_resources.memory_bytes.reset();
  EXPECT_EQ(refusal(Capability::scale), "the memory limit may not be raised: max_resources does not name memory_bytes");
  job.max_resources = {};
  EXPECT_NE(refusal(Capability::scale).find("not configured for scale"), std::string::npos);
  job.max_resources.memory_bytes = 2 * kMiB;
  for (const char* senseless : {"1", "0", "-2", "nan", "17", "x", ""}) {
    strategy.parameters["scale_factor"] = senseless;
    EXPECT_NE(refusal(Capability::scale).find("scale_factor"), std::string::npos) << senseless;
  }
}
TEST_F(LocalScale, LeavesAloneWhatSomebodyElseChanged) {
  Step step = planned(Capability::scale);
  capture(step);
  std::filesystem::create_directories(limits().parent_path());
  put(limits(), "{\"memory_bytes\":99000000}\n");
  EXPECT_EQ(check(step), StepCheck::changed);
  EXPECT_EQ(apply_error(step), ErrorKind::conflict);
  EXPECT_EQ(undo_error(step), ErrorKind::conflict);
  EXPECT_EQ(get(limits()), "{\"memory_bytes\":99000000}\n");
  EXPECT_FALSE(connector->capture(job, step, call)) << "the plan's starting value is gone";
}
TEST_F(LocalScale, NothingWithoutAPreImage) {
  const Step step = planned(Capability::scale);
  EXPECT_EQ(apply_error(step), ErrorKind::internal);
  EXPECT_FALSE(file_there(limits()));
}
TEST_F(LocalScale, HugeNumbersDoNotOverflow) {
  job.resources.memory_bytes = std::uint64_t(1) << 62;
  job.max_resources.memory_bytes = ~std::uint64_t(0);
  strategy.parameters["scale_factor"] = "16";
  EXPECT_EQ(planned(Capability::scale).parameters.at("to"), std::to_string(~std::uint64_t(0)));
}
TEST_F(LocalScale, DamagedFileIsSaidSo) {
  std::filesystem::create_directories(limits().parent_path());
  for (const char* damaged : {"", "[]", "{\"memory\": 5}", "{\"memory_bytes\": -5}", "{\"memory_bytes\": \"5\"}", "\xff"}) {
    put(limits(), damaged);
    const auto result = effective_resources(folder / "state", job);
    ASSERT_FALSE(result) << damaged;
    EXPECT_EQ(result.error().kind, ErrorKind::corrupt);
  }
}
TEST(Limits, Texts) {
  EXPECT_EQ(limits_text({.memory_bytes = 64 * kMiB, .cpu_seconds = 3, .open_files = 9}), "memory 64 MiB, CPU 3 s, 9 open files");
  EXPECT_EQ(limits_text({.memory_bytes = 1536 * kMiB, .cpu_seconds = {}, .open_files = {}}), "memory 1.5 GiB");
  EXPECT_EQ(limits_text({}), "");
}

}  // namespace
}  // namespace mend::test
