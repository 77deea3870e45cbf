#include <boost/json.hpp>
#include <cmath>
#include <cmath>

#include <fmt/format.h>

#include "base/time_text.h"
#include "model/json.h"

namespace mend {
namespace {

namespace js = boost::json;

// Reads fields of one object; the first wrong one is kept as the error, so that callers read all and ask once.
class Fields {
 public:
  explicit Fields(const js::value& json, std::string_view what) : object_(json.if_object()), what_(what) {
    if (!object_) error_ = Error{ErrorKind::invalid_input, fmt::format("{}: not a JSON object", what)};
  }

  const js::value* find(std::string_view name) {
    if (!object_) return nullptr;
    const js::value* value = object_->if_contains(js::string_view(name.data(), name.size()));
    return value && !value->is_null() ? value : nullptr;
  }
  void text(std::string_view name, std::string& out) {
    if (const auto* value = find(name)) {
      if (value->is_string()) out.assign(value->get_string().data(), value->get_string().size());
      else wrong(name, "a string");
    }
  }
  template <class Tag>
  void id(std::string_view name, StrongId<Tag>& out) {
    std::string value;
    text(name, value);
    out = StrongId<Tag>(std::move(value));
  }
  void number(std::string_view name, double& out) {
    if (const auto* value = find(name)) {
      if (value->is_number()) out = value->to_number<double>();
      else wrong(name, "a number");
    }
  }
  template <class Int>
  void integer(std::string_view name, Int& out) {
    if (const auto* value = find(name)) {
      boost::system::error_code bad;
      const Int number = value->to_number<Int>(bad);
      if (bad) wrong(name, "a whole number");
      else out = number;
    }
  }
  template <class Int>
  void integer(std::string_view name, std::optional<Int>& out) {
    if (find(name)) {
      Int number{};
      integer(name, number);
      out = number;
    }
  }
  void flag(std::string_view name, bool& out) {
    if (const auto* value = find(name)) {
      if (value->is_bool()) out = value->get_bool();
      else wrong(name, "true or false");
    }
  }
  void time(std::string_view name, WallTime& out) {
    std::string value;
    text(name, value);
    if (value.empty()) return;
    auto parsed = parse_rfc3339(value);
    if (parsed) out = *parsed;
    else wrong(name, "an RFC 3339 time");
  }
  void seconds(std::string_view name, Duration& out) {
    if (!find(name)) return;
    double value = 0;
    number(name, value);
    if (!(std::abs(value) <= 1e9)) return wrong(name, "a number of seconds");
    out = Duration{std::llround(value * 1e6)};
  }
  void texts(std::string_view name, std::vector<std::string>& out) {
    if (const auto* value = find(name)) {
      if (!value->is_array()) return wrong(name, "an array");
      for (const auto& item : value->get_array()) {
        if (!item.is_string()) return wrong(name, "an array of strings");
        out.emplace_back(item.get_string().data(), item.get_string().size());
      }
    }
  }
  template <class Enum, class Parse>
  void named(std::string_view name, Enum& out, Parse parse) {
    std::string value;
    text(name, value);
    if (value.empty()) return;
    if (const auto parsed = parse(value)) out = *parsed;
    else wrong(name, "one of the known names");
  }
  template <class Each>
  void each(std::string_view name, Each visit) {
    if (const auto* value = find(name)) {
      if (!value->is_array()) return wrong(name, "an array");
      for (const auto& item : value->get_array()) {
        Fields inner(item, name);
        visit(inner);
        if (inner.error_ && !error_) error_ = inner.error_;
      }
    }
  }
  void wrong(std::string_view name, std::string_view wanted) {
    if (!error_) error_ = Error{ErrorKind::invalid_input, fmt::format("{}: field '{}' must be {}", what_, name, wanted)};
  }
  const js::object* object() const { return object_; }
  Result<void> done() const {
    if (error_) return std::unexpected(*error_);
    return {};
  }

 private:
  const js::object* object_;
  std::string what_;
  std::optional<Error> error_;
};

Result<Resources> resources_from(const js::value* json) {
  Resources out;
  if (!json) return out;
  Fields fields(*json, "resources");
  fields.integer("memory_bytes", out.memory_bytes);
  fields.integer("cpu_seconds", out.cpu_seconds);
  fields.integer("open_files", out.open_files);
  MEND_CHECK(fields.done());
  return out;
}

std::string as_text(const js::value& value) {
  if (value.is_string()) return {value.get_string().data(), value.get_string().size()};
  return to_line(value);
}

}  // namespace

Result<std::map<std::string, std::string>> texts_from_json(const js::value& json) {
  std::map<std::string, std::string> out;
  if (!json.is_object()) return fail(ErrorKind::invalid_input, "not a JSON object");
  for (const auto& [name, value] : json.get_object()) out.emplace(std::string(name.data(), name.size()), as_text(value));
  return out;
}

Result<EventContext> event_context_from_json(const js::value& json) {
  EventContext out;
  Fields fields(json, "context");
  fields.integer("exit_code", out.exit_code);
  fields.integer("signal", out.signal);
  fields.integer("http_status", out.http_status);
  if (fields.find("oom_killed")) {
    bool killed = false;
    fields.flag("oom_killed", killed);
    out.oom_killed = killed;
  }
  MEND_CHECK(fields.done());
  for (const auto& [name, value] : *fields.object()) {
    const std::string key(name.data(), name.size());
    if (key != "exit_code" && key != "signal" && key != "http_status" && key != "oom_killed" && !value.is_null())
      out.other.emplace(key, as_text(value));
  }
  return out;
}

Result<Diagnosis> diagnosis_from_json(const js::value& json) {
  Diagnosis d;
  Fields fields(json, "diagnosis");
  fields.id("incident", d.incident);
  fields.named("error_type", d.type, parse_error_type);
  fields.text("cause", d.cause);
  fields.number("confidence", d.confidence);
  fields.text("strategy", d.strategy);
  fields.id("fingerprint", d.fingerprint);
  fields.flag("transient", d.transient);
  fields.each("fact_places", [&](Fields& f) {
    Fact fact;
    f.text("name", fact.name);
    f.text("value", fact.value);
    f.integer("offset", fact.offset);
    d.facts.push_back(std::move(fact));
  });
  fields.each("evidence", [&](Fields& f) {
    Evidence item;
    f.named("kind", item.kind, [](std::string_view name) -> std::optional<EvidenceKind> {
      for (const auto known : {EvidenceKind::signature, EvidenceKind::similar_case, EvidenceKind::runbook, EvidenceKind::context})
        if (to_string(known) == name) return known;
      return std::nullopt;
    });
    f.text("id", item.id);
    f.text("text", item.text);
    f.number("score", item.score);
    d.evidence.push_back(std::move(item));
  });
  fields.named("evidence_status", d.evidence_status, [](std::string_view name) -> std::optional<EvidenceStatus> {
    for (const auto known : {EvidenceStatus::confirmed, EvidenceStatus::hypothesis, EvidenceStatus::insufficient})
      if (to_string(known) == name) return known;
    return std::nullopt;
  });
  fields.texts("evidence_gaps", d.evidence_gaps);
  fields.each("voters", [&](Fields& f) {
    VoterShare share;
    f.text("voter", share.voter);
    f.named("says", share.says, parse_error_type);
    f.number("probability", share.probability);
    d.voters.push_back(std::move(share));
  });
  fields.texts("notes", d.notes);
  fields.text("model", d.model);
  fields.text("path", d.path);
  fields.time("made_at", d.made_at);
  MEND_CHECK(fields.done());
  return d;
}

Result<Decision> decision_from_json(const js::value& json) {
  Decision out;
  Fields fields(json, "decision");
  fields.id("incident", out.incident);
  fields.named("verdict", out.verdict, [](std::string_view name) -> std::optional<Verdict> {
    for (const auto known : {Verdict::automatic, Verdict::assist, Verdict::observe, Verdict::escalate})
      if (to_string(known) == name) return known;
    return std::nullopt;
  });
  fields.text("strategy", out.strategy);
  fields.each("rules", [&](Fields& f) {
    FiredRule rule;
    f.text("rule", rule.rule);
    f.text("effect", rule.effect);
    f.text("text", rule.text);
    out.rules.push_back(std::move(rule));
  });
  fields.time("decided_at", out.decided_at);
  MEND_CHECK(fields.done());
  return out;
}

Result<JobSpec> job_from_json(const js::value& json) {
  JobSpec job;
  Fields fields(json, "job");
  fields.id("id", job.id);
  fields.text("type", job.type);
  fields.text("platform", job.platform);
  fields.text("connector", job.connector);
  fields.text("environment", job.environment);
  fields.texts("command", job.command);
  fields.text("folder", job.folder);
  if (const auto* env = fields.find("env")) {
    MEND_TRY(job.env, texts_from_json(*env));
  }
  fields.text("schedule", job.schedule);
  fields.text("time_zone", job.time_zone);
  fields.seconds("timeout_seconds", job.timeout);
  MEND_TRY(job.resources, resources_from(fields.find("resources")));
  MEND_TRY(job.max_resources, resources_from(fields.find("max_resources")));
  fields.texts("config_files", job.config_files);
  fields.named("mode", job.mode, parse_mode);
  fields.named("criticality", job.criticality, [](std::string_view name) -> std::optional<Criticality> {
    for (const auto known : {Criticality::low, Criticality::normal, Criticality::high})
      if (to_string(known) == name) return known;
    return std::nullopt;
  });
  fields.named("rerun", job.rerun, [](std::string_view name) -> std::optional<Rerun> {
    if (name == "safe") return Rerun::safe;
    if (name == "unsafe") return Rerun::unsafe;
    return std::nullopt;
  });
  fields.integer("max_retries", job.max_retries);
  fields.seconds("retry_delay_seconds", job.retry_delay);
  fields.flag("retry_only", job.retry_only);
  fields.texts("allowed_strategies", job.allowed_strategies);
  if (const auto* json_credentials = fields.find("credentials")) {
    Fields inner(*json_credentials, "credentials");
    Credentials credentials;
    inner.texts("refresh_command", credentials.refresh_command);
    inner.texts("files", credentials.files);
    inner.seconds("retry_delay_seconds", credentials.retry_delay);
    MEND_CHECK(inner.done());
    job.credentials = std::move(credentials);
  }
  fields.each("targets", [&](Fields& f) {
    DataTarget target;
    f.text("kind", target.kind);
    f.text("database", target.database);
    f.text("table", target.table);
    f.text("source", target.source);
    f.text("quarantine", target.quarantine);
    job.targets.push_back(std::move(target));
  });
  fields.each("checks", [&](Fields& f) {
    DataCheck check;
    f.text("name", check.name);
    f.text("database", check.database);
    f.text("sql", check.sql);
    f.text("expect", check.expect);
    job.checks.push_back(std::move(check));
  });
  MEND_CHECK(fields.done());
  return job;
}

Result<Case> case_from_json(const js::value& json) {
  Case out;
  Fields fields(json, "case");
  fields.id("id", out.id);
  fields.id("job_id", out.job);
  fields.text("platform", out.platform);
  fields.text("error_message", out.error_message);
  fields.named("error_type", out.error_type, parse_error_type);
  fields.text("cause", out.cause);
  fields.text("resolution_strategy", out.resolution_strategy);
  fields.text("resolution", out.resolution);
  fields.flag("success", out.success);
  fields.number("resolution_time_minutes", out.resolution_time_minutes);
  fields.text("business_impact", out.business_impact);
  fields.time("recorded_at", out.recorded_at);
  MEND_CHECK(fields.done());
  if (out.id.empty()) return fail(ErrorKind::invalid_input, "case: field 'id' is missing");
  if (out.error_message.empty()) return fail(ErrorKind::invalid_input, "case: field 'error_message' is missing");
  return out;
}

}  // namespace mend
