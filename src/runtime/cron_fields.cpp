#include "runtime/cron_fields.h"

#include <array>
#include <bit>
#include <charconv>
#include <optional>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"

namespace mend {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct FieldKind {
  std::string_view name;
  unsigned least, most;
  std::span<const std::string_view> names;  // of the values from `least` on
  std::string_view allowed;
};

constexpr FieldKind kMinute{"minute", 0, 59, {}, "0 to 59"};
constexpr FieldKind kHour{"hour", 0, 23, {}, "0 to 23"};
constexpr FieldKind kDay{"day-of-month", 1, 31, {}, "1 to 31"};
constexpr FieldKind kMonth{"month", 1, 12, kMonths, "1 to 12 or jan to dec"};
constexpr FieldKind kWeekday{"day-of-week", 0, 7, kWeekdays, "0 to 7 (0 and 7 are Sunday) or sun to sat"};

std::unexpected<Error> wrong(const FieldKind& kind, std::string_view text, std::string_view why) {
  return fail(ErrorKind::invalid_input,
              fmt::format("cron field {}: '{}': {}; allowed are {}, lists (1,2), ranges (1-5) and steps (*/2, 1-9/2)", kind.name,
                          cut_utf8(text, 40), why, kind.allowed));
}

std::optional<unsigned> number_of(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::optional<unsigned> value_of(const FieldKind& kind, std::string_view text) {
  if (const auto number = number_of(text)) return *number >= kind.least && *number <= kind.most ? number : std::nullopt;
  const std::string lower = lower_ascii(text);
  for (std::size_t i = 0; i < kind.names.size(); ++i)
    if (kind.names[i] == lower) return kind.least + unsigned(i);
  return std::nullopt;
}

// One part of a list: "*", "5", "1-5", each of the first and the last with "/2".
Result<std::uint64_t> parse_part(const FieldKind& kind, std::string_view part) {
  const auto slash = part.find('/');
  const std::string_view range = part.substr(0, slash);
  unsigned step = 1;
  if (slash != std::string_view::npos) {
    const auto number = number_of(part.substr(slash + 1));
    if (!number || *number == 0 || *number > kind.most)
      return wrong(kind, part, fmt::format("the step after '/' is a number from 1 to {}", kind.most));
    step = *number;
  }
  // Sunday is 0 only, or "*" would hold it twice.
  unsigned first = kind.least, last = &kind == &kWeekday ? 6 : kind.most;
  if (range != "*") {
    const auto dash = range.find('-');
    const auto begin = value_of(kind, range.substr(0, dash));
    if (!begin) return wrong(kind, part, "no such value");
    first = last = *begin;
    if (dash != std::string_view::npos) {
      const auto end = value_of(kind, range.substr(dash + 1));
      if (!end) return wrong(kind, part, "no such value after '-'");
      last = *end;
      if (&kind == &kWeekday && last == 0 && first > 0 && !number_of(range.substr(dash + 1))) last = 7;  // fri-sun
      if (last < first) return wrong(kind, part, "the range ends before it begins");
    } else if (slash != std::string_view::npos) {
      return wrong(kind, part, fmt::format("a step needs a range: write {}-{}/{}", range, kind.most, step));
    }
  }
  std::uint64_t bits = 0;
  for (unsigned value = first; value <= last; value += step) bits |= std::uint64_t{1} << value;
  return bits;
}

Result<std::uint64_t> parse_field(const FieldKind& kind, std::string_view text) {
  std::uint64_t bits = 0;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(',', begin), text.size());
    MEND_TRY(const std::uint64_t part, parse_part(kind, text.substr(begin, end - begin)));
    bits |= part;
    begin = end + 1;
  }
  if (&kind == &kWeekday && (bits & (1U << 7U)) != 0) bits = (bits | 1U) & 0x7fU;
  return bits;
}

std::vector<std::string_view> blank_separated(std::string_view text) {
  std::vector<std::string_view> fields;
  while (!(text = trim(text)).empty()) {
    const auto end = std::min(text.find_first_of(" \t"), text.size());
    fields.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return fields;
}

Result<std::string_view> without_nickname(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kNicknames{{{"@hourly", "0 * * * *"},
                                                                                     {"@daily", "0 0 * * *"},
                                                                                     {"@midnight", "0 0 * * *"},
                                                                                     {"@weekly", "0 0 * * 0"},
                                                                                     {"@monthly", "0 0 1 * *"},
                                                                                     {"@yearly", "0 0 1 1 *"},
                                                                                     {"@annually", "0 0 1 1 *"}}};
  if (!text.starts_with('@')) return text;
  for (const auto& [nickname, meaning] : kNicknames)
    if (lower_ascii(text) == nickname) return meaning;
  return fail(ErrorKind::invalid_input,
              fmt::format("cron: '{}' is no schedule; allowed are @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually",
                          cut_utf8(text, 40)));
}

// Only with both day fields in force can a date be impossible: the other rule has some weekday to fall on.
bool some_day_exists(const CronSchedule::Fields& fields) {
  constexpr std::array<unsigned, 12> kLongest{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (!fields.any_day && !fields.any_weekday) return true;
  for (unsigned month = 1; month <= 12; ++month)
    if ((fields.months >> month & 1U) != 0 && unsigned(std::countr_zero(fields.days)) <= kLongest[month - 1]) return true;
  return false;
}

}  // namespace

Result<CronSchedule::Fields> parse_cron_fields(std::string_view text) {
  MEND_TRY(const std::string_view expression, without_nickname(trim(text)));
  const auto parts = blank_separated(expression);
  if (parts.size() != 5)
    return fail(ErrorKind::invalid_input,
                fmt::format("cron: '{}' has {} fields; wanted are 5: minute hour day-of-month month day-of-week, or @daily and the like",
                            cut_utf8(trim(text), 80), parts.size()));
  CronSchedule::Fields fields;
  MEND_TRY(fields.minutes, parse_field(kMinute, parts[0]));
  MEND_TRY(const auto hours, parse_field(kHour, parts[1]));
  MEND_TRY(const auto days, parse_field(kDay, parts[2]));
  MEND_TRY(const auto months, parse_field(kMonth, parts[3]));
  MEND_TRY(const auto weekdays, parse_field(kWeekday, parts[4]));
  fields.hours = std::uint32_t(hours);
  fields.days = std::uint32_t(days);
  fields.months = std::uint32_t(months);
  fields.weekdays = std::uint32_t(weekdays);
  fields.any_minute = parts[0].starts_with('*');
  fields.any_hour = parts[1].starts_with('*');
  fields.any_day = parts[2].starts_with('*');
  fields.any_weekday = parts[4].starts_with('*');
  if (!some_day_exists(fields))
    return fail(ErrorKind::invalid_input, fmt::format("cron fields day-of-month and month: no year has day '{}' in month '{}'",
                                                      cut_utf8(parts[2], 40), cut_utf8(parts[3], 40)));
  return fields;
}

}  // namespace mend
