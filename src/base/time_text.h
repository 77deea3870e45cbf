// Times as text: RFC 3339 in and out.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace mend {

// "2026-11-24T17:49:17.123456Z": always UTC, always six digits, so that texts sort as times do.
std::string format_rfc3339(WallTime time);
// Any RFC 3339 date-time (offset or Z, 0-9 fraction digits, T or a blank). invalid_input names what is wrong.
Result<WallTime> parse_rfc3339(std::string_view text);
// "1.5 s", "2 min 03 s", "240 ms": for people.
std::string format_duration(Duration length);
// "90s", "5m", "2h", "1d", "250ms": as configuration writes it; a bare number is seconds.
Result<Duration> parse_duration(std::string_view text);

}  // namespace mend
