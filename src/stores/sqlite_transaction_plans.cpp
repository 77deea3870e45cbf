#include "stores/sqlite_rows.h"
#include "stores/sqlite_transaction.h"

namespace mend {

Result<void> SqliteTransaction::add_diagnosis(const Diagnosis& diagnosis) {
  MEND_CHECK(db_.run("INSERT INTO diagnoses (incident, made_at, doc) VALUES (?1, ?2, ?3)", diagnosis.incident, diagnosis.made_at,
                     to_doc(to_json(diagnosis))));
  return {};
}

Result<void> SqliteTransaction::add_decision(const Decision& decision) {
  MEND_CHECK(db_.run("INSERT INTO decisions (incident, decided_at, doc) VALUES (?1, ?2, ?3)", decision.incident, decision.decided_at,
                     to_doc(to_json(decision))));
  return {};
}

Result<void> SqliteTransaction::add_approval(const Approval& approval) {
  MEND_CHECK(db_.run("INSERT INTO approvals (incident, plan_hash, approved, by, reason, at, expires) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                     approval.incident, approval.plan_hash, approval.approved, approval.by, approval.reason, approval.at,
                     approval.expires));
  return {};
}

Result<void> SqliteTransaction::put_plan(const Plan& plan) {
  MEND_CHECK(
      db_.run("INSERT INTO plans (id, incident, job, strategy, connector, hash, risk, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) "
              "ON CONFLICT (id) DO UPDATE SET incident = excluded.incident, job = excluded.job, strategy = excluded.strategy, "
              "connector = excluded.connector, hash = excluded.hash, risk = excluded.risk, made_at = excluded.made_at",
              plan.id, plan.incident, plan.job, plan.strategy, plan.connector, plan.hash, to_string(plan.risk), plan.made_at));
  MEND_CHECK(db_.run("DELETE FROM steps WHERE plan = ?1", plan.id));
  for (const Step& step : plan.steps) MEND_CHECK(write_step(step, plan.id));
  return {};
}

Result<void> SqliteTransaction::write_step(const Step& step, const PlanId& plan) {
  MEND_CHECK(db_.run(
      "INSERT INTO steps (id, plan, ordinal, capability, state, risk, reversible, text, undo_text, pre_image, outcome, changed_at, doc) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
      step.id, plan, step.ordinal, to_string(step.capability), to_string(step.state), to_string(step.risk), step.reversible, step.text,
      step.undo_text, step.pre_image, step.outcome, step.changed_at, to_doc(to_json(step.parameters))));
  return note_begun(step, plan);
}

Result<void> SqliteTransaction::put_step(const Step& step) {
  MEND_TRY(const int changed,
           db_.run("UPDATE steps SET ordinal = ?2, capability = ?3, state = ?4, risk = ?5, reversible = ?6, text = ?7, undo_text = ?8, "
                   "pre_image = ?9, outcome = ?10, changed_at = ?11, doc = ?12 WHERE id = ?1 AND plan = ?13",
                   step.id, step.ordinal, to_string(step.capability), to_string(step.state), to_string(step.risk), step.reversible,
                   step.text, step.undo_text, step.pre_image, step.outcome, step.changed_at, to_doc(to_json(step.parameters)), step.plan));
  if (changed == 0)
    return fail(ErrorKind::not_found, fmt::format("there is no step '{}' in plan '{}' to replace", step.id.str(), step.plan.str()));
  return note_begun(step, step.plan);
}

// A remediation is begun when its first step leaves pending, whatever becomes of it later. Kept once: an undo long after must
// not make it look new to the cool-down.
Result<void> SqliteTransaction::note_begun(const Step& step, const PlanId& plan) {
  if (step.state == StepState::pending || step.state == StepState::skipped) return {};
  const std::optional<WallTime> when = step.changed_at == WallTime{} ? std::nullopt : std::optional(step.changed_at);
  MEND_CHECK(db_.run("UPDATE plans SET begun_at = coalesce(?2, made_at) WHERE id = ?1 AND begun_at IS NULL", plan, when));
  return {};
}

Result<void> SqliteTransaction::put_case(const Case& past) {
  // Refused here because it could not be read again: reading is strict about both.
  if (past.id.empty() || past.error_message.empty()) return fail(ErrorKind::invalid_input, "a case needs an id and an error message");
  MEND_CHECK(
      db_.run("INSERT INTO cases (id, job, error_type, recorded_at, doc) VALUES (?1, ?2, ?3, ?4, ?5) "
              "ON CONFLICT (id) DO UPDATE SET job = excluded.job, error_type = excluded.error_type, recorded_at = excluded.recorded_at, "
              "doc = excluded.doc",
              past.id, past.job, to_string(past.error_type), past.recorded_at, to_doc(to_json(past))));
  return {};
}

Result<void> SqliteTransaction::count_strategy(std::string_view strategy, ErrorType type, bool helped) {
  MEND_CHECK(
      db_.run("INSERT INTO strategy_statistics (strategy, error_type, tried, helped) VALUES (?1, ?2, 1, ?3) "
              "ON CONFLICT (strategy, error_type) DO UPDATE SET tried = tried + 1, helped = helped + excluded.helped",
              strategy, to_string(type), helped));
  return {};
}

Result<void> SqliteTransaction::put_pause(const Pause& pause) {
  MEND_CHECK(
      db_.run("INSERT INTO pauses (scope, name, by, reason, since) VALUES (?1, ?2, ?3, ?4, ?5) "
              "ON CONFLICT (scope, name) DO UPDATE SET by = excluded.by, reason = excluded.reason, since = excluded.since",
              pause.scope, pause.name, pause.by, pause.reason, pause.since));
  return {};
}

Result<bool> SqliteTransaction::remove_pause(std::string_view scope, std::string_view name) {
  MEND_TRY(const int removed, db_.run("DELETE FROM pauses WHERE scope = ?1 AND name = ?2", scope, name));
  return removed > 0;
}

}  // namespace mend
