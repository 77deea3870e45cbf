// What the commands share by which a person moves an incident: approve, reject, resolve, rollback.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "main/app_context.h"
#include "main/cli/find_subject.h"
#include "main/jobs_file.h"
#include "model/job.h"
#include "ports/store.h"

namespace mend {

// Prints "mendline: why" on standard error.
ExitStatus refuse(std::string_view why);
// With --json the incident, else `message` and a line end.
void print_outcome(const Incident& incident, std::string_view message, bool json);

struct PersonsMove {
  IncidentState to;
  std::string reason;          // of the state, for people; redacted
  std::string action;          // of the audit record
  std::string detail;          // of the audit record; redacted
  std::string strategy;
  std::optional<bool> success;
  // Further checks and writes of the same transaction; may be empty. Called again when the database was busy.
  std::function<Result<void>(StoreTransaction&)> also;
};

// One transaction: the state and its audit record, by user:NAME. conflict when the incident is not as it was `seen` any more. Its
// fence grows and nobody owns it then: whoever still works on what was before is refused.
Result<Incident> move_by_person(AppContext& app, Store& store, const Incident& seen, const PersonsMove& move);

// The jobs file that --config names, or nothing.
Result<std::optional<JobsFile>> load_optional_jobs(AppContext& app, const std::string& config);
// The job of that id from the jobs file, else as the store knows it; nothing when neither does. invalid_input when a jobs file
// was given that does not have it.
Result<std::optional<JobSpec>> find_spec(StoreReader& store, const std::optional<JobsFile>& jobs, const JobId& id);
// Whether it can be run as it is: a command, and no word that redaction took something out of.
bool can_be_run(const JobSpec& spec);

}  // namespace mend
