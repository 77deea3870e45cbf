// The reconciler: the only place that acts. It compares what the journal says with what is so, does the next thing, journals it,
// and looks again; so a restart after a crash needs no path of its own.
//
// For every effect: intent journalled -> effect -> outcome journalled. A step whose intent is there without an outcome was cut short:
// the connector's check says whether the effect happened. It is never applied a second time.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/call_context.h"
#include "base/fail_points.h"
#include "base/random.h"
#include "base/result.h"
#include "ports/connector.h"
#include "ports/store.h"
#include "remediate/updates.h"

namespace mend {

// Told of every journalled change, on the reconciler's thread, after it is durable. For terminals; must not throw.
class RemediationObserver {
 public:
  virtual ~RemediationObserver() = default;
  virtual void incident_moved(const Incident& incident) = 0;
  virtual void step_moved(const Step& step) = 0;
  virtual void run_ended(const Run& run) = 0;
};

struct RemediationOutcome {
  IncidentState state = IncidentState::failed;  // healed, rolled_back, escalated or resolved
  std::optional<Run> last_run;                  // of the verification
};

class Reconciler {
 public:
  struct Settings {
    std::string owner;                    // this process (see runtime/daemon.h)
    RemediationObserver* observer = nullptr;
    // Facts for the audit records of this remediation.
    std::string error_type;
    double confidence = 0;
    bool rag_enhanced = false;
    int similar_cases = 0;
  };
  // Everything passed in must outlive it. Used by one thread.
  Reconciler(Store& store, Clock& clock, Random& random, const FailPoints& fail_points, Settings settings);

  // Takes the remediation to its end from wherever it is: a fresh plan, or what a crash left behind. `job` may lack a command
  // (it is gone after a restart): then nothing is run again and what was changed is undone. An error means that the journal or
  // the audit cannot be written or that another process owns the incident: nothing more was done then.
  Result<RemediationOutcome> reconcile(RemediationState state, const JobSpec& job, Connector& connector, CallContext& call);

  // A person asked to undo a healed remediation.
  Result<RemediationOutcome> roll_back(RemediationState state, const JobSpec& job, Connector& connector, CallContext& call,
                                       std::string_view reason);

 private:
  struct Audit {
    std::string action;
    std::string detail;
    std::optional<bool> success;
    std::optional<Duration> duration;
    StepId step;
  };
  Result<void> journal(RemediationState& state, const std::vector<RemediationUpdate>& updates, const std::vector<Audit>& audits,
                       const Run* run = nullptr);
  Result<void> claim(RemediationState& state);
  Result<void> settle_interrupted(RemediationState& state, const JobSpec& job, Connector& connector, CallContext& call);
  Result<bool> may_act(RemediationState& state);
  Result<void> change_next(RemediationState& state, std::size_t index, const JobSpec& job, Connector& connector, CallContext& call);
  Result<void> verify_next(RemediationState& state, std::size_t index, const JobSpec& job, Connector& connector, CallContext& call);
  Result<void> undo_all(RemediationState& state, const JobSpec& job, Connector& connector, CallContext& call);
  Result<void> move(RemediationState& state, IncidentState to, std::string reason);
  void tell(const RemediationState& before, const RemediationState& after, const Run* run) const;

  Store& store_;
  Clock& clock_;
  Random& random_;
  const FailPoints& fail_points_;
  Settings settings_;
  std::optional<Run> last_run_;
};

}  // namespace mend
