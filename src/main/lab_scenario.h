// A scenario of the fault lab: what its folder says, and how it is set up and checked.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/call_context.h"
#include "base/result.h"
#include "main/jobs_file.h"

namespace mend {

struct LabScenario {
  std::string name;
  std::filesystem::path folder;
  std::string title, story;
  std::string expected;        // healed, escalated, awaiting_approval
  std::string strategy;        // that is expected to heal; empty when none is
  std::string error_type;
  int order = 0;
  bool good_run_first = false; // once before something is broken, so that there is a last known good
};

// Sorted by order, then name. invalid_input names file and line.
Result<std::vector<LabScenario>> load_scenarios(const std::filesystem::path& folder);

// A scenario made ready in a working folder of its own, with its service running. The destructor ends the service.
class LabSetup {
 public:
  static Result<std::unique_ptr<LabSetup>> make(const LabScenario& scenario, const std::filesystem::path& work, CallContext& call);
  ~LabSetup();
  LabSetup(const LabSetup&) = delete;
  LabSetup& operator=(const LabSetup&) = delete;

  const JobsFile& jobs() const { return jobs_; }
  Result<void> break_it(CallContext& call);            // break.py
  struct Check {
    bool right = false;
    bool data_lost = false;
    std::string found;                                 // one line
  };
  Result<Check> check(CallContext& call);              // check.py: the end state in the target itself

 private:
  LabSetup(const LabScenario& scenario, std::filesystem::path work);
  Result<std::string> run_script(const char* script, CallContext& call, int& status);

  const LabScenario& scenario_;
  std::filesystem::path work_;
  int port_ = 0;
  JobsFile jobs_;
  struct Service;
  std::unique_ptr<Service> service_;
};

}  // namespace mend
