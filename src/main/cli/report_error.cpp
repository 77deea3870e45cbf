#include <fmt/format.h>

#include "main/cli/commands.h"
#include "main/output.h"

namespace mend {

ExitStatus report_error(const Error& error) {
  print_error(fmt::format("mendline: {}\n", error.message));
  return error.kind == ErrorKind::invalid_input ? ExitStatus::usage : ExitStatus::failed;
}

}  // namespace mend
