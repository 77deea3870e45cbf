// next_after against a plain search minute by minute, with a matcher of its own, around the days on which clocks change.
#include <set>
#include <vector>

#include <date/date.h>
#include <date/tz.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/time_text.h"
#include "runtime/cron.h"

namespace mend {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

struct Field {
  std::string text;
  std::set<unsigned> values;
  bool star = false;
};

rc::Gen<Field> field(unsigned least, unsigned most) {
  return rc::gen::exec([=] {
    Field made;
    switch (*rc::gen::inRange(0, 4)) {
      case 0: {  // "*" or "*/n"
        const unsigned step = *rc::gen::element(1U, 1U, 2U, 3U, 7U);
        made.text = step == 1 ? "*" : fmt::format("*/{}", step);
        made.star = true;
        for (unsigned v = least; v <= most; v += step) made.values.insert(v);
        break;
      }
      case 1: {  // a range
        const unsigned first = *rc::gen::inRange(least, most + 1), last = *rc::gen::inRange(first, most + 1);
        const unsigned step = *rc::gen::inRange(1U, 6U);
        made.text = fmt::format("{}-{}/{}", first, last, step);
        for (unsigned v = first; v <= last; v += step) made.values.insert(v);
        break;
      }
      default: {  // a list
        made.values = *rc::gen::container<std::set<unsigned>>(rc::gen::inRange(least, most + 1));
        made.values.insert(*rc::gen::inRange(least, most + 1));
        made.text = fmt::format("{}", fmt::join(made.values, ","));
      }
    }
    return made;
  });
}

struct Schedule {
  Field minute, hour, day, month, weekday;
  std::string text() const { return fmt::format("{} {} {} {} {}", minute.text, hour.text, day.text, month.text, weekday.text); }
  bool fixed() const { return !minute.star && !hour.star; }

  bool matches(date::local_time<minutes> local) const {
    const auto day_start = date::floor<date::days>(local);
    const date::year_month_day calendar(day_start);
    const auto in_day = local - day_start;
    const bool by_day = day.values.contains(unsigned(calendar.day()));
    const bool by_weekday = weekday.values.contains(date::weekday(day_start).c_encoding());
    return minute.values.contains(unsigned(in_day.count() % 60)) && hour.values.contains(unsigned(in_day.count() / 60)) &&
           month.values.contains(unsigned(calendar.month())) && (day.star || weekday.star ? by_day && by_weekday : by_day || by_weekday);
  }

  // Whether the job is due at this very minute, from the definition.
  bool due(date::sys_time<minutes> time, const date::time_zone& zone) const {
    const auto local = date::floor<minutes>(zone.to_local(time));
    if (!fixed()) return matches(local);
    const auto before = date::floor<minutes>(zone.to_local(time - minutes{1}));
    for (auto skipped = before + minutes{1}; skipped < local; skipped += minutes{1})
      if (matches(skipped)) return true;
    const auto which = zone.get_info(local);
    const bool second_time = which.result == date::local_info::ambiguous && time >= which.second.begin;
    return matches(local) && !second_time;
  }
};

rc::Gen<Schedule> schedules() {
  return rc::gen::build<Schedule>(rc::gen::set(&Schedule::minute, field(0, 59)), rc::gen::set(&Schedule::hour, field(0, 23)),
                                  rc::gen::set(&Schedule::day, field(1, 31)), rc::gen::set(&Schedule::month, field(1, 12)),
                                  rc::gen::set(&Schedule::weekday, field(0, 6)));
}

const char* const kZones[] = {"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo"};
// A day before clocks change in one of the zones, or any day.
const char* const kDays[] = {"2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z", "2026-03-07T12:00:00Z", "2026-10-31T12:00:00Z",
                             "2026-04-04T00:00:00Z", "2026-10-03T00:00:00Z", "2018-11-03T12:00:00Z", "2028-02-28T12:00:00Z"};

RC_GTEST_PROP(CronProperty, NextIsTheFirstDueMinuteAfter, ()) {
  const Schedule schedule = *schedules();
  const std::string zone_name = *rc::gen::elementOf(std::vector<std::string>(std::begin(kZones), std::end(kZones)));
  const std::string day = *rc::gen::elementOf(std::vector<std::string>(std::begin(kDays), std::end(kDays)));
  const WallTime after = parse_rfc3339(day).value() + seconds{*rc::gen::inRange(0, 36 * 3600)};
  RC_LOG() << schedule.text() << " in " << zone_name << " after " << format_rfc3339(after);

  const auto parsed = CronSchedule::parse(schedule.text());
  if (!parsed) {  // only dates that do not exist are refused of these
    RC_ASSERT(parsed.error().message.find("no year has day") != std::string::npos);
    return;
  }
  const auto found = parsed->next_after(after, zone_name);
  RC_ASSERT(found.has_value());
  RC_ASSERT(*found > after);

  const auto& zone = *date::locate_zone(zone_name);
  constexpr minutes kHorizon{4 * 24 * 60};
  const auto first = date::floor<minutes>(after) + minutes{1};
  for (auto minute = first; minute < first + kHorizon && minute < *found; minute += minutes{1}) RC_ASSERT(!schedule.due(minute, zone));
  const auto minute = date::floor<minutes>(*found);
  RC_ASSERT(minute == *found);
  RC_ASSERT(schedule.due(minute, zone));
}

RC_GTEST_PROP(CronProperty, AnyTextIsParsedOrRefused, (const std::string& text)) {
  const auto parsed = CronSchedule::parse(text);
  if (!parsed) RC_ASSERT(parsed.error().kind == ErrorKind::invalid_input);
}

RC_GTEST_PROP(CronProperty, NearlyRightTextsAreParsedOrRefused, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123456789*/-, @abcjanfeb")));
  const auto parsed = CronSchedule::parse(text);
  if (parsed) RC_ASSERT(parsed->next_after(WallTime{seconds{1'780'000'000}}, "UTC").has_value());
  else RC_ASSERT(!parsed.error().message.empty());
}

}  // namespace
}  // namespace mend
