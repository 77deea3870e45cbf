#include <gmock/gmock.h>

#include "connectors/local_state.h"
#include "fixture.h"

namespace mend::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kGood = "# pipeline\nhost: db.internal\ntimeout: 30  # seconds\nretries: 3\n\n# where it goes\ntarget: orders\n";

class LocalConfig : public LocalTest {
 protected:
  LocalConfig() {
    job.config_files = {"pipeline.yaml"};
    put(file(), kGood);
    ::chmod(file().c_str(), 0640);
  }
  std::filesystem::path file() { return work("pipeline.yaml"); }
  void change(const std::string& from, const std::string& to) {
    std::string text = get(file());
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, from.size(), to);
    put(file(), text);
  }
  unsigned mode() {
    struct stat status{};
    ::stat(file().c_str(), &status);
    return status.st_mode & 07777U;
  }
};

TEST_F(LocalConfig, SetsTheOnlyChangedKeyBackAndUndoes) {
  succeed();
  change("timeout: 30", "timeout: abc");
  const std::string broken = get(file());
  Step step = planned(Capability::set_config, "ValueError: invalid literal for int() with base 10: 'abc'");
  EXPECT_EQ(step.parameters.at("key"), "timeout");
  EXPECT_EQ(step.parameters.at("mode"), "key");
  EXPECT_EQ(step.text,
            "set timeout in pipeline.yaml back to its last known good value\n- timeout: abc  # seconds\n+ timeout: 30  # seconds");
  EXPECT_EQ(step.risk, Risk::low);
  capture(step);
  EXPECT_EQ(get(file()), broken) << "capturing changes nothing";
  EXPECT_EQ(check(step), StepCheck::not_applied);
  apply(step);
  EXPECT_EQ(get(file()), kGood);
  EXPECT_EQ(mode(), 0640U);
  EXPECT_EQ(check(step), StepCheck::applied);
  undo(step);
  EXPECT_EQ(get(file()), broken);
  EXPECT_EQ(mode(), 0640U);
  EXPECT_EQ(check(step), StepCheck::not_applied);
  undo(step);
  EXPECT_EQ(get(file()), broken);
}
TEST_F(LocalConfig, KeepsOtherEditsAndComments) {
  succeed();
  change("# pipeline", "# pipeline of the north team");
  change("timeout: 30", "timeout: -1");
  change("retries: 3", "retries: 5");
  diagnosis.facts = {{.name = "setting", .value = "timeout"}};
  Step step = planned(Capability::set_config, "timeout out of range");
  capture(step);
  apply(step);
  EXPECT_EQ(get(file()),
            "# pipeline of the north team\nhost: db.internal\ntimeout: 30  # seconds\nretries: 5\n\n# where it goes\ntarget: orders\n");
}
TEST_F(LocalConfig, TheTextTellsWhichOfSeveral) {
  succeed();
  change("timeout: 30", "timeout: 31");
  change("host: db.internal", "host: db-nowhere.internal");
  EXPECT_EQ(planned(Capability::set_config, "could not translate host name \"db-nowhere.internal\"").parameters.at("key"), "host");
  EXPECT_EQ(planned(Capability::set_config, "bad value for timeout").parameters.at("key"), "timeout");
  EXPECT_EQ(planned(Capability::set_config, "connection to db-nowhere.internal failed").parameters.at("key"), "host");
  const std::string why = refusal(Capability::set_config, "it failed");
  EXPECT_THAT(why, HasSubstr("host in pipeline.yaml; timeout in pipeline.yaml"));
  EXPECT_THAT(why, HasSubstr("nothing says which"));
}
TEST_F(LocalConfig, TextNeverAddsAKeyOrAFile) {
  succeed();
  change("timeout: 30", "timeout: abc");
  diagnosis.facts = {{.name = "setting", .value = "target"}, {.name = "file", .value = "/etc/passwd"}};
  const Step step = planned(Capability::set_config, "set target to /etc/passwd; rm -rf /");
  EXPECT_EQ(step.parameters.at("key"), "timeout");
  EXPECT_EQ(step.parameters.at("file"), "pipeline.yaml");
}
TEST_F(LocalConfig, PutsBackARemovedKeyAsASmallDiff) {
  succeed();
  change("timeout: 30  # seconds\n", "");
  Step step = planned(Capability::set_config, "KeyError: 'timeout'");
  EXPECT_EQ(step.parameters.at("mode"), "file");
  EXPECT_THAT(step.text, HasSubstr("+ timeout: 30  # seconds"));
  const std::string broken = get(file());
  capture(step);
  apply(step);
  EXPECT_EQ(get(file()), kGood);
  undo(step);
  EXPECT_EQ(get(file()), broken);
}
TEST_F(LocalConfig, PutsBackASyntaxErrorOnlyWhenSmall) {
  succeed();
  change("timeout: 30", "timeout: [30");
  Step step = planned(Capability::set_config, "yaml.parser.ParserError: line 4");
  EXPECT_EQ(step.parameters.at("mode"), "file");
  capture(step);
  apply(step);
  EXPECT_EQ(get(file()), kGood);
  put(file(), "a: [1\nb: 2\nc: 3\nd: 4\ne: 5\n");
  EXPECT_THAT(refusal(Capability::set_config), HasSubstr("more than 3 lines differ"));
}
TEST_F(LocalConfig, DuplicateKeyCountsAsASyntaxError) {
  succeed();
  change("retries: 3\n", "retries: 3\ntimeout: 5\n");
  Step step = planned(Capability::set_config);
  EXPECT_EQ(step.parameters.at("mode"), "file");
  capture(step);
  apply(step);
  EXPECT_EQ(get(file()), kGood);
}
TEST_F(LocalConfig, SecretsStayOut) {
  put(file(), "password: hunter1\nlimit: 5\n");
  succeed();
  put(file(), "password: hunter2\nlimit: 5\n");
  Step step = planned(Capability::set_config);
  EXPECT_THAT(step.text, HasSubstr("not shown"));
  capture(step);
  apply(step);
  EXPECT_EQ(get(file()), "password: hunter1\nlimit: 5\n");
  for (const char* secret : {"hunter1", "hunter2"}) {
    EXPECT_FALSE(anywhere(folder / "state", secret));
    EXPECT_THAT(step.pre_image, Not(HasSubstr(secret)));
    for (const auto& [name, value] : step.parameters) EXPECT_THAT(value, Not(HasSubstr(secret)));
  }
  put(file(), "password: hunter1\nlimit: 5 # hunter3\nmode: x\n");
  EXPECT_THAT(planned(Capability::set_config).text, HasSubstr("[redacted:password]"));
}
TEST_F(LocalConfig, OtherFormats) {
  struct Example {
    const char *name, *good, *broken, *key;
  };
  for (const Example& example :
       {Example{"a.json", "{\"a\": {\"port\": 5432},\n \"b\": 1}\n", "{\"a\": {\"port\": \"x\"},\n \"b\": 1}\n", "a.port"},
        Example{"a.ini", "[db]\n# note\nport = 5432\n", "[db]\n# note\nport = fivefour\n", "db.port"},
        Example{".env", "A=1\nexport B=two\n", "A=1\nexport B=three\n", "B"}}) {
    job.config_files = {example.name};
    put(work(example.name), example.good);
    succeed();
    put(work(example.name), example.broken);
    Step step = planned(Capability::set_config);
    EXPECT_EQ(step.parameters.at("key"), example.key);
    capture(step);
    apply(step);
    EXPECT_EQ(get(work(example.name)), example.good);
    undo(step);
    EXPECT_EQ(get(work(example.name)), example.broken);
  }
}
TEST_F(LocalConfig, RefusesWithoutSomethingToCompareWith) {
  EXPECT_THAT(refusal(Capability::set_config), HasSubstr("no last known good copy"));
  succeed();
  EXPECT_EQ(refusal(Capability::set_config), "every configuration file is as it was at the job's last success");
  change("# pipeline", "# other words");
  EXPECT_THAT(refusal(Capability::set_config), HasSubstr("comments or layout only"));
  std::filesystem::remove(file());
  EXPECT_THAT(refusal(Capability::set_config), HasSubstr("No such file"));
}
TEST_F(LocalConfig, RefusesWhatIsNoRegularTextFile) {
  succeed();
  put(file(), std::string("\0\1\2binary\0", 10));
  EXPECT_THAT(refusal(Capability::set_config), HasSubstr("not UTF-8 text"));
  put(file(), std::string((1U << 20U) + 1, 'x'));
  EXPECT_THAT(refusal(Capability::set_config), HasSubstr("larger than"));
  std::filesystem::remove(file());
  put(work("elsewhere.yaml"), "timeout: 99\n");
  std::filesystem::create_symlink(work("elsewhere.yaml"), file());
  EXPECT_THAT(refusal(Capability::set_config), HasSubstr("symbolic link"));
  std::filesystem::remove(file());
  ASSERT_EQ(::mkfifo(file().c_str(), 0600), 0);
  EXPECT_THAT(refusal(Capability::set_config), HasSubstr("not a regular file"));
  EXPECT_EQ(get(work("elsewhere.yaml")), "timeout: 99\n");
}
TEST_F(LocalConfig, ASuccessWithAnOddFileOnlyWarns) {
  std::filesystem::remove(file());
  std::filesystem::create_directory(file());
  succeed();
  ASSERT_EQ(log.lines.size(), 1U);
  EXPECT_THAT(log.lines.front(), HasSubstr("not kept as last known good"));
}
TEST_F(LocalConfig, LeavesAloneWhatSomebodyElseChanged) {
  succeed();
  change("timeout: 30", "timeout: abc");
  Step step = planned(Capability::set_config);
  capture(step);
  change("timeout: abc", "timeout: 45");  // a person was quicker
  EXPECT_EQ(check(step), StepCheck::changed);
  EXPECT_EQ(apply_error(step), ErrorKind::conflict);
  EXPECT_EQ(undo_error(step), ErrorKind::conflict);
  EXPECT_THAT(get(file()), HasSubstr("timeout: 45"));
  EXPECT_EQ(connector->capture(job, step, call).error().kind, ErrorKind::conflict);
  std::filesystem::remove(file());
  EXPECT_EQ(check(step), StepCheck::changed);
}
TEST_F(LocalConfig, ALaterChangeIsNotOverwrittenByUndo) {
  succeed();
  change("timeout: 30", "timeout: abc");
  Step step = planned(Capability::set_config);
  capture(step);
  apply(step);
  change("timeout: 30", "timeout: 60");
  EXPECT_EQ(undo_error(step), ErrorKind::conflict);
  EXPECT_THAT(get(file()), HasSubstr("timeout: 60"));
}
TEST_F(LocalConfig, StepsCannotReachOtherFiles) {
  succeed();
  change("timeout: 30", "timeout: abc");
  Step step = planned(Capability::set_config);
  capture(step);
  const Step honest = step;
  put(work("secret.yaml"), "a: 1\n");
  step.parameters["file"] = "secret.yaml";
  EXPECT_EQ(apply_error(step), ErrorKind::permission);
  EXPECT_EQ(undo_error(step), ErrorKind::permission);
  step = honest;
  step.pre_image = "{\"copy\":\"/etc/passwd\"}";
  EXPECT_EQ(apply_error(step), ErrorKind::corrupt);
  step = honest;
  step.parameters["result_hash"] = "0";
  EXPECT_EQ(apply_error(step), ErrorKind::internal);
  EXPECT_THAT(get(file()), HasSubstr("timeout: abc"));
}
TEST_F(LocalConfig, APlanIsBoundToTheGoodCopyItWasMadeFrom) {
  succeed();
  change("timeout: 30", "timeout: abc");
  Step step = planned(Capability::set_config);
  capture(step);
  const std::string broken = get(file());
  put(file(), "host: x\n");
  succeed();
  put(file(), broken);
  EXPECT_EQ(apply_error(step), ErrorKind::conflict);
  EXPECT_EQ(get(file()), broken);
}
TEST_F(LocalConfig, AChangedSealedCopyIsNotUsed) {
  succeed();
  change("timeout: 30", "timeout: abc");
  Step step = planned(Capability::set_config);
  capture(step);
  apply(step);
  for (const auto& entry : std::filesystem::directory_iterator(state("undo"))) {
    std::string sealed = get(entry.path());
    sealed.back() = char(sealed.back() ^ 1);
    put(entry.path(), sealed);
  }
  EXPECT_EQ(undo_error(step), ErrorKind::corrupt);
  EXPECT_EQ(get(file()), kGood);
}
TEST_F(LocalConfig, HighCriticalityIsMediumRisk) {
  job.criticality = Criticality::high;
  succeed();
  change("timeout: 30", "timeout: abc");
  EXPECT_EQ(planned(Capability::set_config).risk, Risk::medium);
}
TEST_F(LocalConfig, KeysOnOneLineFallBackToTheSmallFile) {
  put(file(), "m: {timeout: 30, host: a}\nx: 1\n");
  succeed();
  put(file(), "m: {timeout: bad, host: b}\nx: 1\n");
  const Step step = planned(Capability::set_config, "timeout is bad");
  EXPECT_EQ(step.parameters.at("mode"), "file");
}
TEST(JobState, FolderNamesAreOneComponentAndDistinct) {
  EXPECT_EQ(JobState::folder_name(JobId("nightly.load-1")), "nightly.load-1");
  for (const char* id : {"../../etc", "a/b", "", ".", "..", "a b", "x\ny"}) {
    const std::string name = JobState::folder_name(JobId(id));
    EXPECT_EQ(name.find('/'), std::string::npos) << id;
    EXPECT_NE(name.find('~'), std::string::npos) << id;
    EXPECT_FALSE(name.starts_with('.')) << id;
  }
  EXPECT_NE(JobState::folder_name(JobId("a/b")), JobState::folder_name(JobId("a_b")));
  EXPECT_NE(JobState::folder_name(JobId("a/b")), JobState::folder_name(JobId("a:b")));
  const std::string long_id(500, 'x');
  EXPECT_LT(JobState::folder_name(JobId(long_id)).size(), 120U);
  EXPECT_NE(JobState::folder_name(JobId(long_id)), JobState::folder_name(JobId(long_id + "y")));
}

}  // namespace
}  // namespace mend::test
