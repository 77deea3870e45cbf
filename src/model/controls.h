// Manual overrides: the kill switch and per-job, per-strategy pauses. They win over everything.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"

namespace mend {

struct Pause {
  std::string scope;   // "global", "job", "strategy"
  std::string name;    // job id or strategy name; empty for global
  std::string by;
  std::string reason;
  WallTime since;
};

struct Controls {
  std::vector<Pause> pauses;
  const Pause* find(std::string_view scope, std::string_view name = {}) const {
    for (const Pause& pause : pauses)
      if (pause.scope == scope && pause.name == name) return &pause;
    return nullptr;
  }
};

}  // namespace mend
