// Which kernels this processor can run.
#pragma once

#include <string_view>
#include <vector>

#include "embed/kernels.h"

namespace mend {

// Fastest first, without the scalar ones; empty on a processor that has none of the instruction sets.
std::vector<const Kernels*> usable_kernels();
// By name, the scalar ones too; null when there are none of this name or the processor cannot run them.
const Kernels* find_kernels(std::string_view name);

}  // namespace mend
