#include <boost/json.hpp>

#include "base/time_text.h"
#include "model/json.h"

namespace mend {
namespace {

namespace js = boost::json;

js::string text(std::string_view value) { return js::string(value.data(), value.size()); }
js::value when(WallTime time) { return time == WallTime{} ? js::value(nullptr) : js::value(text(format_rfc3339(time))); }
double seconds(Duration length) { return double(length.count()) / 1e6; }

template <class T>
js::value maybe(const std::optional<T>& value) {
  return value ? js::value(*value) : js::value(nullptr);
}

js::array texts(const std::vector<std::string>& values) {
  js::array out;
  for (const auto& value : values) out.emplace_back(text(value));
  return out;
}

js::object resources(const Resources& limits) {
  js::object out;
  if (limits.memory_bytes) out["memory_bytes"] = *limits.memory_bytes;
  if (limits.cpu_seconds) out["cpu_seconds"] = *limits.cpu_seconds;
  if (limits.open_files) out["open_files"] = *limits.open_files;
  return out;
}

}  // namespace

js::object to_json(const std::map<std::string, std::string>& values) {
  js::object out;
  for (const auto& [name, value] : values) out[name] = text(value);
  return out;
}

js::object to_json(const EventContext& context) {
  js::object out;
  if (context.exit_code) out["exit_code"] = *context.exit_code;
  if (context.signal) out["signal"] = *context.signal;
  if (context.http_status) out["http_status"] = *context.http_status;
  if (context.oom_killed) out["oom_killed"] = *context.oom_killed;
  for (const auto& [name, value] : context.other) out[name] = text(value);
  return out;
}

js::object to_json(const Event& event) {
  return {{"event_id", text(event.id.str())}, {"job_id", text(event.job.str())}, {"run_id", text(event.run.str())},
          {"job_type", text(event.job_type)}, {"platform", text(event.platform)}, {"status", text(to_string(event.status))},
          {"error_message", text(event.error_message)}, {"timestamp", when(event.timestamp)}, {"received", when(event.received)},
          {"attempt", event.attempt}, {"context", to_json(event.context)}};
}

js::object to_json(const Diagnosis& d) {
  js::object facts;
  js::array places;
  for (const auto& fact : d.facts) {
    if (!facts.contains(fact.name)) facts[fact.name] = text(fact.value);
    places.push_back({{"name", text(fact.name)}, {"value", text(fact.value)}, {"offset", fact.offset}});
  }
  js::array evidence;
  for (const auto& item : d.evidence)
    evidence.push_back({{"kind", text(to_string(item.kind))}, {"id", text(item.id)}, {"text", text(item.text)}, {"score", item.score}});
  js::array voters;
  for (const auto& voter : d.voters)
    voters.push_back({{"voter", text(voter.voter)}, {"says", text(to_string(voter.says))}, {"probability", voter.probability}});
  return {{"incident", text(d.incident.str())}, {"error_type", text(to_string(d.type))}, {"cause", text(d.cause)},
          {"confidence", d.confidence}, {"tier", text(to_string(tier_of(d.confidence)))}, {"strategy", text(d.strategy)},
          {"fingerprint", text(d.fingerprint.str())}, {"transient", d.transient}, {"facts", std::move(facts)},
          {"fact_places", std::move(places)}, {"evidence", std::move(evidence)},
          {"evidence_status", text(to_string(d.evidence_status))}, {"evidence_gaps", texts(d.evidence_gaps)},
          {"voters", std::move(voters)}, {"notes", texts(d.notes)}, {"model", text(d.model)}, {"path", text(d.path)},
          {"made_at", when(d.made_at)}};
}

js::object to_json(const Decision& decision) {
  js::array rules;
  for (const auto& rule : decision.rules)
    rules.push_back({{"rule", text(rule.rule)}, {"effect", text(rule.effect)}, {"text", text(rule.text)}});
  return {{"incident", text(decision.incident.str())}, {"verdict", text(to_string(decision.verdict))},
          {"strategy", text(decision.strategy)}, {"rules", std::move(rules)}, {"decided_at", when(decision.decided_at)}};
}

js::object to_json(const Incident& i) {
  return {{"id", text(i.id.str())}, {"job_id", text(i.job.str())}, {"state", text(to_string(i.state))}, {"reason", text(i.reason)},
          {"fingerprint", text(i.fingerprint.str())}, {"platform", text(i.platform)}, {"error", text(i.error_text)},
          {"opened_at", when(i.opened_at)}, {"updated_at", when(i.updated_at)}, {"occurrences", i.occurrences},
          {"first_event", text(i.first_event.str())}, {"last_event", text(i.last_event.str())}, {"last_run", text(i.last_run.str())},
          {"strategies_tried", texts(i.strategies_tried)}, {"plan", text(i.plan.str())}};
}

js::object to_json(const Strategy& s) {
  js::array capabilities;
  for (const auto capability : s.capabilities) capabilities.emplace_back(text(to_string(capability)));
  return {{"name", text(s.name)}, {"title", text(s.title)}, {"prior_success", s.prior_success}, {"risk", text(to_string(s.risk))},
          {"capabilities", std::move(capabilities)}, {"parameters", to_json(s.parameters)}, {"error_types", texts(s.error_types)}};
}

js::object to_json(const Step& s) {
  return {{"id", text(s.id.str())}, {"ordinal", s.ordinal}, {"capability", text(to_string(s.capability))}, {"text", text(s.text)},
          {"parameters", to_json(s.parameters)}, {"undo", text(s.undo_text)}, {"risk", text(to_string(s.risk))},
          {"reversible", s.reversible}, {"state", text(to_string(s.state))}, {"outcome", text(s.outcome)}, {"changed_at", when(s.changed_at)}};
}

js::object to_json(const Plan& p) {
  js::array steps;
  for (const auto& step : p.steps) steps.push_back(to_json(step));
  return {{"id", text(p.id.str())}, {"incident", text(p.incident.str())}, {"job_id", text(p.job.str())}, {"strategy", text(p.strategy)},
          {"connector", text(p.connector)}, {"risk", text(to_string(p.risk))}, {"hash", text(p.hash)}, {"made_at", when(p.made_at)},
          {"steps", std::move(steps)}};
}

js::object to_json(const Approval& a) {
  return {{"incident", text(a.incident.str())}, {"plan_hash", text(a.plan_hash)}, {"approved", a.approved}, {"by", text(a.by)},
          {"reason", text(a.reason)}, {"at", when(a.at)}, {"expires", when(a.expires)}};
}

js::object to_json(const JobSpec& j) {
  js::object out{{"id", text(j.id.str())}, {"type", text(j.type)}, {"platform", text(j.platform)}, {"connector", text(j.connector)},
                 {"environment", text(j.environment)}, {"command", texts(j.command)}, {"folder", text(j.folder)}, {"env", to_json(j.env)},
                 {"schedule", text(j.schedule)}, {"time_zone", text(j.time_zone)}, {"timeout_seconds", seconds(j.timeout)},
                 {"resources", resources(j.resources)}, {"max_resources", resources(j.max_resources)},
                 {"config_files", texts(j.config_files)}, {"mode", text(to_string(j.mode))}, {"criticality", text(to_string(j.criticality))},
                 {"rerun", text(to_string(j.rerun))}, {"max_retries", j.max_retries}, {"retry_delay_seconds", seconds(j.retry_delay)},
                 {"retry_only", j.retry_only}, {"allowed_strategies", texts(j.allowed_strategies)}};
  if (j.credentials)
    out["credentials"] = js::object{{"refresh_command", texts(j.credentials->refresh_command)}, {"files", texts(j.credentials->files)},
                                    {"retry_delay_seconds", seconds(j.credentials->retry_delay)}};
  js::array targets;
  for (const auto& t : j.targets)
    targets.push_back({{"kind", text(t.kind)}, {"database", text(t.database)}, {"table", text(t.table)}, {"source", text(t.source)},
                       {"quarantine", text(t.quarantine)}});
  out["targets"] = std::move(targets);
  js::array checks;
  for (const auto& c : j.checks)
    checks.push_back({{"name", text(c.name)}, {"database", text(c.database)}, {"sql", text(c.sql)}, {"expect", text(c.expect)}});
  out["checks"] = std::move(checks);
  return out;
}

js::object to_json(const Run& r) {
  return {{"id", text(r.id.str())}, {"job_id", text(r.job.str())}, {"incident", text(r.incident.str())}, {"attempt", r.attempt},
          {"started_at", when(r.started_at)}, {"ended_at", r.ended_at ? when(*r.ended_at) : js::value(nullptr)},
          {"exit_code", maybe(r.exit_code)}, {"signal", maybe(r.signal)}, {"succeeded", r.succeeded}, {"timed_out", r.timed_out},
          {"oom_killed", maybe(r.oom_killed)}, {"peak_memory_bytes", r.peak_memory_bytes}, {"cpu_seconds", seconds(r.cpu_time)},
          {"command", text(r.command_text)}, {"error", text(r.error_text)}, {"limits", text(r.limits_text)}};
}

js::object to_json(const Case& c) {
  return {{"id", text(c.id.str())}, {"job_id", text(c.job.str())}, {"platform", text(c.platform)}, {"error_message", text(c.error_message)},
          {"error_type", text(to_string(c.error_type))}, {"cause", text(c.cause)}, {"resolution_strategy", text(c.resolution_strategy)},
          {"resolution", text(c.resolution)}, {"success", c.success}, {"resolution_time_minutes", c.resolution_time_minutes},
          {"business_impact", text(c.business_impact)}, {"recorded_at", when(c.recorded_at)}};
}

js::object to_json(const AuditRecord& r) {
  return {{"sequence", r.sequence}, {"timestamp", when(r.timestamp)}, {"actor", text(r.actor)}, {"action", text(r.action)},
          {"job_id", text(r.job_id.str())}, {"incident", text(r.incident.str())}, {"step", text(r.step.str())},
          {"error_type", text(r.error_type)}, {"strategy", text(r.strategy)}, {"confidence", maybe(r.confidence)},
          {"success", maybe(r.success)}, {"duration", r.duration ? js::value(seconds(*r.duration)) : js::value(nullptr)},
          {"rag_enhanced", r.rag_enhanced}, {"similar_cases_found", r.similar_cases_found}, {"detail", text(r.detail)},
          {"previous_hash", text(r.previous_hash)}, {"hash", text(r.hash)}};
}

js::object to_json(const Pause& p) {
  return {{"scope", text(p.scope)}, {"name", text(p.name)}, {"by", text(p.by)}, {"reason", text(p.reason)}, {"since", when(p.since)}};
}

}  // namespace mend
