// Everything that is known about an incident, read at once; as JSON and as people read it.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/audit.h"
#include "model/decision.h"
#include "model/diagnosis.h"
#include "model/incident.h"
#include "model/plan.h"
#include "ports/store.h"

namespace mend {

// Lists are oldest first.
struct IncidentRecord {
  Incident incident;
  std::vector<Diagnosis> diagnoses;
  std::vector<Decision> decisions;
  std::vector<Plan> plans;
  std::vector<Approval> approvals;
  std::vector<AuditRecord> audit;
  std::string explanation;  // of the newest diagnosis, in lines; only where somebody put it here
};

Result<IncidentRecord> read_incident_record(StoreReader& store, Incident incident);
boost::json::object to_json(const IncidentRecord& record);
std::string incident_text(const IncidentRecord& record, WallTime now, bool colours);

// Hash, risk, every step with what became of it and how it is undone.
std::string plan_text(const Plan& plan, bool colours);
// The text with each line moved to the right.
std::string indented(std::string_view text, std::size_t blanks);

}  // namespace mend
