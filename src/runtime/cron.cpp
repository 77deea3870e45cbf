#include "runtime/cron.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <optional>
#include <stdexcept>

#include <date/date.h>
#include <date/tz.h>
#include <fmt/format.h>

#include "base/text.h"
#include "runtime/cron_fields.h"

namespace mend {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using LocalMinute = date::local_time<minutes>;
using Fields = CronSchedule::Fields;

// After this the calendar repeats, weekdays included: what has not come by then never comes.
constexpr date::days kCalendarCycle{146'097};

bool day_matches(const Fields& fields, date::year_month_day day, date::weekday weekday) {
  if ((fields.months >> unsigned(day.month()) & 1U) == 0) return false;
  const bool by_day = (fields.days >> unsigned(day.day()) & 1U) != 0;
  const bool by_weekday = (fields.weekdays >> weekday.c_encoding() & 1U) != 0;
  return fields.any_day || fields.any_weekday ? by_day && by_weekday : by_day || by_weekday;
}

// The first matching minute in [from, until) on a clock without changes.
std::optional<LocalMinute> first_match(const Fields& fields, LocalMinute from, LocalMinute until) {
  for (date::local_days day = date::floor<date::days>(from); day < until; day += date::days{1}) {
    const date::year_month_day calendar(day);
    if ((fields.months >> unsigned(calendar.month()) & 1U) == 0) {  // on to the last day of this month
      day = date::local_days(calendar.year() / calendar.month() / date::last);
      continue;
    }
    if (!day_matches(fields, calendar, date::weekday(day))) continue;
    const unsigned from_minute = day < from ? unsigned((from - day).count()) : 0;
    for (unsigned hour = from_minute / 60; hour < 24; ++hour) {
      if ((fields.hours >> hour & 1U) == 0) continue;
      const unsigned least = hour == from_minute / 60 ? from_minute % 60 : 0;
      const std::uint64_t left = fields.minutes >> least << least;
      if (left == 0) continue;
      const LocalMinute found = day + std::chrono::hours{hour} + minutes{std::countr_zero(left)};
      if (found >= until) return std::nullopt;
      return found;
    }
  }
  return std::nullopt;
}

LocalMinute on_the_wall(date::sys_seconds time, seconds offset) {
  return LocalMinute(date::ceil<minutes>(time.time_since_epoch() + offset));
}

// One stretch of time after the other in which the clock runs evenly.
std::optional<date::sys_seconds> search(const Fields& fields, const date::time_zone& zone, date::sys_seconds after) {
  const bool fixed_time = !fields.any_minute && !fields.any_hour;
  const date::sys_seconds horizon = after + kCalendarCycle;
  date::sys_seconds from = after + seconds{1};
  while (from < horizon) {
    const date::sys_info here = zone.get_info(from);
    LocalMinute local_from = on_the_wall(from, here.offset);
    if (fixed_time) {
      const seconds offset_before = zone.get_info(here.begin - seconds{1}).offset;
      const LocalMinute left_off = on_the_wall(here.begin, offset_before), taken_up = on_the_wall(here.begin, here.offset);
      if (here.begin > after && first_match(fields, left_off, taken_up)) return here.begin;
      local_from = std::max(local_from, left_off);  // what comes for the second time had its turn
    }
    const date::sys_seconds until = std::min(here.end, horizon);
    if (const auto found = first_match(fields, local_from, on_the_wall(until, here.offset)))
      return date::sys_seconds(found->time_since_epoch() - here.offset);
    from = until;
  }
  return std::nullopt;
}

}  // namespace

Result<CronSchedule> CronSchedule::parse(std::string_view text) {
  CronSchedule schedule;
  MEND_TRY(schedule.fields_, parse_cron_fields(text));
  schedule.text_ = std::string(trim(text));
  return schedule;
}

Result<WallTime> CronSchedule::next_after(WallTime after, std::string_view zone) const {
  constexpr date::sys_days kFirst = date::year{1970} / 1 / 1, kLast = date::year{9000} / 1 / 1;
  if (after < kFirst || after >= kLast)
    return fail(ErrorKind::invalid_input, "cron: the time to start from is outside of the years 1970 to 9000");
  try {
    const auto* rules = date::locate_zone(std::string(zone));
    const auto found = search(fields_, *rules, date::floor<seconds>(after));
    if (!found) return fail(ErrorKind::not_found, fmt::format("cron: '{}' never comes", text_));
    return WallTime(*found);
  } catch (const std::exception&) {
    return fail(ErrorKind::invalid_input,
                fmt::format("time zone '{}' is not known; wanted is an IANA name such as Europe/Berlin or UTC", cut_utf8(zone, 60)));
  }
}

}  // namespace mend
