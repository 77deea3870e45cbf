// The store: everything durable. One implementation a database; tests/contract/store_suite.h is what each must pass.
//
// Threads: every function may be called from any thread. Reads see committed data only. Processes: several may share one
// store; writes of different processes are serialised by the database.
// Errors: unavailable (busy beyond the time limit), exhausted (disk full), permission (read-only), corrupt, internal.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/audit.h"
#include "model/controls.h"
#include "model/decision.h"
#include "model/diagnosis.h"
#include "model/event.h"
#include "model/incident.h"
#include "model/job.h"
#include "model/knowledge.h"
#include "model/plan.h"
#include "model/run.h"

namespace mend {

struct IncidentFilter {
  std::optional<IncidentState> state;
  JobId job;             // empty: all
  bool open_only = false;  // leave out healed and resolved ones
  std::size_t limit = 100;  // newest first
};

// A job as the store knows it: its specification and what happened to it.
struct JobSummary {
  JobId id;
  std::string platform;
  std::optional<JobSpec> spec;        // redacted; set once the job ran under Mendline
  std::optional<EventStatus> last_status;
  WallTime last_event_at;
  std::uint64_t failures = 0;
  std::uint64_t open_incidents = 0;
};

// A text's vector as bytes. The key names the text, the model what made it: knowledge/packed_vector.h.
struct StoredVector {
  std::uint64_t key = 0;
  std::string bytes;
};

struct AuditFilter {
  IncidentId incident;   // empty: all
  std::size_t limit = 100;  // newest first
};

class StoreReader {
 public:
  virtual ~StoreReader() = default;

  virtual Result<std::optional<Event>> event(const EventId& id) = 0;
  virtual Result<std::uint64_t> event_count() = 0;
  virtual Result<std::optional<Incident>> incident(const IncidentId& id) = 0;
  // The newest incident of the job with this fingerprint that is neither healed nor resolved.
  virtual Result<std::optional<Incident>> open_incident(const JobId& job, const Fingerprint& fingerprint) = 0;
  virtual Result<std::vector<Incident>> incidents(const IncidentFilter& filter) = 0;
  // Incidents in an active state (model/incident.h is_active) or planned: what a restart must look at.
  virtual Result<std::vector<Incident>> unfinished_incidents() = 0;
  virtual Result<std::map<std::string, std::uint64_t>> incident_counts() = 0;  // by state
  virtual Result<std::vector<JobSummary>> jobs(std::size_t limit) = 0;
  virtual Result<std::optional<JobSummary>> job(const JobId& id) = 0;
  virtual Result<std::vector<Run>> runs(const JobId& job, std::size_t limit) = 0;           // newest first
  virtual Result<std::vector<Diagnosis>> diagnoses(const IncidentId& incident) = 0;         // oldest first
  virtual Result<std::vector<Decision>> decisions(const IncidentId& incident) = 0;          // oldest first
  virtual Result<std::optional<Plan>> plan(const PlanId& id) = 0;                           // with its steps
  virtual Result<std::vector<Plan>> plans(const IncidentId& incident) = 0;                  // oldest first
  virtual Result<std::vector<Approval>> approvals(const IncidentId& incident) = 0;          // oldest first
  // Remediations (plans) of this job begun since `since`; for cool-down and budgets.
  virtual Result<std::uint64_t> plans_since(const JobId& job, WallTime since) = 0;
  virtual Result<bool> has_case(const CaseId& id) = 0;
  virtual Result<std::vector<Case>> cases(std::size_t limit) = 0;                           // newest first
  virtual Result<std::vector<Runbook>> runbooks() = 0;                                      // added here, by id
  virtual Result<std::vector<StoredVector>> vectors(std::string_view model) = 0;            // of this model, by key
  // The saved index over the vectors of this model, nothing when there is none.
  virtual Result<std::optional<std::string>> vector_graph(std::string_view model) = 0;
  virtual Result<std::vector<StrategyStatistics>> strategy_statistics() = 0;
  virtual Result<Controls> controls() = 0;
  virtual Result<std::vector<AuditRecord>> audit(const AuditFilter& filter) = 0;
  // A small named value ("config_snapshot:JOB"), nothing when it was never set.
  virtual Result<std::optional<std::string>> setting(std::string_view name) = 0;
};

// The writes of one transaction; valid only inside Store::write. Reads see the transaction's own writes.
class StoreTransaction : public StoreReader {
 public:
  // True when it was new; false when an event of this id is there already (nothing is changed then).
  virtual Result<bool> add_event(const Event& event) = 0;
  virtual Result<void> put_incident(const Incident& incident) = 0;      // insert or replace by id
  virtual Result<void> put_job(const JobSpec& redacted) = 0;
  virtual Result<void> put_run(const Run& run) = 0;                     // insert or replace by id
  virtual Result<void> add_diagnosis(const Diagnosis& diagnosis) = 0;   // of diagnosis.incident
  virtual Result<void> add_decision(const Decision& decision) = 0;
  virtual Result<void> put_plan(const Plan& plan) = 0;                  // with its steps
  virtual Result<void> put_step(const Step& step) = 0;                  // replaces the step of this id
  virtual Result<void> add_approval(const Approval& approval) = 0;
  virtual Result<void> put_case(const Case& past) = 0;                  // insert or replace by id
  virtual Result<bool> remove_case(const CaseId& id) = 0;               // false when there was none
  virtual Result<void> put_runbook(const Runbook& runbook, WallTime changed_at) = 0;  // insert or replace by id
  virtual Result<bool> remove_runbook(std::string_view id) = 0;
  virtual Result<void> put_vector(std::string_view model, const StoredVector& vector) = 0;  // insert or replace by key
  virtual Result<void> remove_vector(std::uint64_t key) = 0;            // nothing happens when there was none
  virtual Result<void> remove_vectors_but(std::string_view model) = 0;  // those of other models, and their index
  virtual Result<void> put_vector_graph(std::string_view model, std::string_view bytes) = 0;  // takes the place of any other
  virtual Result<void> count_strategy(std::string_view strategy, ErrorType type, bool helped) = 0;
  virtual Result<void> put_pause(const Pause& pause) = 0;
  virtual Result<bool> remove_pause(std::string_view scope, std::string_view name) = 0;  // false when there was none
  // Appends to the hash chain; the store gives sequence, previous_hash and hash (BLAKE2b-256 hex of canonical_text).
  virtual Result<AuditRecord> append_audit(AuditRecord record) = 0;
  virtual Result<void> put_setting(std::string_view name, std::string_view value) = 0;
};

struct AuditVerdict {
  std::uint64_t records = 0;
  bool intact = true;
  std::uint64_t first_bad = 0;   // sequence number
  std::string problem;           // "record 17 was changed", "record 18 is missing", "2 records at the end are missing"
};

class Store : public StoreReader {
 public:
  using Work = std::function<Result<void>(StoreTransaction&)>;

  // Runs `work` inside a transaction and returns when it is durable (fsynced). Work of several threads may share one
  // commit; each is atomic by itself: an error from `work` undoes its writes alone. `work` must not block on anything else
  // and may be called again when the database was busy.
  virtual Result<void> write(Work work) = 0;

  // Walks the whole chain and compares it with the anchor kept outside of it, so that a cut-off end is found too.
  virtual Result<AuditVerdict> verify_audit() = 0;

  // A consistent, encrypted copy while writes go on. conflict when `file` exists.
  virtual Result<void> backup(const std::string& file) = 0;
  // Reads every page and checks the structure; the message names what is broken.
  virtual Result<void> check_integrity() = 0;
  // "sqlite, encrypted, schema 1", for status.
  virtual std::string description() const = 0;
};

}  // namespace mend
