// What every command gets: where things are, the clock, the log, the terminal. Made once in main().
#pragma once

#include <filesystem>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/fail_points.h"
#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "redact/redactor.h"

namespace mend {

// Exit statuses, the same for every command (mendline --help lists them). `run` ends with the job's own status instead.
enum class ExitStatus : int {
  ok = 0,
  failed = 1,     // it was tried and did not work; the message says why
  usage = 2,      // the command line or a configuration file is wrong
  some_bad = 3,   // done, but some of the input was refused
  refused = 4,    // a guardrail, a pause or a missing approval forbids it
};

struct AppContext {
  std::filesystem::path home;   // state: --home, else $MENDLINE_HOME, else the XDG state folder
  bool home_chosen = false;     // by --home or $MENDLINE_HOME, not the default
  std::filesystem::path data;   // share/mendline beside the program, or $MENDLINE_DATA: catalog/ and model.bin
  SystemClock clock;
  SystemRandom random;
  FailPoints fail_points;
  std::unique_ptr<Log> log;
  std::unique_ptr<Redactor> redactor;  // made by load_redactor; nothing is printed or stored without it
  bool colours = false;         // standard output is a terminal and NO_COLOR is not set
  bool err_terminal = false;    // standard error is a terminal: progress lines may be shown
  std::string user;             // who gives approvals: login name

  Result<void> load_redactor();
};

std::filesystem::path default_home();
Result<std::filesystem::path> find_data();
std::string login_name();

}  // namespace mend
