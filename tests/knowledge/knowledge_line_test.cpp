// Cases and runbooks as lines, there and back.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "knowledge/parse.h"
#include "model/json.h"
#include "support/property.h"

namespace mend {
namespace {

TEST(KnowledgeLine, ACaseAndARunbook) {
  const auto past = parse_knowledge_line(R"({"id":"a","error_message":"x","error_type":"network_timeout","success":true})");
  ASSERT_TRUE(past) << past.error().message;
  EXPECT_EQ(std::get<Case>(*past).id, CaseId("a"));
  const auto runbook = parse_knowledge_line(R"({"runbook":"---\nid: r\ntitle: T\n---\ntext\n"})");
  ASSERT_TRUE(runbook) << runbook.error().message;
  EXPECT_EQ(std::get<Runbook>(*runbook).id, "r");
  EXPECT_EQ(std::get<Runbook>(*runbook).title, "T");
}

TEST(KnowledgeLine, WithoutAnIdTheContentNamesIt) {
  const auto named = [](std::string_view line) {
    Case past = std::get<Case>(parse_knowledge_line(line).value());
    EXPECT_EQ(past.id.str(), kUnnamed);
    name_by_content(past);
    return past.id.str();
  };
  EXPECT_EQ(named(R"({"error_message":"x"})"), named(R"({"error_message":"x","id":null})"));
  EXPECT_NE(named(R"({"error_message":"x"})"), named(R"({"error_message":"y"})"));
  EXPECT_TRUE(named(R"({"error_message":"x"})").starts_with("imported-"));
}

TEST(KnowledgeLine, SaysWhatIsWrong) {
  const std::pair<std::string, const char*> table[] = {
      {"", "not valid JSON"},
      {"[]", "not a JSON object"},
      {"\"\xff\"", "UTF-8"},
      {R"({"id":"a"})", "'error_message' is missing"},
      {R"({"error_message":"x","sucess":true})", "no field 'sucess' is known; did you mean 'success'?"},
      {R"({"error_message":"x","error_type":"odd"})", "'error_type'"},
      {R"({"error_message":"x","resolution_time_minutes":-1})", "negative"},
      {R"({"runbook":5})", "'runbook' is not a string"},
      {R"({"runbook":"---\nid: r\ntitle: T\n---\ntext\n","id":"x"})", "no other field"},
      {R"({"runbook":"text"})", "no front matter"}};
  for (const auto& [line, why] : table) {
    const auto item = parse_knowledge_line(line);
    ASSERT_FALSE(item) << line;
    EXPECT_EQ(item.error().kind, ErrorKind::invalid_input);
    EXPECT_NE(item.error().message.find(why), std::string::npos) << item.error().message;
  }
}

TEST(ParseRunbookKeys, UnknownAndRepeatedOnesAreNamed) {
  const auto why = [](std::string_view front) {
    const auto passages = parse_runbook("---\n" + std::string(front) + "---\ntext\n", "r.md");
    return passages ? std::string("none") : passages.error().message;
  };
  EXPECT_EQ(why("id: r\ntitle: T\nerror_type: [x]\n"),
            "r.md: front matter line 4: no key 'error_type' is known; did you mean 'error_types'?");
  EXPECT_EQ(why("id: r\nid: q\ntitle: T\n"), "r.md: front matter line 3: 'id' stands there twice");
  EXPECT_NE(why("- id\n").find("not a list"), std::string::npos);
  EXPECT_EQ(why("id: r\ntitle: T\nplatforms: spark\n"), "none");
  EXPECT_TRUE(parse_runbook("---\r\nid: r\r\ntitle: T\r\n---\r\ntext\r\n", "r.md")) << "files of other systems end their lines otherwise";
}

RC_GTEST_PROP(KnowledgeLineProperty, WhatIsExportedIsImportedAsItWas, ()) {
  Case past;
  past.id = CaseId(*rc::gen::nonEmpty(any::text()));
  past.job = JobId(*any::text());
  past.platform = *any::text();
  past.error_message = *rc::gen::nonEmpty(any::text());
  past.error_type = kErrorTypes[*rc::gen::inRange<std::size_t>(0, kErrorTypeCount)];
  past.cause = *any::text();
  past.resolution_strategy = *any::text();
  past.resolution = *any::text();
  past.success = *rc::gen::arbitrary<bool>();
  past.resolution_time_minutes = *rc::gen::inRange(0, 100'000) / 8.0;
  past.business_impact = *any::text();
  past.recorded_at = WallTime{Duration{*rc::gen::inRange<std::int64_t>(0, 4'000'000'000'000'000)}};
  const std::string line = knowledge_line(past);
  RC_ASSERT(line.find('\n') == std::string::npos);
  const auto back = parse_knowledge_line(line);
  RC_ASSERT(back.has_value());
  RC_ASSERT(to_json(std::get<Case>(*back)) == to_json(past));
  RC_ASSERT(knowledge_line(*back) == line);
}

RC_GTEST_PROP(KnowledgeLineProperty, AnyBytesAreAnItemOrAnError, ()) { (void)parse_knowledge_line(*any::bytes()); }

}  // namespace
}  // namespace mend
