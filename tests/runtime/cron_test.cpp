#include "runtime/cron.h"

#include <gmock/gmock.h>

#include "base/time_text.h"

namespace mend {
namespace {

using testing::HasSubstr;

WallTime at(std::string_view text) { return parse_rfc3339(text).value(); }

std::string next(std::string_view schedule, std::string_view after, std::string_view zone = "UTC") {
  const auto parsed = CronSchedule::parse(schedule);
  if (!parsed) return parsed.error().message;
  const auto found = parsed->next_after(at(after), zone);
  if (!found) return found.error().message;
  const std::string text = format_rfc3339(*found);
  return text.substr(0, 16) + (text.substr(16) == ":00.000000Z" ? "Z" : text.substr(16));
}

struct Row {
  std::string_view schedule, after, expected;
};

TEST(Cron, PlainTimes) {
  const Row rows[] = {
      {"* * * * *", "2026-03-10T10:00:00Z", "2026-03-10T10:01Z"},
      {"* * * * *", "2026-03-10T10:00:59.999999Z", "2026-03-10T10:01Z"},
      {"0 * * * *", "2026-03-10T10:00:00Z", "2026-03-10T11:00Z"},
      {"@hourly", "2026-12-31T23:30:00Z", "2027-01-01T00:00Z"},
      {"*/15 * * * *", "2026-03-10T10:46:00Z", "2026-03-10T11:00Z"},
      {"5-20/5 8-10 * * *", "2026-03-10T08:20:30Z", "2026-03-10T09:05Z"},
      {"1,31,59 3 * * *", "2026-03-10T03:31:00Z", "2026-03-10T03:59Z"},
      {"30 4 * * *", "2026-03-10T04:29:59Z", "2026-03-10T04:30Z"},
      {"@daily", "2026-02-28T12:00:00Z", "2026-03-01T00:00Z"},
      {"@midnight", "2028-02-28T12:00:00Z", "2028-02-29T00:00Z"},
      {"@weekly", "2026-03-10T00:00:00Z", "2026-03-15T00:00Z"},
      {"@monthly", "2026-01-31T00:00:00Z", "2026-02-01T00:00Z"},
      {"@yearly", "2026-01-01T00:00:00Z", "2027-01-01T00:00Z"},
      {"@annually", "2026-07-01T00:00:00Z", "2027-01-01T00:00Z"},
      {"0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00Z"},
      {"0 0 29 2 *", "2096-03-01T00:00:00Z", "2104-02-29T00:00Z"},
      {"0 0 31 * *", "2026-03-31T00:00:00Z", "2026-05-31T00:00Z"},
      {"0 12 * JAN,Dec Mon-Fri", "2026-12-31T12:00:00Z", "2027-01-01T12:00Z"},
      {"0 9 * * mon-fri", "2026-03-13T09:00:00Z", "2026-03-16T09:00Z"},
      {"0 9 * * 7", "2026-03-10T09:00:00Z", "2026-03-15T09:00Z"},
      {"0 9 * * 0", "2026-03-10T09:00:00Z", "2026-03-15T09:00Z"},
      {"0 9 * * fri-sun", "2026-03-14T09:00:00Z", "2026-03-15T09:00Z"},
      {"0 9 * * 5-7", "2026-03-14T09:00:00Z", "2026-03-15T09:00Z"},
      {"\t0  9\t* *   * ", "2026-03-14T09:00:00Z", "2026-03-15T09:00Z"},
  };
  for (const auto& row : rows) EXPECT_EQ(next(row.schedule, row.after), row.expected) << row.schedule << " after " << row.after;
}

TEST(Cron, VixiesRuleForDays) {
  // Both restricted: the 13th or a Friday (13 March 2026 is a Friday).
  EXPECT_EQ(next("0 0 13 * fri", "2026-03-07T00:00:00Z"), "2026-03-13T00:00Z");
  EXPECT_EQ(next("0 0 13 * fri", "2026-03-13T00:00:00Z"), "2026-03-20T00:00Z");
  EXPECT_EQ(next("0 0 13 * fri", "2026-04-10T00:00:00Z"), "2026-04-13T00:00Z");
  // One begins with "*": both must match. Odd days that are Fridays.
  EXPECT_EQ(next("0 0 */2 * fri", "2026-03-13T00:00:00Z"), "2026-03-27T00:00Z");
  EXPECT_EQ(next("0 0 13 * *", "2026-03-13T00:00:00Z"), "2026-04-13T00:00Z");
}

TEST(Cron, ZonesAndOffsets) {
  EXPECT_EQ(next("0 6 * * *", "2026-01-10T00:00:00Z", "Europe/Berlin"), "2026-01-10T05:00Z");
  EXPECT_EQ(next("0 6 * * *", "2026-07-10T00:00:00Z", "Europe/Berlin"), "2026-07-10T04:00Z");
  EXPECT_EQ(next("0 0 * * *", "2026-07-10T00:00:00Z", "Asia/Kolkata"), "2026-07-10T18:30Z");
  EXPECT_EQ(next("*/15 * * * *", "2026-07-10T00:00:00Z", "Asia/Kathmandu"), "2026-07-10T00:15Z");
}

TEST(Cron, ClocksGoForward) {
  // Berlin 2026-03-29: 02:00 -> 03:00 at 01:00Z. New York 2026-03-08: 02:00 -> 03:00 at 07:00Z.
  EXPECT_EQ(next("30 2 * * *", "2026-03-29T00:00:00Z", "Europe/Berlin"), "2026-03-29T01:00Z");
  EXPECT_EQ(next("30 2 * * *", "2026-03-29T01:00:00Z", "Europe/Berlin"), "2026-03-30T00:30Z");
  EXPECT_EQ(next("5,50 2 * * *", "2026-03-29T00:00:00Z", "Europe/Berlin"), "2026-03-29T01:00Z");  // once for both
  EXPECT_EQ(next("5,50 2 * * *", "2026-03-29T01:00:00Z", "Europe/Berlin"), "2026-03-30T00:05Z");
  EXPECT_EQ(next("0 3 * * *", "2026-03-29T00:00:00Z", "Europe/Berlin"), "2026-03-29T01:00Z");
  EXPECT_EQ(next("0 3 * * *", "2026-03-29T01:00:00Z", "Europe/Berlin"), "2026-03-30T01:00Z");
  EXPECT_EQ(next("0 2,3 * * *", "2026-03-29T00:00:00Z", "Europe/Berlin"), "2026-03-29T01:00Z");
  EXPECT_EQ(next("30 2 * * *", "2026-03-08T06:59:00Z", "America/New_York"), "2026-03-08T07:00Z");
  EXPECT_EQ(next("30 2 * * mon", "2026-03-08T06:00:00Z", "America/New_York"), "2026-03-09T06:30Z");  // it was a Sunday
  // Jobs by the interval have no time that could be left out.
  EXPECT_EQ(next("*/20 * * * *", "2026-03-29T00:40:00Z", "Europe/Berlin"), "2026-03-29T01:00Z");
  EXPECT_EQ(next("*/20 2 * * *", "2026-03-29T00:40:00Z", "Europe/Berlin"), "2026-03-30T00:00Z");
  EXPECT_EQ(next("30 * * * *", "2026-03-29T00:30:00Z", "Europe/Berlin"), "2026-03-29T01:30Z");
  // Half an hour in Lord Howe: 2026-10-04 02:00 -> 02:30 at 2026-10-03T15:30Z.
  EXPECT_EQ(next("15 2 * * *", "2026-10-03T15:00:00Z", "Australia/Lord_Howe"), "2026-10-03T15:30Z");
  // Samoa left out the whole of 30 December 2011.
  EXPECT_EQ(next("0 12 30 12 *", "2011-12-30T09:00:00Z", "Pacific/Apia"), "2011-12-30T10:00Z");
}

TEST(Cron, ClocksGoBack) {
  // Berlin 2026-10-25: 03:00 -> 02:00 at 01:00Z. New York 2026-11-01: 02:00 -> 01:00 at 06:00Z.
  EXPECT_EQ(next("30 2 * * *", "2026-10-25T00:00:00Z", "Europe/Berlin"), "2026-10-25T00:30Z");
  EXPECT_EQ(next("30 2 * * *", "2026-10-25T00:30:00Z", "Europe/Berlin"), "2026-10-26T01:30Z");
  EXPECT_EQ(next("30 2 * * *", "2026-10-25T01:00:00Z", "Europe/Berlin"), "2026-10-26T01:30Z");  // asked in the second 02:00
  EXPECT_EQ(next("0 3 * * *", "2026-10-25T00:30:00Z", "Europe/Berlin"), "2026-10-25T02:00Z");
  EXPECT_EQ(next("15 1 * * *", "2026-11-01T05:15:00Z", "America/New_York"), "2026-11-02T06:15Z");
  EXPECT_EQ(next("30 * * * *", "2026-10-25T00:30:00Z", "Europe/Berlin"), "2026-10-25T01:30Z");    // every hour that comes
  EXPECT_EQ(next("*/30 2 * * *", "2026-10-25T00:30:00Z", "Europe/Berlin"), "2026-10-25T01:00Z");
}

TEST(Cron, ErrorsNameTheFieldAndWhatIsAllowed) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"60 * * * *", "cron field minute: '60': no such value; allowed are 0 to 59"},
      {"* 24 * * *", "cron field hour: '24'"},
      {"* * 0 * *", "cron field day-of-month: '0': no such value; allowed are 1 to 31"},
      {"* * * 13 *", "cron field month: '13': no such value; allowed are 1 to 12 or jan to dec"},
      {"* * * * 8", "cron field day-of-week: '8'"},
      {"* * * * monday", "cron field day-of-week: 'monday'"},
      {"5-1 * * * *", "the range ends before it begins"},
      {"*/0 * * * *", "the step after '/' is a number from 1 to 59"},
      {"*/x * * * *", "the step after '/'"},
      {"5/15 * * * *", "a step needs a range: write 5-59/15"},
      {"1,,2 * * * *", "cron field minute: ''"},
      {"1-2-3 * * * *", "no such value after '-'"},
      {"-1 * * * *", "cron field minute: '-1'"},
      {"1e1 * * * *", "cron field minute: '1e1'"},
      {"99999999999999999999 * * * *", "no such value"},
      {"* * * *", "has 4 fields; wanted are 5"},
      {"* * * * * *", "has 6 fields"},
      {"", "has 0 fields"},
      {"@reboot", "'@reboot' is no schedule; allowed are @hourly, @daily"},
      {"0 0 30 2 *", "no year has day '30' in month '2'"},
      {"0 0 31 4,6,9,11 *", "no year has day"},
  };
  for (const auto& [text, expected] : rows) {
    const auto parsed = CronSchedule::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::invalid_input);
    EXPECT_THAT(parsed.error().message, HasSubstr(std::string(expected))) << text;
  }
  EXPECT_TRUE(CronSchedule::parse("0 0 30 2 mon"));  // Mondays in February
}

TEST(Cron, UnknownZonesAndTimesFarOffAreRefused) {
  const auto daily = CronSchedule::parse("@daily").value();
  EXPECT_EQ(daily.text(), "@daily");
  for (const char* zone : {"Europe/Atlantis", "", "CEST+25", "../etc/passwd"}) {
    const auto found = daily.next_after(at("2026-01-01T00:00:00Z"), zone);
    ASSERT_FALSE(found) << zone;
    EXPECT_EQ(found.error().kind, ErrorKind::invalid_input);
    EXPECT_THAT(found.error().message, HasSubstr("is not known"));
  }
  EXPECT_EQ(daily.next_after(WallTime::min(), "UTC").error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(daily.next_after(WallTime::max(), "UTC").error().kind, ErrorKind::invalid_input);
}

}  // namespace
}  // namespace mend
