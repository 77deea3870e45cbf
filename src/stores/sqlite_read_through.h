// Answers every question of StoreReader by sqlite_reads, on the connection that Derived::read(question) provides. Written once
// for the store (which lends a reading connection) and for the transaction (which has its own).
#pragma once

#include "ports/store.h"
#include "stores/sqlite_reads.h"

namespace mend {

template <class Interface, class Derived>
class ReadThrough : public Interface {
 public:
  Result<std::optional<Event>> event(const EventId& id) override {
    return ask([&](Db& db) { return sqlite_reads::event(db, id); });
  }
  Result<std::uint64_t> event_count() override {
    return ask([&](Db& db) { return sqlite_reads::event_count(db); });
  }
  Result<std::optional<Incident>> incident(const IncidentId& id) override {
    return ask([&](Db& db) { return sqlite_reads::incident(db, id); });
  }
  Result<std::optional<Incident>> open_incident(const JobId& job, const Fingerprint& fingerprint) override {
    return ask([&](Db& db) { return sqlite_reads::open_incident(db, job, fingerprint); });
  }
  Result<std::vector<Incident>> incidents(const IncidentFilter& filter) override {
    return ask([&](Db& db) { return sqlite_reads::incidents(db, filter); });
  }
  Result<std::vector<Incident>> unfinished_incidents() override {
    return ask([&](Db& db) { return sqlite_reads::unfinished_incidents(db); });
  }
  Result<std::map<std::string, std::uint64_t>> incident_counts() override {
    return ask([&](Db& db) { return sqlite_reads::incident_counts(db); });
  }
  Result<std::vector<JobSummary>> jobs(std::size_t limit) override {
    return ask([&](Db& db) { return sqlite_reads::jobs(db, limit); });
  }
  Result<std::optional<JobSummary>> job(const JobId& id) override {
    return ask([&](Db& db) { return sqlite_reads::job(db, id); });
  }
  Result<std::vector<Run>> runs(const JobId& job, std::size_t limit) override {
    return ask([&](Db& db) { return sqlite_reads::runs(db, job, limit); });
  }
  Result<std::vector<Diagnosis>> diagnoses(const IncidentId& incident) override {
    return ask([&](Db& db) { return sqlite_reads::diagnoses(db, incident); });
  }
  Result<std::vector<Decision>> decisions(const IncidentId& incident) override {
    return ask([&](Db& db) { return sqlite_reads::decisions(db, incident); });
  }
  Result<std::optional<Plan>> plan(const PlanId& id) override {
    return ask([&](Db& db) { return sqlite_reads::plan(db, id); });
  }
  Result<std::vector<Plan>> plans(const IncidentId& incident) override {
    return ask([&](Db& db) { return sqlite_reads::plans(db, incident); });
  }
  Result<std::vector<Approval>> approvals(const IncidentId& incident) override {
    return ask([&](Db& db) { return sqlite_reads::approvals(db, incident); });
  }
  Result<std::uint64_t> plans_since(const JobId& job, WallTime since) override {
    return ask([&](Db& db) { return sqlite_reads::plans_since(db, job, since); });
  }
  Result<bool> has_case(const CaseId& id) override {
    return ask([&](Db& db) { return sqlite_reads::has_case(db, id); });
  }
  Result<std::vector<Case>> cases(std::size_t limit) override {
    return ask([&](Db& db) { return sqlite_reads::cases(db, limit); });
  }
  Result<std::vector<Runbook>> runbooks() override {
    return ask([&](Db& db) { return sqlite_reads::runbooks(db); });
  }
  Result<std::vector<StoredVector>> vectors(std::string_view model) override {
    return ask([&](Db& db) { return sqlite_reads::vectors(db, model); });
  }
  Result<std::optional<std::string>> vector_graph(std::string_view model) override {
    return ask([&](Db& db) { return sqlite_reads::vector_graph(db, model); });
  }
  Result<std::vector<StrategyStatistics>> strategy_statistics() override {
    return ask([&](Db& db) { return sqlite_reads::strategy_statistics(db); });
  }
  Result<Controls> controls() override {
    return ask([&](Db& db) { return sqlite_reads::controls(db); });
  }
  Result<std::vector<AuditRecord>> audit(const AuditFilter& filter) override {
    return ask([&](Db& db) { return sqlite_reads::audit(db, filter); });
  }
  Result<std::optional<std::string>> setting(std::string_view name) override {
    return ask([&](Db& db) { return sqlite_reads::setting(db, name); });
  }

 private:
  template <class Question>
  auto ask(Question question) {
    return static_cast<Derived*>(this)->read(question);
  }
};

}  // namespace mend
