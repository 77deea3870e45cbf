// The writes of one transaction. Used by the writer thread only, between BEGIN IMMEDIATE and COMMIT.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "ports/store.h"
#include "stores/audit_anchor.h"
#include "stores/sqlite_db.h"
#include "stores/sqlite_read_through.h"

namespace mend {

class SqliteTransaction final : public ReadThrough<StoreTransaction, SqliteTransaction> {
 public:
  explicit SqliteTransaction(Db& db) : db_(db) {}

  Result<bool> add_event(const Event& event) override;
  Result<void> put_incident(const Incident& incident) override;
  Result<void> put_job(const JobSpec& redacted) override;
  Result<void> put_run(const Run& run) override;
  Result<void> add_diagnosis(const Diagnosis& diagnosis) override;
  Result<void> add_decision(const Decision& decision) override;
  Result<void> put_plan(const Plan& plan) override;
  Result<void> put_step(const Step& step) override;
  Result<void> add_approval(const Approval& approval) override;
  Result<void> put_case(const Case& past) override;
  Result<bool> remove_case(const CaseId& id) override;
  Result<void> put_runbook(const Runbook& runbook, WallTime changed_at) override;
  Result<bool> remove_runbook(std::string_view id) override;
  Result<void> put_vector(std::string_view model, const StoredVector& vector) override;
  Result<void> remove_vector(std::uint64_t key) override;
  Result<void> remove_vectors_but(std::string_view model) override;
  Result<void> put_vector_graph(std::string_view model, std::string_view bytes) override;
  Result<void> count_strategy(std::string_view strategy, ErrorType type, bool helped) override;
  Result<void> put_pause(const Pause& pause) override;
  Result<bool> remove_pause(std::string_view scope, std::string_view name) override;
  Result<AuditRecord> append_audit(AuditRecord record) override;
  Result<void> put_setting(std::string_view name, std::string_view value) override;

  // These three see the counters of jobs, which are written late.
  Result<std::uint64_t> event_count() override;
  Result<std::vector<JobSummary>> jobs(std::size_t limit) override;
  Result<std::optional<JobSummary>> job(const JobId& id) override;

  // One transaction may hold several pieces of work after each other. A piece begins, then is finished or undone; undoing here
  // only forgets what is remembered, the database is rolled back by the caller.
  void begin_work();
  Result<void> finish_work();
  void undo_work();
  // The newest record, when this transaction has appended one that was not undone.
  std::optional<ChainPoint> appended() const;

 private:
  friend class ReadThrough<StoreTransaction, SqliteTransaction>;
  template <class Question>
  auto read(Question question) -> decltype(question(std::declval<Db&>())) {
    return question(db_);
  }

  // What the events of this work add to their jobs: one row written for a thousand events instead of a thousand times.
  struct JobChange {
    std::string platform;
    std::uint64_t events = 0;
    std::uint64_t failures = 0;
    EventStatus last_status = EventStatus::failed;
    WallTime last_event_at;
  };
  void count_event(const Event& event);
  Result<void> write_job_changes();
  Result<void> touch_job(const JobId& job, std::string_view platform);
  Result<void> write_step(const Step& step, const PlanId& plan);
  Result<void> note_begun(const Step& step, const PlanId& plan);

  Db& db_;
  std::map<JobId, JobChange> job_changes_;
  std::optional<ChainPoint> end_;         // of the chain; read once, nobody else can append while we hold the write lock
  std::optional<ChainPoint> end_before_;  // when this work began
  std::optional<std::uint64_t> start_;    // sequence when it was first read
};

}  // namespace mend
