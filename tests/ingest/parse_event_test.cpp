// One line, one event, or a problem that names the field.
#include "ingest/parse_event.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "base/time_text.h"
#include "support/property.h"

namespace mend {
namespace {

const std::string kGood = R"({"event_id":"e1","job_id":"nightly","run_id":"r1","job_type":"etl","platform":"airflow","status":"failed",)"
                          R"("error_message":"boom","timestamp":"2026-11-24T17:49:17Z","attempt":2,)"
                          R"("context":{"exit_code":137,"signal":9,"http_status":503,"oom_killed":true,"pod":"a-1"}})";

// The good line with one field's JSON replaced, or taken out when `json` is empty.
std::string with(const std::string& field, const std::string& json) {
  const std::pair<const char*, const char*> fields[] = {
      {"event_id", "\"e1\""}, {"job_id", "\"nightly\""}, {"status", "\"failed\""}, {"timestamp", "\"2026-11-24T17:49:17Z\""}};
  std::string out = "{";
  bool used = false;
  for (const auto& [name, value] : fields) {
    const bool this_one = name == field;
    used = used || this_one;
    const std::string text = this_one ? json : value;
    if (!text.empty()) out += (out.size() > 1 ? "," : "") + ("\"" + std::string(name) + "\":") + text;
  }
  if (!used && !json.empty()) out += ",\"" + field + "\":" + json;
  return out + "}";
}

Event parsed(const std::string& line) {
  EventParser parser;
  auto event = parser.parse(line);
  if (event) return *event;
  ADD_FAILURE() << line.substr(0, 300) << ": " << event.error().field << " " << event.error().reason;
  return {};
}

TEST(ParseEvent, EveryFieldArrives) {
  const Event event = parsed(kGood);
  EXPECT_EQ(event.id, EventId("e1"));
  EXPECT_EQ(event.job, JobId("nightly"));
  EXPECT_EQ(event.run, RunId("r1"));
  EXPECT_EQ(event.job_type, "etl");
  EXPECT_EQ(event.platform, "airflow");
  EXPECT_EQ(event.status, EventStatus::failed);
  EXPECT_EQ(event.error_message, "boom");
  EXPECT_EQ(format_rfc3339(event.timestamp), "2026-11-24T17:49:17.000000Z");
  EXPECT_EQ(event.received, WallTime{});
  EXPECT_EQ(event.attempt, 2);
  EXPECT_EQ(event.context.exit_code, 137);
  EXPECT_EQ(event.context.signal, 9);
  EXPECT_EQ(event.context.http_status, 503);
  EXPECT_EQ(event.context.oom_killed, true);
  EXPECT_EQ(event.context.other, (std::map<std::string, std::string>{{"pod", "a-1"}}));
}

TEST(ParseEvent, WhatMayBeMissingMayBeMissingOrNull) {
  for (const std::string& line :
       {with("x", ""), with("run_id", "null"), with("error_message", "null"), with("context", "null"), with("attempt", "null"),
        with("context", "{}"), with("context", R"({"exit_code":null,"oom_killed":null,"other":null})")}) {
    const Event event = parsed(line);
    EXPECT_EQ(event.id, EventId("e1"));
    EXPECT_EQ(event.attempt, 1);
    EXPECT_FALSE(event.context.exit_code || event.context.oom_killed);
    EXPECT_TRUE(event.context.other.empty());
  }
}

TEST(ParseEvent, EveryStatusAndOddButGoodValues) {
  for (const char* const status : {"started", "succeeded", "failed", "cancelled"})
    EXPECT_EQ(to_string(parsed(with("status", "\"" + std::string(status) + "\"")).status), status);
  EXPECT_EQ(parsed(with("event_id", R"("ü\"\\ 日 😀")")).id, EventId("ü\"\\ 日 😀"));
  EXPECT_EQ(parsed(with("error_message", R"("a\nb\t\u0000c\u00e9")")).error_message, std::string("a\nb\t\0c\xc3\xa9", 8));
  EXPECT_EQ(parsed(with("attempt", "0")).attempt, 0);
  EXPECT_EQ(parsed(with("context", R"({"exit_code":-1})")).context.exit_code, -1);
  EXPECT_EQ(parsed(" \t" + kGood + " \r").id, EventId("e1"));
  EXPECT_EQ(parsed(with("event_id", "\"" + std::string(512, 'x') + "\"")).id.str().size(), 512U);
  EXPECT_EQ(parsed(with("platform", "\"\"")).platform, "");
}

TEST(ParseEvent, UnknownFieldsAreKept) {
  EXPECT_EQ(parsed(with("dag", R"("daily")")).context.other.at("dag"), "\"daily\"");
  EXPECT_EQ(parsed(with("tags", R"({"team": ["a", 1]})")).context.other.at("tags"), R"({"team": ["a", 1]})");
  EXPECT_EQ(parsed(with("n", "1.5e3")).context.other.at("n"), "1.5e3");
  EXPECT_EQ(parsed(with("b", "true")).context.other.at("b"), "true");
  EXPECT_FALSE(parsed(with("z", "null")).context.other.contains("z"));
  EXPECT_EQ(parsed(with("context", R"({"pod":{"name":"a"},"n":7,"s":"x","list":[1,[2]]})")).context.other,
            (std::map<std::string, std::string>{{"pod", R"({"name":"a"})"}, {"n", "7"}, {"s", "x"}, {"list", "[1,[2]]"}}));
  // Whole: it may only be shortened once it is redacted.
  const Event event = parsed(with("long", "\"" + std::string(10'000, 'x') + "\""));
  EXPECT_EQ(event.context.other.at("long").size(), 10'002U);
}

TEST(ParseEvent, OfAFieldThatStandsTwiceTheLastCounts) {
  EXPECT_EQ(parsed(R"({"job_id":"first",)" + kGood.substr(1)).job, JobId("nightly"));
}

TEST(ParseEvent, WhatIsWrongIsNamed) {
  const std::string long_id = "\"" + std::string(513, 'x') + "\"";
  const std::pair<std::string, std::string> fields[] = {{"event_id", ""},
                                                        {"job_id", ""},
                                                        {"status", ""},
                                                        {"timestamp", ""},  // missing
                                                        {"event_id", "null"},
                                                        {"job_id", "null"},
                                                        {"status", "null"},
                                                        {"timestamp", "null"},
                                                        {"event_id", "7"},
                                                        {"event_id", "\"\""},
                                                        {"event_id", "\"  \""},
                                                        {"event_id", R"("a\nb")"},
                                                        {"event_id", R"("a\u0000")"},
                                                        {"event_id", R"("a\u007f")"},
                                                        {"event_id", long_id},
                                                        {"event_id", "{}"},
                                                        {"event_id", "[\"e1\"]"},
                                                        {"event_id", "true"},
                                                        {"event_id", "\"\\ud800\""},
                                                        {"event_id", R"("\q")"},
                                                        {"job_id", "1.5"},
                                                        {"job_id", "\"\""},
                                                        {"job_id", "\"\\t\""},
                                                        {"job_id", long_id},
                                                        {"run_id", "\"\""},
                                                        {"run_id", "8"},
                                                        {"run_id", long_id},
                                                        {"job_type", "1"},
                                                        {"job_type", R"("a\rb")"},
                                                        {"platform", "[]"},
                                                        {"platform", long_id},
                                                        {"status", "1"},
                                                        {"status", "\"FAILED\""},
                                                        {"status", "\"\""},
                                                        {"status", "\"running\""},
                                                        {"error_message", "5"},
                                                        {"error_message", "{\"text\":\"x\"}"},
                                                        {"error_message", "[\"x\"]"},
                                                        {"error_message", R"("\x")"},
                                                        {"timestamp", "1764006557"},
                                                        {"timestamp", "\"yesterday\""},
                                                        {"timestamp", "\"2026-11-24\""},
                                                        {"timestamp", "\"2026-02-30T00:00:00Z\""},
                                                        {"timestamp", "\"\""},
                                                        {"attempt", "\"2\""},
                                                        {"attempt", "1.5"},
                                                        {"attempt", "-1"},
                                                        {"attempt", "1000001"},
                                                        {"attempt", "1e2"},
                                                        {"attempt", "99999999999999999999"},
                                                        {"attempt", "2x"},
                                                        {"context", "[]"},
                                                        {"context", "\"x\""},
                                                        {"context", "7"}};
  EventParser parser;
  for (const auto& [field, json] : fields) {
    const auto event = parser.parse(with(field, json));
    ASSERT_FALSE(event) << field << ": " << json;
    EXPECT_EQ(event.error().field, field) << json << ": " << event.error().reason;
    EXPECT_FALSE(event.error().reason.empty());
  }
  const std::pair<const char*, const char*> contexts[] = {
      {"exit_code", "\"137\""},  {"exit_code", "1.5"}, {"exit_code", "4294967296"}, {"exit_code", "99999999999999999999"},
      {"exit_code", "true"},     {"signal", "[]"},     {"http_status", "\"503\""},  {"oom_killed", "1"},
      {"oom_killed", "\"true\""}};
  for (const auto& [field, json] : contexts) {
    const auto event = parser.parse(with("context", "{\"" + std::string(field) + "\":" + json + "}"));
    ASSERT_FALSE(event) << field << ": " << json;
    EXPECT_EQ(event.error().field, "context." + std::string(field));
  }
}

TEST(ParseEvent, ALineThatIsNoObjectIsAProblemOfTheWholeLine) {
  EventParser parser;
  for (const std::string& line : {std::string(),
                                  std::string("   "),
                                  std::string("{"),
                                  std::string("}"),
                                  std::string("[]"),
                                  std::string("null"),
                                  std::string("7"),
                                  std::string("\"x\""),
                                  std::string("not json"),
                                  std::string("{\"event_id\":\"e1\",\"job_id\":\"n\" \"status\":\"failed\"}"),
                                  kGood.substr(0, kGood.size() - 1),
                                  kGood + "}",
                                  kGood + kGood,
                                  kGood + " x",
                                  kGood + ",",
                                  "[" + kGood + "]",
                                  std::string("{event_id:\"e1\"}"),
                                  std::string("{'event_id':'e1'}"),
                                  std::string("{\"event_id\":\"e1\xff\"}"),
                                  std::string("\xff\xfe{}"),
                                  std::string(100'000, '['),
                                  std::string(3, '\0')}) {
    const auto event = parser.parse(line);
    ASSERT_FALSE(event) << line.substr(0, 300);
    EXPECT_FALSE(event.error().reason.empty());
  }
  EXPECT_EQ(parser.parse(kGood + kGood).error().reason, "text after the JSON object");
  EXPECT_NE(parser.parse(with("error_message", "\"\xc3\x28\"")).error().reason.find("UTF-8"), std::string::npos);
}

TEST(ParseEvent, DepthHarmsNothing) {
  const std::string deep = std::string(50'000, '[') + std::string(50'000, ']');
  EventParser parser;
  for (const std::string& line :
       {with("x", deep), with("context", "{\"x\":" + deep + "}"), with("event_id", deep), with("error_message", deep)})
    if (const auto event = parser.parse(line); !event) EXPECT_FALSE(event.error().reason.empty());
  EXPECT_EQ(parser.parse(kGood)->id, EventId("e1")) << "the parser goes on after all of them";
}

TEST(ParseEvent, AMessageOfTenMegabytesIsTakenAndOneOfSeventeenIsNot) {
  EventParser parser;
  const auto event = parser.parse(with("error_message", "\"" + std::string(10U << 20U, 'x') + "\""));
  ASSERT_TRUE(event);
  EXPECT_EQ(event->error_message.size(), 10U << 20U);
  const auto large = parser.parse(with("error_message", "\"" + std::string(17U << 20U, 'x') + "\""));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().field, "error_message");
  EXPECT_EQ(parser.parse(kGood)->id, EventId("e1"));
}

TEST(ParseEvent, OneLineLeavesNothingBehindForTheNext) {
  EventParser parser;
  ASSERT_TRUE(parser.parse(kGood));
  const auto bare = parser.parse(with("x", ""));
  ASSERT_TRUE(bare);
  EXPECT_TRUE(bare->run.empty() && bare->platform.empty() && bare->error_message.empty() && bare->context.other.empty());
  EXPECT_FALSE(bare->context.exit_code);
  ASSERT_FALSE(parser.parse("{"));
  EXPECT_EQ(parser.parse(kGood)->context.other.at("pod"), "a-1");
}

// What every result must be, whatever came in.
void check_result(const std::expected<Event, EventProblem>& result) {
  if (!result) {
    RC_ASSERT(!result.error().reason.empty());
    return;
  }
  RC_ASSERT((!result->id.empty() && !result->job.empty()));
  RC_ASSERT((is_valid_utf8(result->id.str()) && is_valid_utf8(result->error_message)));
  for (const auto& [name, value] : result->context.other) RC_ASSERT((is_valid_utf8(name) && is_valid_utf8(value)));
  RC_ASSERT(parse_rfc3339(format_rfc3339(result->timestamp)).value() == result->timestamp);
}

RC_GTEST_PROP(ParseEventProperty, AnyBytesAreAnEventOrAProblem, ()) {
  EventParser parser;
  check_result(parser.parse(*any::bytes()));
}

RC_GTEST_PROP(ParseEventProperty, AGoodLineWithAnyChangesIsAnEventOrAProblem, ()) {
  EventParser parser;
  std::string line = kGood;
  for (int i = *rc::gen::inRange(1, 6); i > 0; --i) {
    if (line.empty()) break;
    const auto at = *rc::gen::inRange<std::size_t>(0, line.size());
    switch (*rc::gen::inRange(0, 5)) {
      case 0: line[at] = *rc::gen::arbitrary<char>(); break;
      case 1: line.insert(at, 1, *rc::gen::element('"', '{', '}', '[', ']', ',', ':', '\\', '0', '-', 'e', '\n', '\0')); break;
      case 2: line.erase(at, 1); break;
      case 3: line.erase(at); break;
      default: {
        const auto to = *rc::gen::inRange<std::size_t>(0, line.size());
        line.insert(to, line.substr(at, 20));
      }
    }
  }
  check_result(parser.parse(line));
  RC_ASSERT(parser.parse(kGood).has_value());
}

RC_GTEST_PROP(ParseEventProperty, AnyTextsArriveAsTheyWereSent, ()) {
  const auto quoted = [](const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\')
        out += std::string("\\") + c;
      else if (byte < 0x20) {
        constexpr std::string_view kHex = "0123456789abcdef";
        out += std::string("\\u00") + kHex[byte >> 4U] + kHex[byte & 15U];
      } else
        out += c;
    }
    return out + "\"";
  };
  const std::string message = *any::text(), value = *any::text();
  EventParser parser;
  std::string line = with("error_message", quoted(message));
  line.insert(line.size() - 1, ",\"context\":{\"note\":" + quoted(value) + "}");
  const auto event = parser.parse(line);
  RC_ASSERT(event.has_value());
  RC_ASSERT(event->error_message == message);
  RC_ASSERT(event->context.other.at("note") == value);
}

}  // namespace
}  // namespace mend
