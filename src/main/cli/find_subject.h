// What an id on the command line means.
#pragma once

#include <optional>
#include <string>

#include "main/app_context.h"
#include "model/event.h"
#include "model/incident.h"
#include "model/knowledge.h"
#include "model/plan.h"
#include "model/run.h"
#include "ports/store.h"

namespace mend {

// The thing itself and the incident it belongs to, as far as there is one.
struct Subject {
  std::optional<Incident> incident;
  std::optional<Plan> plan;    // asked for by a plan's id
  std::optional<Case> past;    // by a case's id, learned or of the seed
  std::optional<Run> run;      // by a run's id
  std::optional<Event> event;  // by an event's id
};

// `id` is the id of an incident, plan, case, run or event, or the beginning of an incident's id that only one has. not_found
// says what was looked for; invalid_input names the incidents that begin so.
Result<Subject> find_subject(const AppContext& app, StoreReader& store, const std::string& id);
// Its incident; not_found when it has none.
Result<Incident> find_incident(const AppContext& app, StoreReader& store, const std::string& id);

}  // namespace mend
