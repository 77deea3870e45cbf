// The way of an event, wired: failure -> incident -> diagnosis -> decision -> plan -> repair -> verification -> learning.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/call_context.h"
#include "decide/decide.h"
#include "ingest/intake.h"
#include "main/app_context.h"
#include "main/diagnosis_engine.h"
#include "model/incident.h"
#include "ports/connector.h"
#include "ports/notifier.h"
#include "ports/store.h"
#include "remediate/reconciler.h"
#include "remediate/registry.h"

namespace mend {

// Told as an incident goes its way; for terminals. Calls come on the thread that heals.
class EngineObserver : public RemediationObserver {
 public:
  virtual void diagnosed(const Incident& incident, const Diagnosis& diagnosis) = 0;
  virtual void decided(const Incident& incident, const Decision& decision, const Plan* plan) = 0;
  // A failure joined an incident that somebody has in hand already: nothing new is tried.
  virtual void joined(const Incident&) {}
  void incident_moved(const Incident&) override {}
  void step_moved(const Step&) override {}
  void run_ended(const Run&) override {}
};

struct HealReport {
  IncidentId incident;
  IncidentState state = IncidentState::open;
  std::string reason;
  std::optional<Run> last_run;              // of the last re-run, when there was one
  std::vector<std::string> actions;         // strategies that were begun
};

// Thread-safe for different jobs; for one job one call at a time (the callers see to it).
class Engine {
 public:
  struct Parts {
    AppContext& app;
    Store& store;
    DiagnosisEngine& diagnosis;
    const StrategyRegistry& registry;
    std::vector<Notifier*> notifiers;
    EngineObserver* observer = nullptr;   // may be null
    std::function<std::string(std::string_view)> redact_id;  // see IdRedactor
    std::string owner;                    // this process's identity
    Policy policy;
  };
  explicit Engine(Parts parts);

  // Journals that a run began or succeeded. A success resolves the job's open incidents that nothing is done about.
  Result<void> record_started(const JobSpec& job, const Run& run);
  Result<void> record_success(const JobSpec& job, const Run& run, Connector& connector, CallContext& call);
  // Somebody ended it from outside; no failure to heal.
  Result<void> record_cancelled(const JobSpec& job, const Run& run);
  // A run failed: everything from the journal to the end of the repair.
  Result<HealReport> heal(const JobSpec& job, const Run& failed, Connector& connector, CallContext& call);
  // An incident that is diagnosed (taken in by `ingest`, or left so by a crash): decide, and repair when that is allowed.
  Result<HealReport> continue_diagnosed(const IncidentId& id, const JobSpec* job, Connector* connector, CallContext& call);
  // A plan that was approved.
  Result<HealReport> execute_approved(const IncidentId& id, const JobSpec& job, Connector& connector, CallContext& call);
  Result<HealReport> roll_back(const IncidentId& id, const JobSpec& job, Connector& connector, CallContext& call, std::string_view reason);

  // After a start: remediations whose process is gone are taken to their end. `find_job` gives a job's specification (null: not
  // known any more; then what was changed is undone and a person is told). Returns how many were looked after.
  using FindJob = std::function<const JobSpec*(const JobId&)>;
  Result<std::size_t> recover(const FindJob& find_job, Connector& connector, CallContext& call);

  // One of them; false when it is in other hands or at an end. In a process that goes on it also ends what an error cut short here.
  Result<bool> recover_one(const IncidentId& id, const JobSpec* known, Connector& connector, CallContext& call);

  // What a process that died had left to do after an incident's end: telling the people it was given to, learning from what
  // healed it. Returns of how many.
  Result<std::size_t> finish_ended(CallContext& call);

  EventIntake& intake() { return intake_; }
  // In force for every decision that begins after it; any thread.
  void set_policy(Policy policy);

 private:
  Result<HealReport> decide_and_repair(Incident incident, Diagnosis diagnosis, const JobSpec* job, Connector* connector, CallContext& call);
  struct Choice {
    Decision decision;
    std::optional<Plan> plan;
  };
  Result<Choice> choose(const Incident& incident, const Diagnosis& diagnosis, const JobSpec* job, Connector* connector, CallContext& call);
  Result<void> record_choice(Incident& incident, const Diagnosis& diagnosis, const Choice& choice);
  // Carries the plan out, learns from how that ended, and tells a person when even the undo failed.
  Result<RemediationOutcome> repair(const Incident& incident, const Plan& plan, const Diagnosis& diagnosis, const JobSpec& job,
                                    Connector& connector, CallContext& call);
  Result<void> learn(const IncidentId& id, const Diagnosis& diagnosis, bool helped);
  Result<Incident> after_rollback(const IncidentId& id, const std::string& strategy, const std::optional<Run>& last_run, Diagnosis& diagnosis);
  void escalate(const Incident& incident, const Diagnosis& diagnosis, CallContext& call);
  // The incident goes to a person, from a state that allows it; nothing when it does not.
  Result<std::optional<Incident>> leave_to_person(const IncidentId& id, std::string_view reason);
  // The same, and people are told.
  Result<void> hand_over(const IncidentId& id, const Diagnosis& diagnosis, std::string_view reason, CallContext& call);
  Result<void> check_approval(const Incident& incident, const Plan& plan);
  bool is_ours(const Incident& incident) const;  // no other living process holds it
  Result<HealReport> report(const IncidentId& id, std::optional<Run> last_run, std::vector<std::string> actions);
  Result<Diagnosis> newest_diagnosis(const IncidentId& id);
  Reconciler::Settings reconciler_settings(const Diagnosis& diagnosis) const;

  Policy policy() const;

  Parts parts_;
  mutable std::mutex policy_mutex_;  // guards parts_.policy
  EventIntake intake_;
};

}  // namespace mend
