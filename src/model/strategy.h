// A strategy: a named way to repair, from catalog/strategies.yaml.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/decision.h"

namespace mend {

// What a connector can do to a job; each with plan / check / apply / verify / undo.
enum class Capability : std::uint8_t {
  retry, scale, elevate, raise_quota, alter_schema, refresh_credentials, deduplicate, set_config, clean_data, cancel, status, logs,
};
std::string_view to_string(Capability capability);
std::optional<Capability> parse_capability(std::string_view name);

enum class Risk : std::uint8_t { low, medium, high };
std::string_view to_string(Risk risk);
std::optional<Risk> parse_risk(std::string_view name);

struct Strategy {
  std::string name;
  std::string title;                          // for people
  double prior_success = 0;                   // before anything was learned here
  Risk risk = Risk::high;
  std::vector<Capability> capabilities;       // in order; the re-run that verifies is retry and stands last
  std::map<std::string, std::string> parameters;  // e.g. max_retries = 3; typed where they are used
  std::vector<std::string> error_types;       // what it can repair, best first
};

}  // namespace mend
