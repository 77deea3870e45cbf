// The catalog's strategies and resolution rules, as the analysis tests read them.
#pragma once

#include <stdexcept>
#include <vector>

#include "base/file.h"
#include "diagnose/resolutions.h"
#include "remediate/registry.h"

namespace mend {

inline std::vector<Strategy> catalog_strategies() {
  auto registry = StrategyRegistry::parse(read_file(MEND_SOURCE_DIR "/catalog/strategies.yaml").value(), "strategies.yaml");
  if (!registry) throw std::runtime_error(registry.error().message);
  return registry->all();
}

inline ResolutionRules catalog_resolutions() {
  auto rules =
      ResolutionRules::parse(read_file(MEND_SOURCE_DIR "/catalog/resolutions.yaml").value(), "resolutions.yaml", catalog_strategies());
  if (!rules) throw std::runtime_error(rules.error().message);
  return std::move(*rules);
}

}  // namespace mend
