// A job: a named unit of scheduled work, as the jobs file or the command line describes it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/decision.h"
#include "model/ids.h"

namespace mend {

struct Resources {
  std::optional<std::uint64_t> memory_bytes;
  std::optional<std::uint64_t> cpu_seconds;   // RLIMIT_CPU
  std::optional<std::uint64_t> open_files;    // RLIMIT_NOFILE
  bool operator==(const Resources&) const = default;
};

// Where a job's data goes, so that a repair of the schema knows what to compare.
struct DataTarget {
  std::string kind;         // "sqlite"
  std::string database;     // file
  std::string table;
  std::string source;       // the incoming file whose header and rows are compared with the table (CSV)
  std::string quarantine;   // folder for removed rows; empty: inside the home
};

// A question asked of a target after a run that exited 0: the run only counts as a success when the answer fits.
struct DataCheck {
  std::string name;
  std::string database;     // sqlite file
  std::string sql;          // one SELECT giving one value
  std::string expect;       // "= 3", "> 0", ">= 10"
};

struct Credentials {
  std::vector<std::string> refresh_command;  // writes the new credential where the job reads it
  std::vector<std::string> files;            // what it replaces: sealed copies are kept for undo
  Duration retry_delay = std::chrono::seconds{10};
};

enum class Rerun : std::uint8_t { safe, unsafe };
std::string_view to_string(Rerun rerun);
enum class Criticality : std::uint8_t { low, normal, high };
std::string_view to_string(Criticality criticality);

struct JobSpec {
  JobId id;
  std::string type;                      // free text for people and filters
  std::string platform = "local";
  std::string connector = "local";
  std::string environment = "default";   // production, staging, ...
  std::vector<std::string> command;      // argv; never through a shell
  std::string folder;                    // working folder; empty: the current one
  std::map<std::string, std::string> env;
  std::string schedule;                  // cron expression; empty: only on request
  std::string time_zone = "UTC";
  Duration timeout{0};                   // of one run; 0: none
  Resources resources;                   // now
  Resources max_resources;               // how far a repair may go; unset: may not be raised
  std::vector<std::string> config_files; // that a repair may set back to their last known good values
  std::optional<Credentials> credentials;
  std::vector<DataTarget> targets;
  std::vector<DataCheck> checks;
  Mode mode = Mode::automatic;
  Criticality criticality = Criticality::normal;
  Rerun rerun = Rerun::safe;
  int max_retries = 3;
  Duration retry_delay = std::chrono::seconds{1};
  bool retry_only = false;               // a wrapped command without configuration: nothing but retry
  std::vector<std::string> allowed_strategies;  // empty: all of the registry
};

}  // namespace mend
