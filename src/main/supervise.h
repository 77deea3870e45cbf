// One supervised execution of a job: run it, record it, and heal it when it failed.
#pragma once

#include <optional>
#include <string>

#include "main/engine.h"

namespace mend {

struct Supervised {
  Run first;
  std::optional<HealReport> healing;   // when it failed
  std::string problem;                 // the run ended, but what came after could not be done or recorded: why
  const Run& last() const { return healing && healing->last_run ? *healing->last_run : first; }
};

// An error means that nothing was run: the store does not take records.
Result<Supervised> supervise(AppContext& app, Engine& engine, Connector& connector, const JobSpec& job, CallContext& call);

}  // namespace mend
