// The local connector: jobs that are commands on this machine. Its repairs act on files and databases that the job's own
// specification lists, on nothing else:
//   retry                plans one step an attempt; the reconciler makes the runs with run_job, so apply and undo of a retry step
//                        are never called and answer with an error of kind internal
//   scale                raises a limit under which the command runs (a file in the state folder), never past job.max_resources
//   set_config           sets one key of a configuration file back to what it was at the last success
//   refresh_credentials  runs the job's refresh command, keeping sealed copies of the files that it replaces
//   alter_schema         brings a SQLite table in line with the incoming CSV: new and wider columns
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/sealed.h"
#include "model/job.h"
#include "ports/connector.h"

namespace mend {

struct LocalConnectorSettings {
  std::filesystem::path state_folder;                   // what is remembered per job; made with mode 0700 when needed
  std::function<std::string(std::string_view)> redact;  // takes secrets out of text; any thread may call it. None: no text is shown
  const Sealer* sealer = nullptr;                       // outlives the connector; null: no set_config, no refresh_credentials
  bool pass_through_output = false;                     // the job's output goes to our own, for a command wrapped in a terminal
  bool forward_signals = false;                         // see ProcessSpec
  Duration refresh_timeout = std::chrono::minutes{5};   // most time for a refresh command
  Duration database_timeout = std::chrono::seconds{5};  // most time to wait for a lock on a database
  Duration check_timeout = std::chrono::minutes{1};     // most time for one data check
};

std::unique_ptr<Connector> make_local_connector(LocalConnectorSettings settings);

// The limits under which run_job runs: job.resources, raised by what scale wrote. What was raised never passes
// job.max_resources as it is now, and a job whose specification meanwhile says more gets that. corrupt: the file was damaged.
Result<Resources> effective_resources(const std::filesystem::path& state_folder, const JobSpec& job);

}  // namespace mend
