// rollback of a repair that healed.
#include "cli_fixture.h"

namespace mend {
namespace {

class RollingBack : public Cli {
 protected:
  // A good run, then a slip in the settings that Mendline repairs.
  std::string healed_settings() const {
    write_jobs("auto");
    EXPECT_EQ(run_job("load").status, 0);
    write_text(folder() / "settings.ini", kBrokenSettings);
    const Ran ran = run_job("load");
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_EQ(file_text(folder() / "settings.ini"), kGoodSettings);
    const auto healed = json({"incidents", "--state", "healed", "--json"});
    if (healed.as_array().size() != 1) {
      ADD_FAILURE() << "not healed: " << ran.err;
      return "none";
    }
    return text(healed.as_array().front(), "id");
  }
};

TEST_F(RollingBack, PutsBackWhatWasThereBefore) {
  const std::string id = healed_settings();
  const auto undone = json({"rollback", id, "--reason", "it was meant so", "--json"});
  EXPECT_EQ(text(undone, "state"), "escalated");  // what comes next is a person's: nothing is tried on its own
  EXPECT_THAT(text(undone, "reason"), HasSubstr("rolled back by ada: it was meant so"));
  EXPECT_EQ(file_text(folder() / "settings.ini"), kBrokenSettings);
  EXPECT_EQ(audited(id, "rollback.requested", "user:ada"), 1);
  EXPECT_EQ(audited(id, "incident.rolled_back", "mendline"), 1);
  bool seen = false;
  const auto shown = json({"show", id, "--json"});
  for (const auto& step : shown.at("plans").as_array().back().at("steps").as_array())
    if (text(step, "capability") == "set_config") seen = text(step, "state") == "undone";
  EXPECT_TRUE(seen);
  const auto& tried = shown.at("incident").at("strategies_tried").as_array();
  EXPECT_EQ(std::ranges::count(tried, boost::json::value("update_configuration_and_retry")), 1);

  const Ran again = run({"rollback", id});
  EXPECT_EQ(again.status, 4);
  EXPECT_THAT(again.err, HasSubstr("only a repair that healed can be rolled back"));
}

TEST_F(RollingBack, IsRefusedWhereNothingWasChanged) {
  write_jobs();
  const std::string id = failed_incident("fetch");
  const Ran waiting = run({"rollback", id});
  EXPECT_EQ(waiting.status, 4);
  EXPECT_THAT(waiting.err, HasSubstr("awaiting_approval"));
  write_text(folder() / "up", "");
  ASSERT_EQ(run({"approve", id, "--config", "mendline.yaml"}).status, 0);
  const Ran retried = run({"rollback", id});
  EXPECT_EQ(retried.status, 4);
  EXPECT_THAT(retried.err, HasSubstr("nothing to undo"));
  EXPECT_EQ(state_of(id), "healed");
}

TEST_F(RollingBack, LeavesAloneWhatSomebodyChangedSince) {
  const std::string id = healed_settings();
  write_text(folder() / "settings.ini", "[load]\nbatch_size = 750\n");
  const Ran refused = run({"rollback", id});
  EXPECT_EQ(refused.status, 1);
  EXPECT_EQ(file_text(folder() / "settings.ini"), "[load]\nbatch_size = 750\n");
  EXPECT_EQ(state_of(id), "escalated");
}

}  // namespace
}  // namespace mend
