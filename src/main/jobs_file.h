// The jobs file, mendline.yaml: which jobs there are, how they run, and how far a repair may go.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "decide/decide.h"
#include "model/job.h"
#include "remediate/registry.h"

namespace mend {

struct JobsFile {
  std::filesystem::path path;
  Policy policy;
  std::string notify_folder;          // escalations are written here; empty: escalations/ inside the home
  std::string notify_webhook;         // and posted here; empty: nowhere
  std::vector<JobSpec> jobs;          // in the order of the file, paths made absolute

  const JobSpec* find(const JobId& id) const;
};

// invalid_input with every problem, one a line: file:line: what is wrong, and the nearest known key.
Result<JobsFile> parse_jobs_file(std::string_view yaml, const std::filesystem::path& path);
Result<JobsFile> load_jobs_file(const std::filesystem::path& path);

// invalid_input for a strategy that the registry does not know, with the nearest name: a typing error there must not loosen a rule.
Result<void> check_strategy_names(const JobsFile& file, const StrategyRegistry& registry);

// The same as YAML with every default written out: what `mendline check` prints.
std::string effective_yaml(const JobsFile& file);
// A commented example: what `mendline init` writes.
std::string_view example_jobs_file();

}  // namespace mend
