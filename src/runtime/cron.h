// Cron expressions: when is the next time?
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace mend {

// Five fields "minute hour day-of-month month day-of-week", each a list of numbers, ranges and steps ("*/15", "8-18/2", "1,15"),
// months and days of the week also by name (jan, mon; 0 and 7 are Sunday); or @hourly, @daily, @midnight, @weekly, @monthly,
// @yearly, @annually. Vixie's rule for days: where both day fields are restricted, a day that matches either will do; where one
// begins with "*", both must match. A value; immutable and thread-safe.
class CronSchedule {
 public:
  // invalid_input names the field, what stands there and what is allowed, also for a date that no year has (30 February).
  static Result<CronSchedule> parse(std::string_view text);

  // The first time after `after` at which the job is due by the clocks of `zone`, an IANA name ("Europe/Berlin", "UTC"); always
  // on a full minute, except right after a gap that itself is not. When clocks change, as Debian's cron has it:
  //  - a job at a fixed time (no "*" at the begin of minute and hour) that falls into the hour that is left out runs once right
  //    after it, and in the hour that comes twice only the first time;
  //  - any other job follows the clock on the wall: every such minute that exists, each time it comes.
  // invalid_input for an unknown zone or a time outside of the years 1970 to 9000.
  Result<WallTime> next_after(WallTime after, std::string_view zone) const;

  const std::string& text() const { return text_; }
  bool operator==(const CronSchedule&) const = default;

  struct Fields {  // a bit for each value
    std::uint64_t minutes = 0;
    std::uint32_t hours = 0, days = 0, months = 0, weekdays = 0;  // weekdays: bit 0 is Sunday
    bool any_minute = false, any_hour = false, any_day = false, any_weekday = false;  // the field begins with "*"
    bool operator==(const Fields&) const = default;
  };

 private:
  std::string text_;
  Fields fields_;
};

}  // namespace mend
