// What the knowledge base holds: past cases and runbook passages.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/error_type.h"
#include "model/ids.h"

namespace mend {

struct Case {
  CaseId id;
  JobId job;                     // empty for seed cases
  std::string platform;
  std::string error_message;     // redacted
  ErrorType error_type = ErrorType::unknown_error;
  std::string cause;
  std::string resolution_strategy;
  std::string resolution;        // what was done, free text
  bool success = false;
  double resolution_time_minutes = 0;
  std::string business_impact;   // low, medium, high, critical
  WallTime recorded_at;
};

struct RunbookPassage {
  std::string runbook;           // id
  std::string title;
  std::string section;           // heading
  std::string text;
  std::vector<std::string> error_types;
  std::vector<std::string> strategies;
  std::vector<std::string> platforms = {};  // empty: any
};

struct Runbook {
  std::string id;
  std::string title;
  std::string text;              // Markdown, with its front matter
};

// How often a strategy was tried and helped, per error type.
struct StrategyStatistics {
  std::string strategy;
  ErrorType error_type = ErrorType::unknown_error;
  std::uint64_t tried = 0;
  std::uint64_t helped = 0;
};

}  // namespace mend
