#include "base/time_text.h"

#include <charconv>

#include <fmt/format.h>

namespace mend {
namespace {

// Reads exactly `digits` digits at `at`, moving it on.
bool read_digits(std::string_view text, std::size_t& at, int digits, int& value) {
  value = 0;
  for (int i = 0; i < digits; ++i, ++at) {
    if (at >= text.size() || text[at] < '0' || text[at] > '9') return false;
    value = value * 10 + (text[at] - '0');
  }
  return true;
}

bool read_char(std::string_view text, std::size_t& at, std::string_view allowed) {
  if (at >= text.size() || allowed.find(text[at]) == std::string_view::npos) return false;
  ++at;
  return true;
}

}  // namespace

std::string format_rfc3339(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const auto of_day = (time - day).count();
  const auto seconds = of_day / 1'000'000;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", int(date.year()), unsigned(date.month()), unsigned(date.day()),
                     seconds / 3600, seconds / 60 % 60, seconds % 60, of_day % 1'000'000);
}

Result<WallTime> parse_rfc3339(std::string_view text) {
  const auto bad = [&](std::string_view why) {
    return fail(ErrorKind::invalid_input,
                fmt::format("'{}' is not an RFC 3339 time ({}); write it like 2026-11-24T17:49:17Z", text.substr(0, 40), why));
  };
  std::size_t at = 0;
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!read_digits(text, at, 4, year) || !read_char(text, at, "-") || !read_digits(text, at, 2, month) || !read_char(text, at, "-") ||
      !read_digits(text, at, 2, day))
    return bad("the date");
  if (!read_char(text, at, "Tt ")) return bad("no T between date and time");
  if (!read_digits(text, at, 2, hour) || !read_char(text, at, ":") || !read_digits(text, at, 2, minute) || !read_char(text, at, ":") ||
      !read_digits(text, at, 2, second))
    return bad("the time");
  long micros = 0;
  if (at < text.size() && text[at] == '.') {
    ++at;
    int digits = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++digits)
      if (digits < 6) micros = micros * 10 + (text[at] - '0');
    if (digits == 0 || digits > 9) return bad("the fraction");
    for (; digits < 6; ++digits) micros *= 10;
  }
  int offset_minutes = 0;
  if (read_char(text, at, "Zz")) {
  } else if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
    const int sign = text[at++] == '-' ? -1 : 1;
    int hours = 0, minutes = 0;
    if (!read_digits(text, at, 2, hours) || !read_char(text, at, ":") || !read_digits(text, at, 2, minutes) || hours > 23 || minutes > 59)
      return bad("the offset");
    offset_minutes = sign * (hours * 60 + minutes);
  } else {
    return bad("no offset or Z");
  }
  if (at != text.size()) return bad("text after the time");
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month(unsigned(month)), std::chrono::day(unsigned(day))};
  if (!date.ok()) return bad("no such day");
  if (hour > 23 || minute > 59 || second > 60) return bad("no such time of day");
  const WallTime time = WallTime{std::chrono::sys_days{date}.time_since_epoch()} + std::chrono::hours{hour} +
                        std::chrono::minutes{minute - offset_minutes} + std::chrono::seconds{second} + Duration{micros};
  // At the very ends an offset leads out of the years that the format can write.
  const int utc_year = int(std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(time)}.year());
  if (utc_year < 0 || utc_year > 9999) return bad("the year in UTC");
  return time;
}

std::string format_duration(Duration length) {
  const auto micros = length.count();
  if (micros < 1'000'000) return fmt::format("{} ms", micros / 1000);
  if (micros < 60'000'000) return fmt::format("{:.1f} s", double(micros) / 1e6);
  const auto seconds = micros / 1'000'000;
  if (seconds < 3600) return fmt::format("{} min {:02} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {:02} min", seconds / 3600, seconds / 60 % 60);
}

Result<Duration> parse_duration(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit = text.substr(std::size_t(end - text.data()));
  double factor = 0;
  if (unit.empty() || unit == "s") factor = 1;
  else if (unit == "ms") factor = 1e-3;
  else if (unit == "m" || unit == "min") factor = 60;
  else if (unit == "h") factor = 3600;
  else if (unit == "d") factor = 86400;
  if (error != std::errc{} || factor == 0 || !(value >= 0) || value * factor > 1e9)
    return fail(ErrorKind::invalid_input, fmt::format("'{}' is not a duration; write it like 90s, 5m, 2h or 1d", text.substr(0, 40)));
  return Duration{static_cast<long>(value * factor * 1e6)};
}

}  // namespace mend
