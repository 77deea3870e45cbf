#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <set>
#include <thread>

#include "base/file.h"
#include "base/text.h"
#include "knowledge/bm25.h"
#include "knowledge/library.h"
#include "support/property.h"

namespace mend {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kDocuments = {
    "permission denied for table orders",           "connection to database timed out after 30 seconds",
    "column user_id does not exist in table users", "java heap space out of memory",
    "permission denied for schema public",          "no space left on device"};

Bm25Index index_of(const std::vector<std::string>& documents) {
  Bm25Index index;
  for (const auto& document : documents) index.add(document);
  return index;
}

TEST(Bm25, TheDocumentItselfComesFirstWithSimilarityOne) {
  const Bm25Index index = index_of(kDocuments);
  EXPECT_EQ(index.size(), kDocuments.size());
  for (std::size_t i = 0; i < kDocuments.size(); ++i) {
    const auto hits = index.search(kDocuments[i], 3);
    ASSERT_FALSE(hits.empty());
    EXPECT_EQ(hits[0].document, i);
    EXPECT_NEAR(hits[0].similarity, 1.0, 1e-9);
    if (hits.size() > 1) EXPECT_LT(hits[1].similarity, 1.0);
  }
}

TEST(Bm25, RareWordsSayMoreThanFrequentOnes) {
  const auto hits = index_of(kDocuments).search("permission orders", 5);
  ASSERT_EQ(hits.size(), 2U);
  EXPECT_EQ(hits[0].document, 0U);
  EXPECT_EQ(hits[1].document, 4U);
  EXPECT_GT(hits[0].similarity, hits[1].similarity);
}

TEST(Bm25, CaseAndPunctuationDoNotMatterWordsOfOneLetterDoNotCount) {
  const Bm25Index index = index_of(kDocuments);
  EXPECT_EQ(index.search("PERMISSION: denied, for (table) \"orders\"!", 1)[0].document, 0U);
  EXPECT_TRUE(index.search("a b c 1 2", 5).empty());
}

TEST(Bm25, NothingInCommonIsNoHit) {
  const Bm25Index index = index_of(kDocuments);
  EXPECT_TRUE(index.search("wholly unrelated", 5).empty());
  EXPECT_TRUE(index.search("", 5).empty());
  EXPECT_TRUE(index.search(kDocuments[0], 0).empty());
  EXPECT_TRUE(Bm25Index().search("permission", 5).empty());
}

RC_GTEST_PROP(Bm25Property, SimilaritiesLieInTheUnitIntervalAndScoresFall, ()) {
  const auto word = rc::gen::element<std::string>("alpha", "beta", "gamma", "delta", "eps", "zeta eta", "x", "Ä");
  const auto text = [&] {
    std::string out;
    for (const auto& one : *rc::gen::container<std::vector<std::string>>(word)) out += one + " ";
    return out;
  };
  Bm25Index index;
  const int documents = *rc::gen::inRange(0, 12);
  for (int i = 0; i < documents; ++i) index.add(text());
  const auto most = *rc::gen::inRange<std::size_t>(0, 15);
  const auto hits = index.search(text(), most);
  RC_ASSERT(hits.size() <= most);
  std::set<std::size_t> seen;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    RC_ASSERT((hits[i].similarity >= 0.0 && hits[i].similarity <= 1.0));
    RC_ASSERT(hits[i].document < std::size_t(documents));
    RC_ASSERT(seen.insert(hits[i].document).second);
    if (i > 0) RC_ASSERT(hits[i - 1].score >= hits[i].score);
  }
}

Case case_of(const std::string& id, const std::string& text, const std::string& platform = "", const std::string& resolution = "") {
  Case past;
  past.id = CaseId(id);
  past.error_message = text;
  past.platform = platform;
  past.resolution = resolution;
  return past;
}

KnowledgeLibrary::Normalise lower() {
  return [](std::string_view text) { return lower_ascii(text); };
}

TEST(Library, FindsTheCaseThatResembles) {
  KnowledgeLibrary library(lower());
  for (std::size_t i = 0; i < kDocuments.size(); ++i) library.add_case(case_of("c" + std::to_string(i), kDocuments[i]));
  EXPECT_EQ(library.case_count(), kDocuments.size());
  const auto found = library.similar_cases("permission denied for table orders", "", 2);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].past.id, CaseId("c0"));
  EXPECT_EQ(found[1].past.id, CaseId("c4"));
  EXPECT_NEAR(found[0].similarity, 1.0, 1e-9);
}

TEST(Library, TheSamePlatformsExperienceCountsForMore) {
  KnowledgeLibrary library(lower());
  library.add_case(case_of("other", "relation missing", "bigquery"));
  library.add_case(case_of("ours", "relation missing", "postgresql"));
  library.add_case(case_of("filler", "something else", "postgresql"));
  EXPECT_EQ(library.similar_cases("relation missing", "postgresql", 1)[0].past.id, CaseId("ours"));
  EXPECT_EQ(library.similar_cases("relation missing", "bigquery", 1)[0].past.id, CaseId("other"));
}

TEST(Library, OfTwoCasesWithOneIdTheNewerWinsAndTheOlderIsNotShown) {
  KnowledgeLibrary library(lower());
  library.add_case(case_of("c", "relation orders missing", "", "old"));
  library.add_case(case_of("filler", "something else"));
  library.add_case(case_of("c", "relation orders missing", "", "new"));
  auto found = library.similar_cases("relation orders missing", "", 5);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].past.resolution, "new");
  // Even where the older text fits the query better.
  library.add_case(case_of("c", "relation missing", "", "newest"));
  found = library.similar_cases("relation orders missing", "", 5);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].past.resolution, "newest");
}

TEST(Library, PassagesOfTheTypeComeFirst) {
  KnowledgeLibrary library(lower());
  library.add_passage({"a", "Waiting", "Repair", "connection timeout: wait", {"network_timeout"}, {}});
  library.add_passage({"b", "Limits", "Repair", "connection timeout: raise the connection timeout", {"configuration_error"}, {}});
  EXPECT_EQ(library.passage_count(), 2U);
  EXPECT_EQ(library.passages("connection timeout", ErrorType::network_timeout, 1)[0].passage.runbook, "a");
  EXPECT_EQ(library.passages("connection timeout", ErrorType::configuration_error, 1)[0].passage.runbook, "b");
  EXPECT_TRUE(library.passages("nothing alike", ErrorType::network_timeout, 5).empty());
}

TEST(Library, SearchingAndAddingGoOnAtTheSameTime) {
  KnowledgeLibrary library(lower());
  library.add_case(case_of("seed", "permission denied seed"));
  std::atomic<bool> wrong = false;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 2; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 300; ++i) {
          library.add_case(case_of(std::to_string(t) + "-" + std::to_string(i), "permission denied " + std::to_string(i)));
          if (i % 10 == 0) library.add_passage({"r", "t", "s", "permission denied", {}, {}});
        }
      });
    for (int t = 0; t < 2; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 200; ++i) {
          const auto found = library.similar_cases("permission denied seed", "", 3);
          if (found.empty() || found[0].past.id != CaseId("seed")) wrong = true;
          (void)library.passages("permission", ErrorType::permission_denied, 3);
        }
      });
  }
  EXPECT_FALSE(wrong);
  EXPECT_EQ(library.case_count(), 601U);
  EXPECT_EQ(library.passage_count(), 60U);
}

TEST(ParseCases, ReadsLinesAndLeavesBlankOnesOut) {
  const auto cases =
      parse_cases("\n{\"id\":\"a\",\"error_message\":\"x\"}\r\n  \n{\"id\":\"b\",\"error_message\":\"y\",\"success\":true}\n", "c.jsonl");
  ASSERT_TRUE(cases) << cases.error().message;
  ASSERT_EQ(cases->size(), 2U);
  EXPECT_TRUE((*cases)[1].success);
  EXPECT_TRUE(parse_cases("", "c.jsonl")->empty());
}

TEST(ParseCases, NamesFileLineAndField) {
  const std::pair<const char*, const char*> table[] = {
      {"\n{\"id\":\"a\"}\n", "c.jsonl:2: case: field 'error_message' is missing"},
      {"{\"error_message\":\"x\"}", "c.jsonl:1: case: field 'id' is missing"},
      {"{\"id\":\"a\",\"error_message\":\"x\"}\n{oops\n", "c.jsonl:2: not valid JSON"},
      {"{\"id\":\"a\",\"error_message\":\"x\",\"error_type\":\"nonsense\"}", "c.jsonl:1: case: field 'error_type'"},
      {"{\"id\":\"a\",\"error_message\":\"x\",\"resolution_time_minutes\":\"5\"}", "c.jsonl:1: case: field 'resolution_time_minutes'"},
      {"[]", "c.jsonl:1: case: not a JSON object"}};
  for (const auto& [text, message] : table) {
    const auto cases = parse_cases(text, "c.jsonl");
    ASSERT_FALSE(cases) << text;
    EXPECT_EQ(cases.error().kind, ErrorKind::invalid_input);
    EXPECT_TRUE(cases.error().message.starts_with(message)) << cases.error().message;
  }
}

TEST(ParseRunbook, CutsAtItsHeadings) {
  const auto passages = parse_runbook(
      "---\nid: r\ntitle: Title\nerror_types: [network_timeout]\nstrategies: [s]\n---\n\n# Title\nIntro.\n\n## Symptoms\n- one\n- "
      "two\n\n## Empty\n\n## Repair\nDo.\n",
      "r.md");
  ASSERT_TRUE(passages) << passages.error().message;
  ASSERT_EQ(passages->size(), 3U);
  EXPECT_EQ((*passages)[0].section, "Overview");
  EXPECT_EQ((*passages)[1].section, "Symptoms");
  EXPECT_EQ((*passages)[1].text, "- one\n- two\n\n");
  EXPECT_EQ((*passages)[2].section, "Repair");
  for (const auto& passage : *passages) {
    EXPECT_EQ(passage.runbook, "r");
    EXPECT_EQ(passage.title, "Title");
    EXPECT_EQ(passage.error_types, std::vector<std::string>{"network_timeout"});
    EXPECT_EQ(passage.strategies, std::vector<std::string>{"s"});
  }
}

TEST(ParseRunbook, SaysWhatIsWrong) {
  const std::pair<std::string, const char*> table[] = {
      {"# Title\ntext", "no front matter"},
      {"", "no front matter"},
      {"---\nid: r\n", "not closed"},
      {"---\nid: r\n---\ntext\n", "needs id and title"},
      {"---\nid: r\ntitle: [\n---\ntext\n", "front matter line"},
      {"---\njust words\n---\ntext\n", ""},
      {"---\nid: r\ntitle: t\nerror_types: [nonsense]\n---\ntext\n", "no error type 'nonsense'"},
      {"---\nid: r\ntitle: t\n---\n\n# Title\n\n## Empty\n", "has no text"},
      {"---\nid: r\ntitle: t\n---\n\xff\n", "UTF-8"}};
  for (const auto& [text, why] : table) {
    const auto passages = parse_runbook(text, "r.md");
    ASSERT_FALSE(passages) << text;
    EXPECT_EQ(passages.error().kind, ErrorKind::invalid_input);
    EXPECT_TRUE(passages.error().message.starts_with("r.md: ")) << passages.error().message;
    EXPECT_NE(passages.error().message.find(why), std::string::npos) << passages.error().message;
  }
}

RC_GTEST_PROP(ParseProperty, AnyBytesAreKnowledgeOrAnError, ()) {
  const auto bytes = *any::bytes();
  (void)parse_cases(bytes, "c");
  (void)parse_runbook("---\n" + bytes, "r");
  (void)parse_runbook("---\nid: a\ntitle: b\n---\n" + bytes, "r");
}

std::vector<fs::path> files(const char* folder, const char* extension) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(MEND_SOURCE_DIR) / "catalog" / folder))
    if (entry.path().extension() == extension) out.push_back(entry.path());
  return out;
}

TEST(Catalog, EveryRunbookIsRead) {
  const auto runbooks = files("runbooks", ".md");
  EXPECT_GE(runbooks.size(), 10U);
  std::set<std::string> ids;
  for (const auto& file : runbooks) {
    const auto passages = parse_runbook(read_file(file).value(), file.filename().string());
    ASSERT_TRUE(passages) << passages.error().message;
    EXPECT_GE(passages->size(), 2U) << file;
    EXPECT_EQ((*passages)[0].runbook, file.stem().string()) << "the id is the file's name";
    EXPECT_TRUE(ids.insert((*passages)[0].runbook).second);
    EXPECT_FALSE((*passages)[0].error_types.empty()) << file;
  }
}

TEST(Catalog, EveryCaseIsReadAndNamesARealStrategy) {
  const std::string strategies = read_file(MEND_SOURCE_DIR "/catalog/strategies.yaml").value();
  std::set<std::string> ids;
  for (const auto& file : files("cases", ".jsonl")) {
    const auto cases = parse_cases(read_file(file).value(), file.filename().string());
    ASSERT_TRUE(cases) << cases.error().message;
    EXPECT_FALSE(cases->empty());
    for (const Case& past : *cases) {
      EXPECT_TRUE(ids.insert(past.id.str()).second) << past.id.str() << " stands there twice";
      EXPECT_NE(strategies.find("name: " + past.resolution_strategy + "\n"), std::string::npos)
          << past.id.str() << ": " << past.resolution_strategy;
      EXPECT_FALSE(past.resolution.empty()) << past.id.str();
      EXPECT_GE(past.resolution_time_minutes, 0) << past.id.str();
      EXPECT_TRUE(std::set<std::string>({"low", "medium", "high", "critical"}).contains(past.business_impact))
          << past.id.str() << ": " << past.business_impact;
    }
  }
  EXPECT_GE(ids.size(), 50U);
}

}  // namespace
}  // namespace mend
