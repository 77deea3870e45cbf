#include "main/cli/incident_record.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "base/time_text.h"
#include "main/cli/home_access.h"
#include "main/cli/show_diagnosis.h"
#include "main/output.h"
#include "model/json.h"

namespace mend {
namespace {

constexpr std::size_t kMostAuditRecords = 1000;
constexpr std::size_t kMostErrorBytes = 8 * 1024;  // of the error text on a terminal; --json has all of it

Colour state_colour(IncidentState state) {
  if (is_closed(state)) return Colour::green;
  if (state == IncidentState::escalated || state == IncidentState::failed) return Colour::red;
  return state == IncidentState::awaiting_approval || is_active(state) ? Colour::yellow : Colour::cyan;
}

Colour step_colour(StepState state) {
  switch (state) {
    case StepState::applied: return Colour::green;
    case StepState::failed: return Colour::red;
    case StepState::started: case StepState::undoing: return Colour::yellow;
    case StepState::pending: case StepState::skipped: case StepState::undone: break;
  }
  return Colour::none;
}

std::string heading(std::string_view name, bool colours) { return "\n" + paint(name, Colour::bold, colours) + "\n"; }

std::string head_text(const Incident& incident, WallTime now, bool colours) {
  std::string out = fmt::format("{}  {}  {}{}\n", paint(incident.id.str(), Colour::bold, colours),
                                paint(to_string(incident.state), state_colour(incident.state), colours), incident.job.str(),
                                incident.platform.empty() ? "" : fmt::format(" ({})", incident.platform));
  const auto line = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) out += fmt::format("  {:<12} {}\n", name, value);
  };
  line("reason", incident.reason);
  line("opened", fmt::format("{} ({} ago)", format_rfc3339(incident.opened_at), age_text(incident.opened_at, now)));
  line("changed", fmt::format("{} ({} ago)", format_rfc3339(incident.updated_at), age_text(incident.updated_at, now)));
  line("seen", incident.occurrences == 1 ? "once" : fmt::format("{} times", incident.occurrences));
  line("first event", incident.first_event.str());
  if (incident.last_event != incident.first_event) line("last event", incident.last_event.str());
  line("last run", incident.last_run.str());
  line("tried", fmt::format("{}", fmt::join(incident.strategies_tried, ", ")));
  line("fingerprint", incident.fingerprint.str());
  if (incident.state == IncidentState::awaiting_approval)
    line("waits for", fmt::format("mendline approve {0}   or   mendline reject {0}", incident.id.str()));
  return out;
}

std::string approval_text(const Approval& approval) {
  return fmt::format("  {}  {} by {}, plan hash {}{}{}\n", format_rfc3339(approval.at), approval.approved ? "approved" : "rejected",
                     approval.by, approval.plan_hash.substr(0, 12),
                     approval.approved ? ", counts until " + format_rfc3339(approval.expires) : "",
                     approval.reason.empty() ? "" : ": " + one_line(approval.reason, 200));
}

std::string audit_text(const std::vector<AuditRecord>& records, bool colours) {
  Table table({"SEQ", "TIME", "ACTOR", "ACTION", "OK", "TOOK", "DETAIL"});
  for (const AuditRecord& record : records)
    table.add({fmt::format("{}", record.sequence), format_rfc3339(record.timestamp), record.actor, record.action,
               !record.success ? "-" : *record.success ? "yes" : "no", record.duration ? format_duration(*record.duration) : "-",
               one_line(record.detail, 120)});
  return table.text(colours);
}

template <class Value>
boost::json::array array_of(const std::vector<Value>& values) {
  boost::json::array out;
  for (const Value& value : values) out.push_back(to_json(value));
  return out;
}

}  // namespace

Result<IncidentRecord> read_incident_record(StoreReader& store, Incident incident) {
  IncidentRecord out;
  const IncidentId id = incident.id;
  out.incident = std::move(incident);
  MEND_TRY(out.diagnoses, store.diagnoses(id));
  MEND_TRY(out.decisions, store.decisions(id));
  MEND_TRY(out.plans, store.plans(id));
  MEND_TRY(out.approvals, store.approvals(id));
  MEND_TRY(auto newest_first, store.audit({id, kMostAuditRecords}));
  out.audit.assign(std::make_move_iterator(newest_first.rbegin()), std::make_move_iterator(newest_first.rend()));
  return out;
}

boost::json::object to_json(const IncidentRecord& record) {
  return {{"incident", to_json(record.incident)},   {"diagnoses", array_of(record.diagnoses)}, {"decisions", array_of(record.decisions)},
          {"plans", array_of(record.plans)},        {"approvals", array_of(record.approvals)}, {"audit", array_of(record.audit)}};
}

std::string indented(std::string_view text, std::size_t blanks) {
  std::string out;
  for (const auto line : split_lines(text)) {
    if (!line.empty()) out.append(blanks, ' ');
    out += line;
    out += '\n';
  }
  return out;
}

std::string plan_text(const Plan& plan, bool colours) {
  std::string out = fmt::format("{}  {}  {} risk, made {}\n  hash {}\n", paint(plan.id.str(), Colour::cyan, colours),
                                paint(plan.strategy, Colour::bold, colours), to_string(plan.risk), format_rfc3339(plan.made_at), plan.hash);
  for (const Step& step : plan.steps) {
    out += fmt::format("  {}. [{}] {}: {}\n", step.ordinal + 1, paint(to_string(step.state), step_colour(step.state), colours),
                       to_string(step.capability), one_line(step.text, 200));
    if (step.capability != Capability::retry)  // a re-run changes nothing of its own
      out += fmt::format("     undo: {}\n", step.reversible ? one_line(step.undo_text, 200) : "cannot be undone");
    if (!step.outcome.empty()) out += fmt::format("     outcome: {}\n", one_line(step.outcome, 200));
  }
  return out;
}

std::string incident_text(const IncidentRecord& record, WallTime now, bool colours) {
  std::string out = head_text(record.incident, now, colours);
  if (!record.incident.error_text.empty()) {
    out += heading("error", colours);
    out += indented(printable(shorten_middle(record.incident.error_text, kMostErrorBytes)), 2);
  }
  if (!record.diagnoses.empty()) {
    out += heading("diagnosis", colours);
    for (std::size_t i = 0; i + 1 < record.diagnoses.size(); ++i) {
      const Diagnosis& earlier = record.diagnoses[i];
      out += fmt::format("  earlier, {}: {}{} at confidence {:.2f}\n", format_rfc3339(earlier.made_at), to_string(earlier.type),
                         earlier.cause.empty() ? "" : "/" + earlier.cause, earlier.confidence);
    }
    out += indented(diagnosis_text(record.diagnoses.back(), colours), 2);
  }
  if (!record.explanation.empty()) {
    out += heading("explanation", colours);
    out += indented(record.explanation, 2);
  }
  for (const Decision& decision : record.decisions) {
    out += heading(fmt::format("decision of {}", format_rfc3339(decision.decided_at)), colours);
    out += indented(decision_text(decision, colours), 2);
  }
  if (!record.plans.empty()) out += heading("plans", colours);
  for (const Plan& plan : record.plans) out += indented(plan_text(plan, colours), 2);
  if (!record.approvals.empty()) out += heading("approvals", colours);
  for (const Approval& approval : record.approvals) out += approval_text(approval);
  if (!record.audit.empty()) {
    out += heading("timeline (audit)", colours);
    out += indented(audit_text(record.audit, colours), 2);
  }
  return out;
}

}  // namespace mend
