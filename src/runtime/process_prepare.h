// Everything a child needs, made ready and checked before the fork: after it nothing may be allocated.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include <sys/resource.h>

#include "base/result.h"
#include "runtime/process.h"

namespace mend {

// One resource limit as setrlimit(2) takes it.
struct ResourceLimit {
  int resource;
  rlimit value;
};

// Not to be copied or moved once pointers() was taken of it.
struct PreparedProcess {
  std::string program;                   // the file to execute
  std::vector<std::string> argv, env;
  std::string folder;                    // empty: stay
  std::vector<ResourceLimit> limits;     // without the memory
  std::optional<rlimit> address_space;   // in place of a memory cgroup
};

// The errors are those of run_process. A limit above this process's own hard limit is invalid_input: it could not be kept to.
Result<PreparedProcess> prepare_process(const ProcessSpec& spec);

// For execve: ends with a null pointer, valid while `texts` is.
std::vector<char*> pointers(std::vector<std::string>& texts);

}  // namespace mend
