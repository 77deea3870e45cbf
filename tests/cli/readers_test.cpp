// Commands that read: status, lists, show, plan, audit.
#include "cli_fixture.h"

namespace mend {
namespace {

class Readers : public Cli {};

TEST_F(Readers, AreContentWithoutAHomeAndMakeNone) {
  for (const char* command : {"jobs", "incidents", "cases", "audit"}) {
    const Ran people = run({command});
    EXPECT_EQ(people.status, 0) << command << people.err;
    EXPECT_THAT(people.out, HasSubstr("there is nothing here yet (home " + home().string())) << command;
    EXPECT_EQ(run({command, "--json"}).out, "[]\n") << command;
  }
  const auto status = json({"status", "--json"});
  EXPECT_EQ(status.at("events"), 0);
  EXPECT_EQ(status.at("audit_records"), 0);
  EXPECT_EQ(text(status, "mode"), "auto");
  EXPECT_TRUE(status.at("incidents").as_object().empty());
  EXPECT_TRUE(json({"audit", "verify", "--json"}).at("intact").as_bool());
  EXPECT_EQ(json({"strategies", "--json"}).as_array().size(), 10U);
  const Ran show = run({"show", "inc-1"});
  EXPECT_EQ(show.status, 1);
  EXPECT_THAT(show.err, HasSubstr("there is nothing here yet"));
  EXPECT_FALSE(std::filesystem::exists(home()));
}

TEST_F(Readers, ShowAnIncidentByEveryIdThatLeadsToIt) {
  write_jobs();
  const std::string id = failed_incident("fetch");
  const auto shown = json({"show", id, "--json"});
  ASSERT_EQ(text(shown.at("incident"), "id"), id);
  EXPECT_EQ(text(shown.at("incident"), "state"), "awaiting_approval");
  ASSERT_EQ(shown.at("diagnoses").as_array().size(), 1U);
  EXPECT_EQ(text(shown.at("diagnoses").as_array().front(), "error_type"), "network_timeout");
  ASSERT_EQ(shown.at("decisions").as_array().size(), 1U);
  ASSERT_EQ(shown.at("plans").as_array().size(), 1U);
  EXPECT_TRUE(shown.at("approvals").as_array().empty());
  const auto& audit = shown.at("audit").as_array();
  ASSERT_GE(audit.size(), 2U);
  EXPECT_EQ(text(audit.front(), "action"), "diagnosis.made");  // oldest first
  EXPECT_EQ(text(audit.back(), "action"), "decision.made");

  const std::string plan = text(shown.at("incident"), "plan"), run_id = text(shown.at("incident"), "last_run");
  const std::string event = text(shown.at("incident"), "last_event");
  for (const std::string& other : {plan, run_id, event, id.substr(0, id.size() - 4)})
    EXPECT_EQ(text(json({"show", other, "--json"}).at("incident"), "id"), id) << other;
  EXPECT_EQ(text(json({"show", run_id, "--json"}).at("run"), "id"), run_id);
  EXPECT_EQ(text(json({"show", event, "--json"}).at("event"), "event_id"), event);

  const Ran people = run({"show", id});
  EXPECT_EQ(people.status, 0) << people.err;
  for (const char* part : {"awaiting_approval", "Connection timed out", "network_timeout", "mode.global_assist",
                           "retry_with_exponential_backoff", "timeline", "mendline approve"})
    EXPECT_THAT(people.out, HasSubstr(part));
  EXPECT_THAT(people.out, Not(HasSubstr("\x1b[")));
}

TEST_F(Readers, SayWhichIncidentsBeginAlikeAndWhatIsNotThere) {
  write_jobs();
  const std::string one = failed_incident("fetch");
  write_text(folder() / "settings.ini", kBrokenSettings);
  const std::string two = failed_incident("load");
  const Ran both = run({"show", "inc-"});
  EXPECT_EQ(both.status, 2);
  EXPECT_THAT(both.err, HasSubstr(one));
  EXPECT_THAT(both.err, HasSubstr(two));
  const Ran none = run({"show", "nothing-like-it"});
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.err, HasSubstr("nothing-like-it"));
  EXPECT_THAT(run({"show", "fetch"}).err, HasSubstr("mendline incidents --job fetch"));
}

TEST_F(Readers, ShowACaseThatMendlineCameWith) {
  write_jobs();
  failed_incident("fetch");
  const auto cases = json({"cases", "--all", "--limit", "3", "--json"});
  ASSERT_EQ(cases.as_array().size(), 3U);
  const std::string id = text(cases.as_array().front(), "id");
  EXPECT_EQ(text(json({"show", id, "--json"}).at("case"), "id"), id);
  EXPECT_EQ(run({"cases", "--json"}).out, "[]\n");  // nothing was learned yet
}

TEST_F(Readers, PlanShowsStepsAndHashOrSaysWhyThereIsNone) {
  write_jobs();
  const std::string id = failed_incident("fetch");
  const auto plan = json({"plan", id, "--json"});
  EXPECT_EQ(text(plan, "strategy"), "retry_with_exponential_backoff");
  const Ran people = run({"plan", text(plan, "id")});
  EXPECT_EQ(people.status, 0);
  EXPECT_THAT(people.out, HasSubstr(text(plan, "hash")));
  EXPECT_THAT(people.out, HasSubstr("1. [pending] retry"));

  write_text(folder() / "fetch.sh", "echo 'fetch.sh: something never heard of: zzyzx' >&2; exit 1\n");
  EXPECT_NE(run_job("fetch").status, 0);
  const auto escalated = json({"incidents", "--state", "escalated", "--json"});
  ASSERT_EQ(escalated.as_array().size(), 1U);
  const Ran none = run({"plan", text(escalated.as_array().front(), "id")});
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.err, HasSubstr("has no plan; it is escalated: "));
}

TEST_F(Readers, ListsFilterLimitAndSuggest) {
  write_jobs();
  const std::string first = failed_incident("fetch");
  write_text(folder() / "settings.ini", kBrokenSettings);
  failed_incident("load");
  EXPECT_EQ(json({"incidents", "--json"}).as_array().size(), 2U);
  EXPECT_EQ(json({"incidents", "--job", "fetch", "--json"}).as_array().size(), 1U);
  EXPECT_EQ(json({"incidents", "--state", "healed", "--json"}).as_array().size(), 0U);
  const Ran limited = run({"incidents", "--limit", "1"});
  EXPECT_THAT(limited.err, HasSubstr("the newest 1 incidents are shown"));
  EXPECT_THAT(limited.out, Not(HasSubstr(first)));
  const Ran wrong = run({"incidents", "--state", "escalatd"});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("did you mean escalated?"));

  EXPECT_EQ(run({"resolve", first, "--reason", "the network is back"}).status, 0);
  EXPECT_EQ(json({"incidents", "--json"}).as_array().size(), 1U);
  EXPECT_EQ(json({"incidents", "--all", "--json"}).as_array().size(), 2U);

  const auto jobs = json({"jobs", "--json"});
  ASSERT_EQ(jobs.as_array().size(), 2U);
  EXPECT_EQ(text(jobs.as_array().front(), "id"), "load");  // heard of last
  EXPECT_EQ(jobs.as_array().front().at("failures"), 1);
  EXPECT_EQ(text(jobs.as_array().front(), "last_status"), "failed");
  const Ran people = run({"incidents"});
  EXPECT_THAT(people.out, HasSubstr("ID "));
  EXPECT_THAT(people.out, HasSubstr("configuration_error"));
  EXPECT_THAT(run({"jobs"}).out, HasSubstr("fetch"));
}

TEST_F(Readers, StatusCountsAndNamesWhatIsPaused) {
  write_jobs();
  failed_incident("fetch");
  EXPECT_EQ(run({"pause", "--reason", "release day"}).status, 0);
  const auto status = json({"status", "--json"});
  EXPECT_EQ(status.at("events"), 2);  // started, failed
  EXPECT_EQ(status.at("incidents").at("awaiting_approval"), 1);
  EXPECT_EQ(text(status, "mode"), "paused");
  EXPECT_EQ(text(status, "home"), home().string());
  EXPECT_THAT(text(status, "store"), HasSubstr("encrypted"));
  EXPECT_FALSE(status.at("daemon").as_bool());
  ASSERT_EQ(status.at("pauses").as_array().size(), 1U);
  EXPECT_EQ(text(status.at("pauses").as_array().front(), "reason"), "release day");
  EXPECT_GT(status.at("audit_records").as_int64(), 3);
  EXPECT_TRUE(status.at("degraded").as_array().empty());
  const Ran people = run({"status"});
  for (const char* part : {"paused", "release day", "awaiting_approval", "none runs"}) EXPECT_THAT(people.out, HasSubstr(part));
}

TEST_F(Readers, AuditVerifyTellsIntactFromNot) {
  write_jobs();
  failed_incident("fetch");
  const auto newest = json({"audit", "--limit", "1", "--json"});
  const auto verdict = json({"audit", "verify", "--json"});
  EXPECT_TRUE(verdict.at("intact").as_bool());
  EXPECT_EQ(verdict.at("records"), newest.as_array().front().at("sequence"));
  EXPECT_THAT(run({"audit", "verify"}).out, HasSubstr("records, intact"));
  EXPECT_THAT(run({"audit"}).out, HasSubstr("decision.made"));

  std::filesystem::remove(home() / "audit.anchor");
  const auto without_anchor = json({"audit", "verify", "--json"}, 1);
  EXPECT_FALSE(without_anchor.at("intact").as_bool());
  EXPECT_NE(text(without_anchor, "problem"), "");
}

TEST_F(Readers, AuditVerifySeesThatTheWholeDatabaseIsGone) {
  write_jobs();
  failed_incident("fetch");
  for (const char* file : {"mendline.db", "mendline.db-wal", "mendline.db-shm"}) std::filesystem::remove(home() / file);
  const Ran verdict = run({"audit", "verify"});
  EXPECT_EQ(verdict.status, 1);
  EXPECT_THAT(verdict.out, HasSubstr("the database is missing"));
}

}  // namespace
}  // namespace mend
