// The fields of a cron expression from text; used by cron.cpp only.
#pragma once

#include <string_view>

#include "runtime/cron.h"

namespace mend {

Result<CronSchedule::Fields> parse_cron_fields(std::string_view text);

}  // namespace mend
