#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/time_text.h"
#include "main/cli/commands.h"
#include "main/cli/find_subject.h"
#include "main/cli/home_access.h"
#include "main/cli/incident_record.h"
#include "main/diagnosis_engine.h"
#include "main/explanation.h"
#include "main/output.h"
#include "model/json.h"

namespace mend {
namespace {

struct Shown {
  Subject subject;
  std::optional<IncidentRecord> record;
};

// What `explain` says; an analysis that cannot be made hides nothing else.
std::string explanation_of(AppContext& app, StoreReader& store, const std::vector<Diagnosis>& diagnoses) {
  if (diagnoses.empty()) return {};
  const auto learned = read_learned(store);
  if (!learned) {
    app.log->warning("no explanation: {}", learned.error().message);
    return {};
  }
  DiagnosisEngine engine = make_diagnosis_engine(app);
  add_learned(engine, *learned);
  const auto analysis = explain(app, engine, diagnoses.back(), *learned);
  if (analysis) return explanation_text(*analysis);
  app.log->warning("no explanation: {}", analysis.error().message);
  return {};
}

Result<Shown> find_shown(AppContext& app, const std::string& id, bool with_explanation) {
  MEND_TRY(const auto store, open_existing_store(app));
  if (!store) return std::unexpected(no_home_error(app));
  Shown out;
  MEND_TRY(out.subject, find_subject(app, *store, id));
  if (out.subject.incident) {
    MEND_TRY(out.record, read_incident_record(*store, *out.subject.incident));
    if (with_explanation) out.record->explanation = explanation_of(app, *store, out.record->diagnoses);
  }
  return out;
}

std::string case_text(const Case& one) {
  std::string out = fmt::format("case {}\n  type         {}{}\n  strategy     {} ({})\n", one.id.str(), to_string(one.error_type),
                                one.cause.empty() ? "" : "/" + one.cause, one.resolution_strategy, one.success ? "helped" : "did not help");
  if (!one.resolution.empty()) out += fmt::format("  resolution   {}\n", one_line(one.resolution, 300));
  out += fmt::format("  took         {:.1f} min, impact {}\n", one.resolution_time_minutes,
                     one.business_impact.empty() ? "not known" : one.business_impact);
  if (one.recorded_at != WallTime{}) out += fmt::format("  recorded     {}\n", format_rfc3339(one.recorded_at));
  return out + "  error\n" + indented(printable(one.error_message), 4);
}

std::string run_text(const Run& run) {
  std::string end = "has not ended";
  if (run.ended_at) {
    end = run.succeeded   ? "succeeded"
          : run.timed_out ? "timed out"
          : run.signal    ? fmt::format("killed by signal {}", *run.signal)
                          : fmt::format("failed, exit status {}", run.exit_code.value_or(1));
    end += fmt::format(" after {}", format_duration(*run.ended_at - run.started_at));
  }
  std::string out = fmt::format("run {} of {}, attempt {}\n  started      {}\n  end          {}\n", run.id.str(), run.job.str(),
                                run.attempt, format_rfc3339(run.started_at), end);
  if (!run.command_text.empty()) out += fmt::format("  command      {}\n", one_line(run.command_text, 200));
  if (!run.limits_text.empty()) out += fmt::format("  limits       {}\n", run.limits_text);
  return out;
}

std::string event_text(const Event& event) {
  return fmt::format("event {} of {}: {} at {}, received {}\n", event.id.str(), event.job.str(), to_string(event.status),
                     format_rfc3339(event.timestamp), format_rfc3339(event.received));
}

boost::json::object json_of(const Shown& shown) {
  boost::json::object out;
  if (shown.record) out = to_json(*shown.record);
  if (shown.subject.past) out["case"] = to_json(*shown.subject.past);
  if (shown.subject.run) out["run"] = to_json(*shown.subject.run);
  if (shown.subject.event) out["event"] = to_json(*shown.subject.event);
  return out;
}

}  // namespace

ExitStatus show_command(AppContext& app, const ShowOptions& options) {
  const auto shown = find_shown(app, options.id, !options.json);
  if (!shown) return report_error(shown.error());
  if (options.json) {
    print_json(json_of(*shown));
    return ExitStatus::ok;
  }
  std::string out;
  if (shown->subject.past) out += case_text(*shown->subject.past) + "\n";
  if (shown->subject.run) out += run_text(*shown->subject.run) + "\n";
  if (shown->subject.event) out += event_text(*shown->subject.event) + "\n";
  if (shown->record) out += incident_text(*shown->record, app.clock.now(), app.colours);
  print(out);
  return ExitStatus::ok;
}

}  // namespace mend
