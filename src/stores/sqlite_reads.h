// The questions of StoreReader, asked on one connection. Each is as ports/store.h says; the snapshot is the connection's.
#pragma once

#include "ports/store.h"
#include "stores/sqlite_db.h"

namespace mend::sqlite_reads {

Result<std::optional<Event>> event(Db& db, const EventId& id);
Result<std::uint64_t> event_count(Db& db);

Result<std::optional<Incident>> incident(Db& db, const IncidentId& id);
Result<std::optional<Incident>> open_incident(Db& db, const JobId& job, const Fingerprint& fingerprint);
Result<std::vector<Incident>> incidents(Db& db, const IncidentFilter& filter);
Result<std::vector<Incident>> unfinished_incidents(Db& db);
Result<std::map<std::string, std::uint64_t>> incident_counts(Db& db);

Result<std::vector<JobSummary>> jobs(Db& db, std::size_t limit);
Result<std::optional<JobSummary>> job(Db& db, const JobId& id);
Result<std::vector<Run>> runs(Db& db, const JobId& job, std::size_t limit);

Result<std::vector<Diagnosis>> diagnoses(Db& db, const IncidentId& incident);
Result<std::vector<Decision>> decisions(Db& db, const IncidentId& incident);
Result<std::optional<Plan>> plan(Db& db, const PlanId& id);
Result<std::vector<Plan>> plans(Db& db, const IncidentId& incident);
Result<std::vector<Approval>> approvals(Db& db, const IncidentId& incident);
Result<std::uint64_t> plans_since(Db& db, const JobId& job, WallTime since);

Result<bool> has_case(Db& db, const CaseId& id);
Result<std::vector<Case>> cases(Db& db, std::size_t limit);
Result<std::vector<Runbook>> runbooks(Db& db);
Result<std::vector<StoredVector>> vectors(Db& db, std::string_view model);
Result<std::optional<std::string>> vector_graph(Db& db, std::string_view model);
Result<std::vector<StrategyStatistics>> strategy_statistics(Db& db);
Result<Controls> controls(Db& db);
Result<std::vector<AuditRecord>> audit(Db& db, const AuditFilter& filter);
Result<std::optional<std::string>> setting(Db& db, std::string_view name);

}  // namespace mend::sqlite_reads
