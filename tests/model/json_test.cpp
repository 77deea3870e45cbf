#include "model/json.h"

#include <gtest/gtest.h>

#include <bit>
#include <boost/json.hpp>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "model/generators.h"

namespace mend {
namespace {

namespace js = boost::json;

// Through the text, as the store and --json have it.
template <class Value, class Read>
Value there_and_back(const Value& value, Read read) {
  const auto parsed = parse_json(to_line(to_json(value)));
  if (!parsed) RC_FAIL("not JSON: " + parsed.error().message);
  auto again = read(*parsed);
  if (!again) RC_FAIL("not read: " + again.error().message);
  return *again;
}

// The JSON library reads the last digit of a long number as it likes.
bool nearly(double a, double b) { return std::abs(a - b) <= std::abs(b) * 1e-15 + 1e-300; }

RC_GTEST_PROP(JsonRoundTrip, Diagnosis, ()) {
  const Diagnosis before = any::diagnosis(), after = there_and_back(before, diagnosis_from_json);
  RC_ASSERT(to_line(to_json(after)) == to_line(to_json(before)));
  RC_ASSERT(after.confidence == before.confidence);
  RC_ASSERT(after.facts == before.facts);
  RC_ASSERT(after.made_at == before.made_at);
}

RC_GTEST_PROP(JsonRoundTrip, Decision, ()) {
  const Decision before = any::decision(), after = there_and_back(before, decision_from_json);
  RC_ASSERT(to_line(to_json(after)) == to_line(to_json(before)));
}

RC_GTEST_PROP(JsonRoundTrip, Job, ()) {
  const JobSpec before = any::job(), after = there_and_back(before, job_from_json);
  RC_ASSERT(to_line(to_json(after)) == to_line(to_json(before)));
  RC_ASSERT(after.timeout == before.timeout);
  RC_ASSERT(after.retry_delay == before.retry_delay);
  RC_ASSERT(after.resources == before.resources);
  RC_ASSERT(after.max_resources == before.max_resources);
  if (before.credentials) RC_ASSERT(after.credentials->retry_delay == before.credentials->retry_delay);
}

RC_GTEST_PROP(JsonRoundTrip, Case, ()) {
  const Case before = any::past_case();
  Case after = there_and_back(before, case_from_json);
  RC_ASSERT(nearly(after.resolution_time_minutes, before.resolution_time_minutes));
  after.resolution_time_minutes = before.resolution_time_minutes;
  RC_ASSERT(to_line(to_json(after)) == to_line(to_json(before)));
}

RC_GTEST_PROP(JsonRoundTrip, Context, ()) {
  EventContext before = any::context();
  for (const char* const known : {"exit_code", "signal", "http_status", "oom_killed"}) before.other.erase(known);
  const EventContext after = there_and_back(before, event_context_from_json);
  RC_ASSERT(after.exit_code == before.exit_code);
  RC_ASSERT(after.signal == before.signal);
  RC_ASSERT(after.http_status == before.http_status);
  RC_ASSERT(after.oom_killed == before.oom_killed);
  RC_ASSERT(after.other == before.other);
}

RC_GTEST_PROP(JsonRoundTrip, Texts, ()) {
  const auto before = *any::text_map();
  RC_ASSERT(there_and_back(before, texts_from_json) == before);
}

RC_GTEST_PROP(JsonRoundTrip, PrettyAndLineSayTheSame, ()) {
  const auto json = to_json(any::job());
  RC_ASSERT(parse_json(to_pretty(json)).value() == parse_json(to_line(json)).value());
  RC_ASSERT(to_line(json).find('\n') == std::string::npos);
}

RC_GTEST_PROP(JsonRoundTrip, EverySecondOfADayIsExact, ()) {
  JobSpec job;
  job.timeout = Duration{*rc::gen::inRange<std::int64_t>(0, 86'400'000'000)};
  RC_ASSERT(there_and_back(job, job_from_json).timeout == job.timeout);
}

TEST(JsonText, NumbersAreWrittenAsPeopleWriteThem) {
  const std::pair<js::value, const char*> table[] = {{2.5, "2.5"},
                                                     {0.1, "0.1"},
                                                     {0.0, "0"},
                                                     {1.0, "1"},
                                                     {-3.25, "-3.25"},
                                                     {100000.0, "100000"},
                                                     {0.85, "0.85"},
                                                     {7, "7"},
                                                     {std::uint64_t(18446744073709551615ULL), "18446744073709551615"},
                                                     {std::numeric_limits<double>::quiet_NaN(), "null"},
                                                     {std::numeric_limits<double>::infinity(), "null"},
                                                     {-std::numeric_limits<double>::infinity(), "null"},
                                                     {nullptr, "null"},
                                                     {true, "true"}};
  for (const auto& [value, text] : table) EXPECT_EQ(to_line(value), text);
  EXPECT_EQ(to_line(js::object{{"a", js::array{1, 2.5, "x\n\"y\""}}, {"b", js::object{}}, {"c", js::array{}}}),
            R"({"a":[1,2.5,"x\n\"y\""],"b":{},"c":[]})");
  EXPECT_EQ(to_pretty(js::object{{"a", js::array{1}}, {"b", js::object{}}}), "{\n  \"a\": [\n    1\n  ],\n  \"b\": {}\n}");
}

RC_GTEST_PROP(JsonTextProperty, EveryFiniteNumberIsReadAgain, ()) {
  const double number = std::bit_cast<double>(*rc::gen::arbitrary<std::uint64_t>());
  if (!std::isfinite(number)) return;
  const auto again = parse_json(to_line(js::value(number)));
  RC_ASSERT(again.has_value());
  RC_ASSERT(nearly(again->to_number<double>(), number));
}

TEST(JsonText, RefusesWhatIsNoJson) {
  for (const char* const text : {"", "{", "{\"a\":}", "[1,]", "nul", "{} x", "{'a':1}", "\"\xff\"", "NaN", "01", "{\"a\" 1}"}) {
    const auto parsed = parse_json(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::invalid_input);
  }
  EXPECT_FALSE(parse_json(std::string(1'000'000, '[')));
  EXPECT_FALSE(parse_json(std::string(70, '[') + std::string(70, ']')));
  EXPECT_TRUE(parse_json(std::string(60, '[') + std::string(60, ']')));
}

RC_GTEST_PROP(JsonTextProperty, AnyBytesAreJsonOrAnError, ()) {
  const auto parsed = parse_json(*any::bytes());
  if (parsed) RC_ASSERT(parse_json(to_line(*parsed)).has_value());
}

template <class Read>
std::string problem(Read read, const char* json) {
  const auto done = read(parse_json(json).value());
  if (done) return "(none)";
  EXPECT_EQ(done.error().kind, ErrorKind::invalid_input);
  return done.error().message;
}

TEST(JsonIn, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(problem(job_from_json, "[]"), "job: not a JSON object");
  const std::pair<const char*, const char*> jobs[] = {{R"({"id":7})", "'id'"},
                                                      {R"({"command":"a"})", "'command'"},
                                                      {R"({"command":[1]})", "'command'"},
                                                      {R"({"env":[]})", "not a JSON object"},
                                                      {R"({"timeout_seconds":"1"})", "'timeout_seconds'"},
                                                      {R"({"timeout_seconds":1e300})", "'timeout_seconds'"},
                                                      {R"({"resources":{"memory_bytes":"64"}})", "'memory_bytes'"},
                                                      {R"({"resources":{"memory_bytes":-1}})", "'memory_bytes'"},
                                                      {R"({"resources":5})", "resources: not a JSON object"},
                                                      {R"({"max_resources":{"open_files":1.5}})", "'open_files'"},
                                                      {R"({"mode":"automatic"})", "'mode'"},
                                                      {R"({"criticality":"huge"})", "'criticality'"},
                                                      {R"({"rerun":"maybe"})", "'rerun'"},
                                                      {R"({"max_retries":1.5})", "'max_retries'"},
                                                      {R"({"max_retries":99999999999})", "'max_retries'"},
                                                      {R"({"retry_only":"yes"})", "'retry_only'"},
                                                      {R"({"credentials":[]})", "credentials: not a JSON object"},
                                                      {R"({"credentials":{"files":"x"}})", "'files'"},
                                                      {R"({"targets":{}})", "'targets'"},
                                                      {R"({"targets":[1]})", "targets: not a JSON object"},
                                                      {R"({"checks":[{"sql":1}]})", "'sql'"},
                                                      {R"({"allowed_strategies":[null]})", "'allowed_strategies'"}};
  for (const auto& [json, field] : jobs)
    EXPECT_NE(problem(job_from_json, json).find(field), std::string::npos) << json << ": " << problem(job_from_json, json);
  const std::pair<const char*, const char*> diagnoses[] = {{R"({"error_type":"timeout"})", "'error_type'"},
                                                           {R"({"confidence":"0.9"})", "'confidence'"},
                                                           {R"({"evidence":[{"kind":"rumour"}]})", "'kind'"},
                                                           {R"({"evidence_status":"sure"})", "'evidence_status'"},
                                                           {R"({"voters":[{"says":"?"}]})", "'says'"},
                                                           {R"({"made_at":"today"})", "'made_at'"},
                                                           {R"({"fact_places":[{"offset":-1}]})", "'offset'"},
                                                           {R"({"notes":[{}]})", "'notes'"},
                                                           {R"({"transient":0})", "'transient'"}};
  for (const auto& [json, field] : diagnoses) EXPECT_NE(problem(diagnosis_from_json, json).find(field), std::string::npos) << json;
  EXPECT_NE(problem(decision_from_json, R"({"verdict":"maybe"})").find("'verdict'"), std::string::npos);
  EXPECT_NE(problem(case_from_json, R"({"error_message":"x"})").find("'id' is missing"), std::string::npos);
  EXPECT_NE(problem(case_from_json, R"({"id":"x"})").find("'error_message' is missing"), std::string::npos);
  EXPECT_NE(problem(case_from_json, R"({"id":"x","error_message":"y","success":"yes"})").find("'success'"), std::string::npos);
  EXPECT_NE(problem(event_context_from_json, R"({"exit_code":"1"})").find("'exit_code'"), std::string::npos);
  EXPECT_NE(problem(event_context_from_json, R"({"oom_killed":1})").find("'oom_killed'"), std::string::npos);
}

TEST(JsonIn, ANumberThatIsNoneNeverBecomesAConfidence) {
  Diagnosis diagnosis;
  diagnosis.confidence = std::numeric_limits<double>::quiet_NaN();
  const auto again = diagnosis_from_json(parse_json(to_line(to_json(diagnosis))).value());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->confidence, 0);
  EXPECT_EQ(to_json(diagnosis).at("tier"), "escalate");
}

TEST(JsonIn, MissingAndNullFieldsKeepTheirDefaults) {
  const auto job = job_from_json(parse_json(R"({"id":"a","timeout_seconds":null,"resources":null,"mode":null})").value());
  ASSERT_TRUE(job);
  EXPECT_EQ(job->timeout, Duration{0});
  EXPECT_EQ(job->mode, JobSpec{}.mode);
  EXPECT_EQ(job->max_retries, 3);
}

}  // namespace
}  // namespace mend
