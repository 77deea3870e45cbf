#include "connectors/connectors.h"

#include <gmock/gmock.h>

#include "fixture.h"

namespace mend::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class Connectors : public LocalTest {};

TEST_F(Connectors, AreMadeByName) {
  EXPECT_THAT(connector_names(), ElementsAre("local"));
  const auto made = make_connector("local", {.local = settings()});
  ASSERT_TRUE(made);
  EXPECT_EQ((*made)->name(), "local");
  const auto unknown = make_connector("lokal", {.local = settings()});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message, "there is no connector named lokal; did you mean local?");
}
TEST_F(Connectors, CapabilitiesFollowTheJob) {
  EXPECT_THAT(connector->capabilities(job), ElementsAre(Capability::retry));
  job.rerun = Rerun::unsafe;
  EXPECT_THAT(connector->capabilities(job), IsEmpty());
  job.rerun = Rerun::safe;
  job.max_resources.memory_bytes = 1;
  job.config_files = {"x.yaml"};
  job.credentials = Credentials{.refresh_command = {"true"}, .files = {}};
  job.targets = {{.kind = "sqlite", .database = "a", .table = "b", .source = "c", .quarantine = ""}};
  EXPECT_THAT(connector->capabilities(job), UnorderedElementsAre(Capability::retry, Capability::scale, Capability::set_config,
                                                                 Capability::refresh_credentials, Capability::alter_schema));
  job.targets.front().source = "";
  EXPECT_THAT(connector->capabilities(job), ::testing::Not(::testing::Contains(Capability::alter_schema)));
  auto unsealed = settings();
  unsealed.sealer = nullptr;
  EXPECT_THAT(make_local_connector(unsealed)->capabilities(job), UnorderedElementsAre(Capability::retry, Capability::scale));
  job.retry_only = true;
  EXPECT_THAT(connector->capabilities(job), ElementsAre(Capability::retry));
  EXPECT_FALSE(plan(Capability::set_config));
  succeed();
  EXPECT_FALSE(file_there(folder / "state"));
}
TEST_F(Connectors, WhatTheJobNoLongerAllowsIsNotDone) {
  job.resources.memory_bytes = 1000;
  job.max_resources.memory_bytes = 4000;
  diagnosis.cause = "out_of_memory";
  Step step = planned(Capability::scale);
  capture(step);
  job.retry_only = true;
  EXPECT_EQ(apply_error(step), ErrorKind::conflict);
  EXPECT_FALSE(plan(Capability::elevate));
  step.capability = Capability::elevate;
  EXPECT_EQ(apply_error(step), ErrorKind::invalid_input);
}

}  // namespace
}  // namespace mend::test
