// approve, reject, resolve.
#include "cli_fixture.h"

#include "stores/home_key.h"
#include "stores/sqlite_db.h"
#include "stores/sqlite_key.h"

namespace mend {
namespace {

class Approving : public Cli {
 protected:
  // Past every check, as somebody with the key could.
  void change_store(const char* sql) const {
    const auto key = load_home_key(home(), {});
    ASSERT_TRUE(key) << key.error().message;
    const SecretKey database_key = store_key(*key);
    const auto db = Db::open(home() / "mendline.db", database_key.data());
    ASSERT_TRUE(db) << db.error().message;
    const auto done = (*db)->execute(sql);
    ASSERT_TRUE(done) << done.error().message;
  }
};

TEST_F(Approving, CarriesThePlanOutAndHeals) {
  write_jobs();
  const std::string id = failed_incident("fetch");
  write_text(folder() / "up", "");
  const auto healed = json({"approve", id, "--config", "mendline.yaml", "--reason", "the network is back", "--json"});
  EXPECT_EQ(text(healed, "id"), id);
  EXPECT_EQ(text(healed, "state"), "healed");
  const auto shown = json({"show", id, "--json"});
  ASSERT_EQ(shown.at("approvals").as_array().size(), 1U);
  const auto& approval = shown.at("approvals").as_array().front();
  EXPECT_TRUE(approval.at("approved").as_bool());
  EXPECT_EQ(text(approval, "by"), "ada");
  EXPECT_EQ(text(approval, "reason"), "the network is back");
  EXPECT_EQ(text(approval, "plan_hash"), text(shown.at("plans").as_array().front(), "hash"));
  EXPECT_LT(text(approval, "at"), text(approval, "expires"));
  EXPECT_EQ(audited(id, "approval.given", "user:ada"), 1);

  // The case that was learned leads back to it, and what is healed is not approved again.
  const auto cases = json({"cases", "--json"});
  ASSERT_EQ(cases.as_array().size(), 1U);
  EXPECT_EQ(text(json({"show", text(cases.as_array().front(), "id"), "--json"}).at("incident"), "id"), id);
  const Ran again = run({"approve", id, "--config", "mendline.yaml"});
  EXPECT_EQ(again.status, 4);
  EXPECT_THAT(again.err, HasSubstr("is healed"));
  for (const auto& strategy : json({"strategies", "--json"}).as_array())
    if (text(strategy, "name") == "retry_with_exponential_backoff") {
      EXPECT_EQ(strategy.at("tried"), 1);
      EXPECT_EQ(strategy.at("helped"), 1);
    }
}

TEST_F(Approving, NeedsNoJobsFileWhereTheStoreKnowsTheCommand) {
  write_jobs();
  const std::string id = failed_incident("fetch");
  write_text(folder() / "up", "");
  const Ran approved = run({"approve", id});
  EXPECT_EQ(approved.status, 0) << approved.err;
  EXPECT_THAT(approved.out, HasSubstr("healed"));
}

TEST_F(Approving, EndsWithOneWhenTheJobStillFails) {
  write_jobs();
  const std::string id = failed_incident("fetch");
  const Ran approved = run({"approve", id, "--config", "mendline.yaml"});
  EXPECT_EQ(approved.status, 1);
  const auto shown = json({"show", id, "--json"});
  EXPECT_EQ(text(shown.at("incident").at("strategies_tried").as_array().empty() ? boost::json::value{} : shown.at("incident"), "id"), id);
  const Ran again = run({"approve", id, "--config", "mendline.yaml"});
  EXPECT_NE(again.status, 0);
  EXPECT_EQ(audited(id, "approval.given", "user:ada"), 1);
}

TEST_F(Approving, AsksForTheJobsFileWhenASecretWasTakenOut) {
  write_jobs();
  write_text(folder() / "mendline.yaml",
             "version: 1\nmode: assist\njobs:\n  fetch:\n    command: [sh, fetch.sh, --password=Tr0ub4dor-and-3]\n    retry_delay: 10ms\n");
  const std::string id = failed_incident("fetch");
  const Ran refused = run({"approve", id});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("--config"));
  EXPECT_EQ(state_of(id), "awaiting_approval");
  EXPECT_EQ(audited(id, "approval.given", "user:ada"), 0);
  write_text(folder() / "up", "");
  EXPECT_EQ(run({"approve", id, "--config", "mendline.yaml"}).status, 0);
}

TEST_F(Approving, IsRefusedUnderAPause) {
  write_jobs();
  const std::string id = failed_incident("fetch");
  for (const std::vector<std::string>& scope :
       {std::vector<std::string>{}, {"--job", "fetch"}, {"--strategy", "retry_with_exponential_backoff"}}) {
    std::vector<std::string> pause{"pause"}, resume{"resume"};
    pause.insert(pause.end(), scope.begin(), scope.end());
    resume.insert(resume.end(), scope.begin(), scope.end());
    ASSERT_EQ(run(pause).status, 0);
    const Ran refused = run({"approve", id, "--config", "mendline.yaml"});
    EXPECT_EQ(refused.status, 4);
    EXPECT_THAT(refused.err, HasSubstr("paused by ada"));
    ASSERT_EQ(run(resume).status, 0);
  }
  EXPECT_EQ(state_of(id), "awaiting_approval");
}

TEST_F(Approving, IsRefusedForAPlanThatWasChanged) {
  write_jobs();
  const std::string id = failed_incident("fetch");
  change_store("UPDATE steps SET doc = '{\"delay_ms\":\"0\",\"evil\":\"1\"}'");
  const Ran refused = run({"approve", id, "--config", "mendline.yaml"});
  EXPECT_EQ(refused.status, 4);
  EXPECT_THAT(refused.err, HasSubstr("is not what its hash says"));
  EXPECT_THAT(run({"plan", id}).out, HasSubstr("was changed after it was made"));
}

TEST_F(Approving, IsTakenUpByTheDaemon) {
  write_jobs();
  const auto daemon = start({"serve", "--config", "mendline.yaml", "--run-now", "fetch"});
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  std::string id;
  while (id.empty() && std::chrono::steady_clock::now() < until) {
    const auto waiting = json({"incidents", "--state", "awaiting_approval", "--json"});
    if (!waiting.as_array().empty()) id = text(waiting.as_array().front(), "id");
  }
  ASSERT_NE(id, "") << daemon->err();
  EXPECT_TRUE(json({"status", "--json"}).at("daemon").as_bool());
  write_text(folder() / "up", "");
  const Ran approved = run({"approve", id});
  EXPECT_EQ(approved.status, 0) << approved.err;
  EXPECT_THAT(approved.out, HasSubstr("the daemon"));
  std::string state;
  while (state != "healed" && std::chrono::steady_clock::now() < until) state = state_of(id);
  EXPECT_EQ(state, "healed") << daemon->err();
  daemon->signal(SIGTERM);
  EXPECT_EQ(daemon->wait().status, 0);
}

TEST_F(Approving, AfterARejectionIsStillPossible) {
  write_jobs();
  const std::string id = failed_incident("fetch");
  const auto rejected = json({"reject", id, "--reason", "not at night, token=ghp_16C7e42F292c6912E7710c838347Ae178B4a", "--json"});
  EXPECT_EQ(text(rejected, "state"), "escalated");
  EXPECT_THAT(text(rejected, "reason"), HasSubstr("rejected by ada: not at night"));
  EXPECT_THAT(text(rejected, "reason"), Not(HasSubstr("ghp_16C7e42F292c6912E7710c838347Ae178B4a")));
  EXPECT_EQ(audited(id, "approval.rejected", "user:ada"), 1);
  const Ran again = run({"reject", id});
  EXPECT_EQ(again.status, 4);
  EXPECT_THAT(again.err, HasSubstr("is escalated"));

  write_text(folder() / "up", "");
  EXPECT_EQ(run({"approve", id, "--config", "mendline.yaml"}).status, 0);
  const auto approvals = json({"show", id, "--json"}).at("approvals").as_array();
  ASSERT_EQ(approvals.size(), 2U);
  EXPECT_FALSE(approvals.front().at("approved").as_bool());
  EXPECT_TRUE(approvals.back().at("approved").as_bool());
}

TEST_F(Approving, ResolveClosesWithTheReasonAndOnlyOnce) {
  write_jobs();
  const std::string id = failed_incident("fetch");
  const auto resolved = json({"resolve", id, "--reason", "fixed by hand", "--json"});
  EXPECT_EQ(text(resolved, "state"), "resolved");
  EXPECT_EQ(text(resolved, "reason"), "closed by ada: fixed by hand");
  EXPECT_THAT(run({"resolve", id}).out, HasSubstr("is resolved already"));
  EXPECT_EQ(audited(id, "incident.resolved", "user:ada"), 1);
  EXPECT_EQ(run({"approve", id, "--config", "mendline.yaml"}).status, 4);
  EXPECT_EQ(run({"resolve", "inc-nothing"}).status, 1);
}

}  // namespace
}  // namespace mend
