// The product's words as JSON: what --json prints, and what the store keeps of values that it need not search in.
// from_json is strict about types and returns invalid_input naming the field. Pure; thread-safe.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/audit.h"
#include "model/controls.h"
#include "model/diagnosis.h"
#include "model/event.h"
#include "model/incident.h"
#include "model/job.h"
#include "model/knowledge.h"
#include "model/plan.h"
#include "model/run.h"

namespace mend {

boost::json::object to_json(const Event& event);
boost::json::object to_json(const EventContext& context);
boost::json::object to_json(const Diagnosis& diagnosis);
boost::json::object to_json(const Decision& decision);
boost::json::object to_json(const Incident& incident);
boost::json::object to_json(const Strategy& strategy);
boost::json::object to_json(const Step& step);
boost::json::object to_json(const Plan& plan);
boost::json::object to_json(const Approval& approval);
boost::json::object to_json(const JobSpec& job);
boost::json::object to_json(const Run& run);
boost::json::object to_json(const Case& past);
boost::json::object to_json(const AuditRecord& record);
boost::json::object to_json(const Pause& pause);

Result<EventContext> event_context_from_json(const boost::json::value& json);
Result<Diagnosis> diagnosis_from_json(const boost::json::value& json);
Result<Decision> decision_from_json(const boost::json::value& json);
Result<JobSpec> job_from_json(const boost::json::value& json);
Result<Case> case_from_json(const boost::json::value& json);
// {"name": "value", ...} and back: step parameters and strategy parameters.
boost::json::object to_json(const std::map<std::string, std::string>& texts);
Result<std::map<std::string, std::string>> texts_from_json(const boost::json::value& json);

// One line of JSON, numbers as people write them (2.5, not 2.5E0), and the reverse with a depth limit.
std::string to_line(const boost::json::value& json);
std::string to_pretty(const boost::json::value& json);  // indented by two
Result<boost::json::value> parse_json(std::string_view text);

}  // namespace mend
