// A connector talks to one platform and offers capabilities on its jobs, each with plan / capture / check / apply / verify / undo.
//
// Every call is blocking, takes a CallContext (deadline, cancel) and may be made from any thread, but never two at a time for
// the same job. A step carries in its parameters all that its effect depends on. Text never decides what is done: the facts that
// plan() receives were typed by the diagnosis, and plan() checks each against the job's own specification and limits.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/diagnosis.h"
#include "model/job.h"
#include "model/plan.h"
#include "model/run.h"
#include "model/strategy.h"
#include "base/call_context.h"

namespace mend {

// Where the target stands, compared with the step's pre-image.
enum class StepCheck : std::uint8_t {
  not_applied,  // as captured: the effect has not happened
  applied,      // the effect is there
  changed,      // neither: somebody else changed it since; leave it alone
};

struct PlanRequest {
  const JobSpec& job;
  const Diagnosis& diagnosis;
  const Strategy& strategy;
  Capability capability;
  std::string_view error_text;   // redacted; only for comparing with values already known, never a source of parameters
};

class Connector {
 public:
  virtual ~Connector() = default;
  virtual std::string_view name() const = 0;
  // What this connector can do for this job as it is configured (no refresh command: no refresh_credentials).
  virtual std::vector<Capability> capabilities(const JobSpec& job) const = 0;

  // The steps that the capability needs here, without ids; reads the target, changes nothing. invalid_input or not_found when
  // it cannot help in this case ("the memory limit is at its maximum of 512 MiB already"): the message becomes the reason.
  virtual Result<std::vector<Step>> plan(const PlanRequest& request, CallContext& call) = 0;
  // Reads what the step will change. The text is journalled before apply and is all that check and undo get to know.
  virtual Result<std::string> capture(const JobSpec& job, const Step& step, CallContext& call) = 0;
  virtual Result<StepCheck> check(const JobSpec& job, const Step& step, CallContext& call) = 0;
  // Does it; returns what happened, for people. Called at most once for a step.
  virtual Result<std::string> apply(const JobSpec& job, const Step& step, CallContext& call) = 0;
  // Puts back what capture saw. Called again after a crash in between: it must come to the same end.
  virtual Result<std::string> undo(const JobSpec& job, const Step& step, CallContext& call) = 0;

  // Runs the job once and waits for its end: the verification of every repair. The Run says how it ended.
  virtual Result<Run> run_job(const JobSpec& job, const Run& started, CallContext& call) = 0;
  // Told after a run that succeeded: the connector may remember what "good" looked like (last known good configuration).
  virtual Result<void> job_succeeded(const JobSpec& job, CallContext& call) = 0;
};

}  // namespace mend
