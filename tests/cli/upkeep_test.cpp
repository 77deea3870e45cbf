// pause, resume, check, init, backup, restore, completion.
#include "cli_fixture.h"

namespace mend {
namespace {

class Upkeep : public Cli {};

TEST_F(Upkeep, PauseAndResumeAreIdempotentAndAudited) {
  const auto set = json({"pause", "--reason", "release day", "--json"});
  EXPECT_TRUE(set.at("changed").as_bool());
  EXPECT_EQ(text(set, "scope"), "global");
  EXPECT_EQ(text(set, "by"), "ada");
  const Ran again = run({"pause", "--reason", "another reason"});
  EXPECT_EQ(again.status, 0);
  EXPECT_THAT(again.out, HasSubstr("paused already"));
  EXPECT_THAT(again.out, HasSubstr("release day"));
  EXPECT_THAT(run({"resume"}).out, HasSubstr("everything is resumed"));
  const auto twice = json({"resume", "--json"});
  EXPECT_FALSE(twice.at("changed").as_bool());
  int set_records = 0, removed = 0;
  for (const auto& record : json({"audit", "--json"}).as_array()) {
    set_records += text(record, "action") == "pause.set" && text(record, "actor") == "user:ada";
    removed += text(record, "action") == "pause.removed" && text(record, "actor") == "user:ada";
  }
  EXPECT_EQ(set_records, 1);
  EXPECT_EQ(removed, 1);
}

TEST_F(Upkeep, PauseOfAWrongStrategySuggestsTheNearest) {
  const Ran wrong = run({"pause", "--strategy", "scale_compute_resource"});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("did you mean scale_compute_resources?"));
  EXPECT_FALSE(std::filesystem::exists(home()));
  EXPECT_EQ(run({"pause", "--strategy", "scale_compute_resources"}).status, 0);
  const Ran job = run({"pause", "--job", "never-heard-of"});
  EXPECT_EQ(job.status, 0);
  EXPECT_THAT(job.err, HasSubstr("no job 'never-heard-of' was heard of yet"));
  const auto left = json({"resume", "--json"});
  EXPECT_FALSE(left.at("changed").as_bool());
  EXPECT_EQ(left.at("pauses_left"), 2);
  for (const auto& strategy : json({"strategies", "--json"}).as_array())
    EXPECT_EQ(strategy.at("paused").as_bool(), text(strategy, "name") == "scale_compute_resources");
}

TEST_F(Upkeep, APauseKeepsRepairsFromBeingMade) {
  write_jobs("auto");
  ASSERT_EQ(run({"pause", "--job", "fetch"}).status, 0);
  const std::string id = failed_incident("fetch");
  EXPECT_EQ(state_of(id), "escalated");
  EXPECT_THAT(text(json({"show", id, "--json"}).at("incident"), "reason"), HasSubstr("paused by ada"));
}

TEST_F(Upkeep, InitWritesAFileThatCheckAcceptsAndOverwritesOnlyWhenTold) {
  const Ran made = run({"init"});
  EXPECT_EQ(made.status, 0) << made.err;
  const Ran checked = run({"check"});
  EXPECT_EQ(checked.status, 0) << checked.err;
  EXPECT_THAT(checked.out, HasSubstr("max_retries: 3"));
  const auto parsed = json({"check", "mendline.yaml", "--json"});
  EXPECT_TRUE(parsed.at("ok").as_bool());
  ASSERT_EQ(parsed.at("jobs").as_array().size(), 1U);
  EXPECT_EQ(text(parsed.at("jobs").as_array().front(), "id"), "hello");

  write_text(folder() / "mendline.yaml", "mine");
  const Ran refused = run({"init"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("--force"));
  EXPECT_EQ(file_text(folder() / "mendline.yaml"), "mine");
  EXPECT_EQ(run({"init", "--force"}).status, 0);
  EXPECT_THAT(file_text(folder() / "mendline.yaml"), HasSubstr("jobs:"));
  EXPECT_FALSE(std::filesystem::exists(home()));
}

TEST_F(Upkeep, CheckListsEveryProblemWithItsLine) {
  write_text(folder() / "bad.yaml", "version: 1\njobs:\n  one:\n    comand: [sh]\n  two:\n    command: [sh]\n    schedule: '61 * * * *'\n");
  const Ran people = run({"check", "bad.yaml"});
  EXPECT_EQ(people.status, 2);
  EXPECT_THAT(people.err, HasSubstr("bad.yaml:4"));
  EXPECT_THAT(people.err, HasSubstr("command"));
  EXPECT_THAT(people.err, HasSubstr("bad.yaml:7"));
  const auto parsed = json({"check", "bad.yaml", "--json"}, 2);
  EXPECT_FALSE(parsed.at("ok").as_bool());
  ASSERT_GE(parsed.at("problems").as_array().size(), 2U);
  EXPECT_THAT(std::string(parsed.at("problems").as_array().front().as_string()), HasSubstr("bad.yaml:"));
  const Ran missing = run({"check", "nowhere.yaml"});
  EXPECT_EQ(missing.status, 2);
  EXPECT_THAT(missing.err, HasSubstr("nowhere.yaml"));
}

TEST_F(Upkeep, CheckWarnsOfWhatIsMissingHereAndPrintsNoSecret) {
  write_text(folder() / "warn.yaml",
             "version: 1\njobs:\n"
             "  lost:\n    command: [no-such-program-anywhere]\n"
             "  away:\n    command: [sh]\n    folder: not/there\n"
             "  keyed:\n    command: [sh, -c, 'true']\n    env: {DB_PASSWORD: Tr0ub4dor-and-3}\n");
  const Ran people = run({"check", "warn.yaml"});
  EXPECT_EQ(people.status, 0);
  EXPECT_THAT(people.err, HasSubstr("warning: job lost: the program 'no-such-program-anywhere' is not found"));
  EXPECT_THAT(people.err, HasSubstr("warning: job away: the folder"));
  EXPECT_THAT(people.err, Not(HasSubstr("job keyed")));
  EXPECT_THAT(people.out, HasSubstr("[redacted:"));
  EXPECT_THAT(people.out + run({"check", "warn.yaml", "--json"}).out, Not(HasSubstr("Tr0ub4dor")));
}

TEST_F(Upkeep, ABackupBringsBackWhatWasThere) {
  EXPECT_EQ(run({"backup", "early.db"}).status, 1);  // nothing to back up yet
  EXPECT_FALSE(std::filesystem::exists(home()));
  write_jobs();
  const std::string first = failed_incident("fetch");
  const Ran made = run({"backup", "copy.db"});
  EXPECT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("KiB, encrypted"));
  EXPECT_EQ(run({"backup", "copy.db"}).status, 1);
  EXPECT_THAT(file_text(folder() / "copy.db"), Not(HasSubstr("SQLite format 3")));

  write_text(folder() / "settings.ini", kBrokenSettings);
  const std::string second = failed_incident("load");
  const Ran restored = run({"restore", "copy.db"});
  EXPECT_EQ(restored.status, 0) << restored.err;
  EXPECT_THAT(restored.out, HasSubstr((home() / "mendline.db.before-restore-").string()));
  EXPECT_EQ(state_of(first), "awaiting_approval");
  EXPECT_EQ(run({"show", second}).status, 1);
  EXPECT_TRUE(json({"audit", "verify", "--json"}).at("intact").as_bool());
  EXPECT_EQ(text(json({"audit", "--limit", "1", "--json"}).as_array().front(), "action"), "store.restored");
}

TEST_F(Upkeep, RestoreIntoANewHomeNeedsTheOldKey) {
  write_jobs();
  failed_incident("fetch");
  ASSERT_EQ(run({"backup", "copy.db"}).status, 0);
  const std::string other = (folder() / "other").string();
  const Ran keyless = run({"--home", other, "restore", "copy.db"});
  EXPECT_EQ(keyless.status, 1);
  EXPECT_THAT(keyless.err, HasSubstr("MENDLINE_KEY"));
  EXPECT_FALSE(std::filesystem::exists(other + "/key"));  // a new key would only be in the way
  std::filesystem::create_directory(other);
  std::filesystem::permissions(other, std::filesystem::perms::owner_all);
  std::filesystem::copy_file(home() / "key", other + "/key");
  std::filesystem::permissions(other + "/key", std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const Ran restored = run({"--home", other, "restore", "copy.db"});
  EXPECT_EQ(restored.status, 0) << restored.err;
  EXPECT_EQ(json({"--home", other, "incidents", "--json"}).as_array().size(), 1U);
  EXPECT_EQ(run({"--home", other, "restore", "no-such-file.db"}).status, 1);
}

// What bash offers after the words.
class Completion : public Cli {
 protected:
  std::string offered(const std::vector<std::string>& words) const {
    std::string script = "source ./completion.bash\nCOMP_WORDS=(";
    for (const auto& word : words) script += "'" + word + "' ";
    script += ")\nCOMP_CWORD=" + std::to_string(words.size() - 1) + "\n_mendline\necho \" ${COMPREPLY[*]} \"\n";
    write_text(folder() / "ask.sh", script);
    const Ran ran = BinaryChild("bash", {"ask.sh"}, folder(), {}).wait();
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_EQ(ran.err, "");
    return ran.out;
  }
};

TEST_F(Completion, BashKnowsCommandsSubcommandsAndOptions) {
  const Ran script = run({"completion", "bash"});
  ASSERT_EQ(script.status, 0);
  write_text(folder() / "completion.bash", script.out);
  const std::string all = offered({"mendline", ""});
  for (const char* command : {" run ", " serve ", " approve ", " audit ", " completion "}) EXPECT_THAT(all, HasSubstr(command));
  EXPECT_EQ(offered({"mendline", "rol"}), " rollback \n");
  EXPECT_THAT(offered({"mendline", "audit", ""}), HasSubstr(" verify "));
  EXPECT_THAT(offered({"mendline", "incidents", "--"}), HasSubstr(" --state "));
  EXPECT_THAT(offered({"mendline", "audit", "verify", "--j"}), HasSubstr(" --json "));
  EXPECT_THAT(offered({"mendline", "--home", "x", "inc"}), HasSubstr(" incidents "));
  EXPECT_EQ(offered({"mendline", "run", "--", "--"}), "  \n");  // the job's own words
}

TEST_F(Completion, ZshAndFishNameEveryCommand) {
  const std::string zsh = run({"completion", "zsh"}).out, fish = run({"completion", "fish"}).out;
  EXPECT_THAT(zsh, HasSubstr("#compdef mendline"));
  EXPECT_THAT(zsh, HasSubstr("'approve:"));
  EXPECT_THAT(zsh, HasSubstr("'--state:"));
  EXPECT_THAT(fish, HasSubstr("complete -c mendline -n '__mendline_at \"\"' -f -a approve -d '"));
  EXPECT_THAT(fish, HasSubstr("complete -c mendline -n '__mendline_at \"/incidents\"' -l state -d '"));
  EXPECT_EQ(run({"completion", "tcsh"}).status, 2);
}

}  // namespace
}  // namespace mend
