#include "base/time_text.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/property.h"

namespace mend {
namespace {

WallTime utc(int year, unsigned month, unsigned day, int hour = 0, int minute = 0, int second = 0, int micros = 0) {
  return WallTime{std::chrono::sys_days{std::chrono::year{year} / int(month) / int(day)}.time_since_epoch()} + std::chrono::hours{hour} +
         std::chrono::minutes{minute} + std::chrono::seconds{second} + Duration{micros};
}

TEST(TimeText, ReadsEveryFormOfRfc3339) {
  const WallTime noon = utc(2026, 11, 24, 17, 49, 17);
  const std::pair<const char*, WallTime> table[] = {
      {"2026-11-24T17:49:17Z", noon},
      {"2026-11-24t17:49:17z", noon},
      {"2026-11-24 17:49:17Z", noon},
      {"2026-11-24T17:49:17.000000Z", noon},
      {"2026-11-24T17:49:17.5Z", noon + Duration{500'000}},
      {"2026-11-24T17:49:17.123456789Z", noon + Duration{123'456}},
      {"2026-11-24T17:49:17+00:00", noon},
      {"2026-11-24T17:49:17-00:00", noon},
      {"2026-11-24T18:49:17+01:00", noon},
      {"2026-11-24T12:19:17-05:30", noon},
      {"2026-11-25T17:48:17+23:59", noon},
      {"1970-01-01T00:00:00Z", WallTime{}},
      {"1969-12-31T23:59:59.999999Z", WallTime{Duration{-1}}},
      {"2024-02-29T00:00:00Z", utc(2024, 2, 29)},
      {"2016-12-31T23:59:60Z", utc(2017, 1, 1)},  // a leap second
      {"9999-12-31T23:59:59Z", utc(9999, 12, 31, 23, 59, 59)},
      {"0000-01-01T00:00:00Z", utc(0, 1, 1)},
  };
  for (const auto& [text, expected] : table) {
    const auto parsed = parse_rfc3339(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().message;
    EXPECT_EQ(*parsed, expected) << text;
  }
}

TEST(TimeText, RefusesWhatIsNoRfc3339TimeAndSaysWhy) {
  const std::pair<const char*, const char*> table[] = {
      {"", "the date"},
      {"yesterday", "the date"},
      {"26-11-24T17:49:17Z", "the date"},
      {"2026-1-24T17:49:17Z", "the date"},
      {"20261124T174917Z", "the date"},
      {"2026-11-24", "no T"},
      {"2026-11-24X17:49:17Z", "no T"},
      {"2026-11-24T17:49Z", "the time"},
      {"2026-11-24T7:49:17Z", "the time"},
      {"2026-11-24T17:49:17", "no offset"},
      {"2026-11-24T17:49:17.Z", "the fraction"},
      {"2026-11-24T17:49:17.1234567890Z", "the fraction"},
      {"2026-11-24T17:49:17,5Z", "no offset"},
      {"2026-11-24T17:49:17+01", "the offset"},
      {"2026-11-24T17:49:17+0100", "the offset"},
      {"2026-11-24T17:49:17+24:00", "the offset"},
      {"2026-11-24T17:49:17+01:60", "the offset"},
      {"2026-11-24T17:49:17ZZ", "after the time"},
      {"2026-11-24T17:49:17Z ", "after the time"},
      {"2026-02-29T00:00:00Z", "no such day"},
      {"2026-04-31T00:00:00Z", "no such day"},
      {"2026-00-10T00:00:00Z", "no such day"},
      {"2026-13-10T00:00:00Z", "no such day"},
      {"2026-11-24T24:00:00Z", "no such time"},
      {"2026-11-24T23:60:00Z", "no such time"},
      {"2026-11-24T23:59:61Z", "no such time"},
      {" 2026-11-24T17:49:17Z", "the date"},
      {"2026-11-24T17:49:17\xe2\x88\x92"
       "01:00",
       "no offset"},
      {"9999-12-31T23:59:59-23:59", "the year"},
      {"0000-01-01T00:00:00+00:01", "the year"},
  };
  for (const auto& [text, why] : table) {
    const auto parsed = parse_rfc3339(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::invalid_input);
    EXPECT_NE(parsed.error().message.find(why), std::string::npos) << text << " gave: " << parsed.error().message;
  }
}

TEST(TimeText, WritesUtcWithSixDigits) {
  EXPECT_EQ(format_rfc3339(utc(2026, 11, 24, 17, 49, 17, 123'456)), "2026-11-24T17:49:17.123456Z");
  EXPECT_EQ(format_rfc3339(WallTime{}), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(format_rfc3339(WallTime{Duration{-1}}), "1969-12-31T23:59:59.999999Z");
}

rc::Gen<WallTime> any_time() {
  // The years 0 to 9999, which is what four digits can say.
  return rc::gen::map(rc::gen::inRange<std::int64_t>(-62'167'219'200'000'000, 253'402'300'800'000'000),
                      [](std::int64_t micros) { return WallTime{Duration{micros}}; });
}

RC_GTEST_PROP(TimeTextProperty, WrittenAndReadAgainIsTheSame, ()) {
  const WallTime time = *any_time();
  const auto again = parse_rfc3339(format_rfc3339(time));
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == time);
}

RC_GTEST_PROP(TimeTextProperty, TextsSortAsTimesDo, ()) {
  const WallTime a = *any_time(), b = *any_time();
  RC_ASSERT((a < b) == (format_rfc3339(a) < format_rfc3339(b)));
}

RC_GTEST_PROP(TimeTextProperty, WhateverIsAcceptedCanBeWrittenAndReadAgain, ()) {
  std::string text = format_rfc3339(*any_time());
  const auto offset = *rc::gen::element<std::string>("Z", "z", "+23:59", "-23:59", "+00:30", "x");
  text = text.substr(0, text.size() - 1) + offset;
  if (*rc::gen::arbitrary<bool>()) text[*rc::gen::inRange<std::size_t>(0, text.size())] = *rc::gen::element('0', '9', '-', ':', 'T', 'z');
  const auto parsed = parse_rfc3339(text);
  if (!parsed) return;
  const auto again = parse_rfc3339(format_rfc3339(*parsed));
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == *parsed);
}

RC_GTEST_PROP(TimeTextProperty, AnyBytesAreATimeOrAnError, ()) {
  const auto text = *any::bytes();
  const auto parsed = parse_rfc3339(text);
  RC_ASSERT(parsed.has_value() || !parsed.error().message.empty());
}

TEST(TimeText, DurationsAsConfigurationWritesThem) {
  const std::pair<const char*, Duration> table[] = {{"90s", std::chrono::seconds{90}}, {"90", std::chrono::seconds{90}},
                                                    {"5m", std::chrono::minutes{5}},   {"5min", std::chrono::minutes{5}},
                                                    {"2h", std::chrono::hours{2}},     {"1d", std::chrono::hours{24}},
                                                    {"250ms", Duration{250'000}},      {"0", Duration{0}},
                                                    {"1.5s", Duration{1'500'000}},     {"0.25h", std::chrono::minutes{15}}};
  for (const auto& [text, expected] : table) {
    const auto parsed = parse_duration(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, expected) << text;
  }
  for (const char* const text : {"", "s", "abc", "-1s", "1 s", "1w", "1e30", "nan", "inf", "1e400", "5m ", "1s2"}) {
    const auto parsed = parse_duration(text);
    EXPECT_FALSE(parsed) << text;
    if (!parsed) EXPECT_NE(parsed.error().message.find("duration"), std::string::npos);
  }
}

TEST(TimeText, DurationsForPeople) {
  EXPECT_EQ(format_duration(Duration{240'000}), "240 ms");
  EXPECT_EQ(format_duration(Duration{1'500'000}), "1.5 s");
  EXPECT_EQ(format_duration(std::chrono::seconds{123}), "2 min 03 s");
  EXPECT_EQ(format_duration(std::chrono::minutes{125}), "2 h 05 min");
  EXPECT_EQ(format_duration(Duration{0}), "0 ms");
}

}  // namespace
}  // namespace mend
