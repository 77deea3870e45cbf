// The strategy registry: catalog/strategies.yaml, with what the user's configuration overrides.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/error_type.h"
#include "model/knowledge.h"
#include "model/strategy.h"

namespace mend {

// Immutable after parsing; thread-safe.
class StrategyRegistry {
 public:
  // invalid_input names file, line and the unknown key, capability, risk or error type.
  static Result<StrategyRegistry> parse(std::string_view yaml, std::string_view file_name);

  const Strategy* find(std::string_view name) const;
  const std::vector<Strategy>& all() const { return strategies_; }
  // Those that can repair the type, the recommended one first, then by expected success: the prior and what was learned here,
  // as a Beta posterior mean with the prior counting as ten trials.
  std::vector<const Strategy*> candidates(ErrorType type, std::string_view recommended, const std::vector<StrategyStatistics>& learned) const;

 private:
  std::vector<Strategy> strategies_;
};

// (prior * 10 + helped) / (10 + tried).
double expected_success(const Strategy& strategy, ErrorType type, const std::vector<StrategyStatistics>& learned);

}  // namespace mend
