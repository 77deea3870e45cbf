#include "embed/dispatch.h"

#if defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace mend {

// The built-in asks the operating system too: registers that it does not save are not there.
std::vector<const Kernels*> usable_kernels() {
  std::vector<const Kernels*> found;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vnni"))
    found.push_back(kernels_avx512vnni());
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) found.push_back(kernels_avx2());
#elif defined(__aarch64__)
  if ((::getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0) found.push_back(kernels_neon());
#endif
  return found;
}

const Kernels* find_kernels(std::string_view name) {
  if (name == kernels_scalar()->name) return kernels_scalar();
  for (const Kernels* kernels : usable_kernels())
    if (name == kernels->name) return kernels;
  return nullptr;
}

}  // namespace mend
