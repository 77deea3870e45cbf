#include "model/plan.h"

#include <fmt/format.h>

#include "base/text.h"

namespace mend {

std::string plan_hash(const Plan& plan) {
  // Lengths before texts, numbers before lists: no parameter can pose as another one, or as a step.
  std::string canonical;
  const auto add = [&](std::string_view text) { canonical += fmt::format("{}:{};", text.size(), text); };
  add(plan.job.str());
  add(plan.strategy);
  add(plan.connector);
  for (const Step& step : plan.steps) {
    add(to_string(step.capability));
    add(step.reversible ? "reversible" : "irreversible");
    add(to_string(step.risk));
    add(fmt::format("{}", step.parameters.size()));
    for (const auto& [name, value] : step.parameters) {
      add(name);
      add(value);
    }
  }
  return blake2b_hex(canonical, 16);
}

}  // namespace mend
