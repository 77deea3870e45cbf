// Inside the local connector: the limits of a job by name, and the file that holds what was raised.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/job.h"

namespace mend {

struct LimitKind {
  std::string_view name;  // as in limits.json and in step parameters
  std::string_view text;  // "the memory limit"
  std::optional<std::uint64_t> Resources::* field;
};
inline constexpr std::array kLimitKinds = {
    LimitKind{"memory_bytes", "the memory limit", &Resources::memory_bytes},
    LimitKind{"cpu_seconds", "the CPU time limit", &Resources::cpu_seconds},
    LimitKind{"open_files", "the limit on open files", &Resources::open_files},
};

const LimitKind* find_limit(std::string_view name);
// "64 MiB", "30 s of CPU time", "256 open files".
std::string limit_text(const LimitKind& kind, std::uint64_t value);
// "memory 64 MiB, CPU 30 s, 256 open files"; empty when nothing is limited.
std::string limits_text(const Resources& resources);

// limits.json: an object of LimitKind names and numbers, nothing else. corrupt names what is wrong.
Result<Resources> parse_limits(std::string_view json);
std::string print_limits(const Resources& raised);

// job.resources raised by `raised`, within job.max_resources.
Resources overlay_limits(const JobSpec& job, const Resources& raised);

}  // namespace mend
