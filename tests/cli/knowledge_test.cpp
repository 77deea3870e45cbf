// The knowledge commands, by the real program.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/file.h"
#include "cli/cli_fixture.h"

namespace mend {
namespace {

class KnowledgeCli : public Cli {
 protected:
  std::vector<std::string> add_arguments() const {
    return {"knowledge",    "add",
            "--type",       "schema_mismatch",
            "--strategy",   "update_schema_and_retry",
            "--text",       "loader: frobnicator lost column wibble_id",
            "--resolution", "put the column back",
            "--job",        "nightly",
            "--platform",   "dbt",
            "--json"};
  }
  void write_book(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories((folder() / "books" / name).parent_path());
    write_text(folder() / "books" / name, content);
  }
  boost::json::array results(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"knowledge", "search"});
    arguments.push_back("--json");
    return json(std::move(arguments)).at("results").as_array();
  }
  int audited(std::string_view action) const {
    int count = 0;
    const auto records = json({"audit", "--limit", "1000", "--json"});
    for (const auto& record : records.as_array()) count += text(record, "action") == action && text(record, "actor") == "user:ada";
    return count;
  }
  static constexpr const char* kRunbook =
      "---\nid: wibble\ntitle: Wibble tables\nerror_types: [schema_mismatch]\nplatforms: [dbt]\n---\n\n## Repair\n\n"
      "Run wibblectl rebuild, the password=hunter2secretvalue is in the vault.\n";
};

TEST_F(KnowledgeCli, AnAddedCaseIsFoundListedAndRemoved) {
  const auto past = json(add_arguments());
  const std::string id = text(past, "id");
  EXPECT_EQ(text(past, "error_type"), "schema_mismatch");
  const auto found = results({"frobnicator lost column wibble_id", "--limit", "3"});
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(text(found[0], "id"), id);
  EXPECT_EQ(text(found[0], "kind"), "case");
  EXPECT_EQ(text(found[0], "resolution"), "put the column back");
  EXPECT_EQ(found[0].at("lexical_rank").as_int64(), 1);
  EXPECT_EQ(found[0].at("vector_rank").as_int64(), 1);
  EXPECT_EQ(json({"cases", "--json"}).as_array().size(), 1U);
  EXPECT_EQ(audited("knowledge.added"), 1);

  const auto removed = json({"knowledge", "remove", id, "--json"});
  EXPECT_EQ(text(removed, "kind"), "case");
  EXPECT_TRUE(json({"cases", "--json"}).as_array().empty());
  for (const auto& one : results({"frobnicator lost column wibble_id"})) EXPECT_NE(text(one, "id"), id);
  EXPECT_EQ(audited("knowledge.removed"), 1);
  EXPECT_EQ(run({"knowledge", "remove", id}).status, 1);
  EXPECT_TRUE(json({"audit", "verify", "--json"}).at("intact").as_bool());
}

TEST_F(KnowledgeCli, WhatIsFoundByMeaningNeedNotShareAWord) {
  const auto found = results({"the account may not read this relation, access was refused", "--limit", "5"});
  ASSERT_FALSE(found.empty());
  bool by_meaning = false;
  for (const auto& one : found) by_meaning = by_meaning || one.at("vector_rank").as_int64() > 0;
  EXPECT_TRUE(by_meaning);
  EXPECT_EQ(text(json({"knowledge", "search", "disk is full", "--json"}), "degraded"), "");
  EXPECT_FALSE(std::filesystem::exists(home())) << "a search makes no home";
}

TEST_F(KnowledgeCli, AddRefusesWhatIsNotKnown) {
  const auto refused = [&](const std::string& option, const std::string& value, const std::string& why) {
    auto arguments = add_arguments();
    *(std::ranges::find(arguments, option) + 1) = value;
    const Ran ran = run(arguments);
    EXPECT_EQ(ran.status, 2) << option;
    EXPECT_THAT(ran.err, HasSubstr(why));
  };
  refused("--type", "schema_mismatsch", "no error type 'schema_mismatsch'; did you mean schema_mismatch?");
  refused("--strategy", "pray", "no strategy 'pray'; there are: ");
  refused("--text", "  ", "--text is empty");
  EXPECT_EQ(run({"knowledge", "add", "--type", "schema_mismatch"}).status, 2);
  EXPECT_EQ(run({"knowledge"}).status, 2);
  EXPECT_EQ(run({"knowledge", "add", "--help"}).status, 0);
  EXPECT_FALSE(std::filesystem::exists(home()));
}

TEST_F(KnowledgeCli, SecretsAreTakenOut) {
  auto arguments = add_arguments();
  *(std::ranges::find(arguments, "--text") + 1) = "login failed with password=hunter2secretvalue";
  const auto past = json(arguments);
  EXPECT_THAT(text(past, "error_message"), Not(HasSubstr("hunter2secretvalue")));
  write_book("wibble.md", kRunbook);
  EXPECT_EQ(run({"knowledge", "import", "books"}).status, 0);
  EXPECT_THAT(run({"knowledge", "export"}).out, Not(HasSubstr("hunter2secretvalue")));
}

TEST_F(KnowledgeCli, AFolderOfRunbooksIsImportedAndItsMistakesNamed) {
  write_book("sub/wibble.md", kRunbook);
  write_book("same.md", kRunbook);
  write_book("typo.md", "---\nid: t\ntittle: T\n---\ntext\n");
  write_book("notes.txt", "not a runbook");
  const Ran ran = run({"knowledge", "import", "books", "--json"});
  EXPECT_EQ(ran.status, 3) << ran.err;
  const auto done = boost::json::parse(ran.out);
  EXPECT_EQ(done.at("runbooks").as_int64(), 1);
  EXPECT_EQ(done.at("rejected_count").as_int64(), 2);
  EXPECT_THAT(ran.out, HasSubstr("id 'wibble' is that of same.md too"));
  EXPECT_THAT(ran.out, HasSubstr("no key 'tittle' is known; did you mean 'title'?"));
  const auto found = results({"wibblectl rebuild"});
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(text(found[0], "id"), "wibble#Repair");
  EXPECT_EQ(audited("knowledge.imported"), 1);
  // Only this platform's or any platform's.
  for (const auto& one : results({"wibblectl rebuild", "--platform", "kafka"})) EXPECT_NE(text(one, "id"), "wibble#Repair");
  EXPECT_EQ(text(json({"knowledge", "remove", "wibble", "--json"}), "kind"), "runbook");
  for (const auto& one : results({"wibblectl rebuild"})) EXPECT_NE(text(one, "id"), "wibble#Repair");
}

TEST_F(KnowledgeCli, BadLinesAreNumberedAndTheRestIsImported) {
  const std::string lines =
      "{\"id\":\"a\",\"error_message\":\"first wibble\",\"resolution_strategy\":\"escalate_to_human\"}\n"
      "{oops\n\n"
      "{\"id\":\"b\",\"error_message\":\"x\",\"resolution_strategy\":\"pray\"}\n"
      "{\"id\":\"c\",\"error_message\":\"x\",\"business_impact\":\"huge\"}\n"
      "{\"id\":\"d\",\"error_mesage\":\"x\"}\n"
      "{\"error_message\":\"second wobble\",\"error_type\":\"network_timeout\"}\n";
  const Ran ran = run({"knowledge", "import", "-"}, lines);
  EXPECT_EQ(ran.status, 3);
  EXPECT_THAT(ran.out, HasSubstr("2 cases and 0 runbooks imported, 4 rejected"));
  for (const char* why : {"line 2: ", "line 4: no strategy 'pray'", "line 5: no business impact 'huge'", "line 6: no field 'error_mesage'"})
    EXPECT_THAT(ran.err, HasSubstr(why));
  EXPECT_EQ(json({"cases", "--json"}).as_array().size(), 2U);
  EXPECT_EQ(run({"knowledge", "import", "-"}, lines).status, 3);
  EXPECT_EQ(json({"cases", "--json"}).as_array().size(), 2U) << "twice is as once";
}

TEST_F(KnowledgeCli, ImportOfWhatIsNotThere) {
  EXPECT_EQ(run({"knowledge", "import", "missing.jsonl"}).status, 1);
  std::filesystem::create_directories(folder() / "empty");
  const Ran empty = run({"knowledge", "import", "empty"});
  EXPECT_EQ(empty.status, 1);
  EXPECT_THAT(empty.err, HasSubstr("holds no Markdown file"));
  write_text(folder() / "bad.md", "no front matter");
  const Ran bad = run({"knowledge", "import", "bad.md"});
  EXPECT_EQ(bad.status, 3);
  EXPECT_THAT(bad.err, HasSubstr("bad.md: no front matter"));
}

TEST_F(KnowledgeCli, WhatIsExportedIsImportedAsItWas) {
  ASSERT_EQ(run(add_arguments()).status, 0);
  write_text(folder() / "wibble.md", kRunbook);
  ASSERT_EQ(run({"knowledge", "import", "wibble.md"}).status, 0);
  const std::string lines = run({"knowledge", "export"}).out;
  ASSERT_EQ(std::ranges::count(lines, '\n'), 2);
  const auto told = json({"knowledge", "export", "--out", "out.jsonl", "--json"});
  EXPECT_EQ(told.at("cases").as_int64(), 1);
  EXPECT_EQ(read_file(folder() / "out.jsonl").value(), lines);
  const auto other = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--home", (folder() / "other").string()});
    return run(std::move(arguments));
  };
  ASSERT_EQ(other({"knowledge", "import", "out.jsonl"}).status, 0);
  EXPECT_EQ(other({"knowledge", "export"}).out, lines);
}

TEST_F(KnowledgeCli, WhatShipsCannotBeRemoved) {
  for (const char* id : {"seed-pg-grant-select", "duplicate-rows"}) {
    const Ran ran = run({"knowledge", "remove", id});
    EXPECT_EQ(ran.status, 4) << id;
    EXPECT_THAT(ran.err, HasSubstr("ships with Mendline and cannot be removed"));
  }
  EXPECT_EQ(run({"knowledge", "remove", "nothing"}).status, 1);
  EXPECT_EQ(run({"knowledge", "export"}).out, "");
  EXPECT_FALSE(std::filesystem::exists(home()));
}

TEST_F(KnowledgeCli, SearchChecksWhatItIsAsked) {
  EXPECT_EQ(run({"knowledge", "search", "x", "--type", "odd"}).status, 2);
  EXPECT_EQ(run({"knowledge", "search", " "}).status, 2);
  EXPECT_EQ(run({"knowledge", "search", "x", "--limit", "0"}).status, 2);
  for (const auto& one : results({"permission denied", "--type", "network_timeout"}))
    if (text(one, "kind") == "case") EXPECT_EQ(text(one, "error_type"), "network_timeout");
  EXPECT_LE(results({"permission denied", "--limit", "2"}).size(), 2U);
  EXPECT_THAT(run({"knowledge", "search", "permission denied"}).out, HasSubstr("BY MEANING"));
}

// A data folder with some of what ships left out.
class WithoutVectors : public KnowledgeCli {
 protected:
  void make_data() const {
    const auto share = std::filesystem::path(mendline_program()).parent_path().parent_path() / "share/mendline";
    std::filesystem::create_directories(data());
    for (const char* name : {"catalog", "model.bin", "minilm.bin", "vectors.bin"})
      std::filesystem::create_symlink(share / name, data() / name);
  }
  std::filesystem::path data() const { return folder() / "data"; }
  Ran ask(std::vector<std::string> arguments) const {
    auto variables = environment();
    variables["MENDLINE_DATA"] = data().string();
    return BinaryChild(mendline_program(), std::move(arguments), folder(), variables, {}).wait();
  }
};

TEST_F(WithoutVectors, WithoutTheEncoderWordsAreComparedAndItIsSaid) {
  make_data();
  std::filesystem::remove(data() / "minilm.bin");
  const Ran found = ask({"knowledge", "search", "permission denied for table", "--json"});
  EXPECT_EQ(found.status, 0);
  EXPECT_THAT(found.out, HasSubstr("\"degraded\":\"degraded: found by words alone"));
  EXPECT_THAT(found.out, HasSubstr("seed-pg-grant-select"));
  const Ran told = ask({"classify", "permission denied for table orders", "--json"});
  EXPECT_EQ(told.status, 0);
  EXPECT_THAT(told.out, HasSubstr("degraded: found by words alone"));
  EXPECT_THAT(ask({"status"}).out, HasSubstr("found by their words alone"));
  EXPECT_EQ(ask({"knowledge", "index", "--out", "v.bin"}).status, 1);
}

TEST_F(WithoutVectors, DamagedVectorsAreMadeAgain) {
  make_data();
  std::filesystem::remove(data() / "vectors.bin");
  write_text(data() / "vectors.bin", "MENDVEC1 and then nothing of use");
  const Ran found = ask({"knowledge", "search", "permission denied for table", "--json"});
  EXPECT_EQ(found.status, 0);
  EXPECT_THAT(found.out, HasSubstr("\"kind\":\"case\""));
  EXPECT_THAT(ask({"status"}).out, HasSubstr("are made when they are needed"));
  EXPECT_EQ(ask({"knowledge", "index", "--out", (data() / "vectors.bin").string()}).status, 0);
  EXPECT_THAT(ask({"knowledge", "search", "permission denied for table", "--json"}).out, HasSubstr("\"degraded\":\"\""));
}

}  // namespace
}  // namespace mend
