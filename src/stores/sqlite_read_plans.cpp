#include "model/plan.h"
#include "stores/sqlite_reads.h"
#include "stores/sqlite_rows.h"

namespace mend::sqlite_reads {
namespace {

#define PLAN_COLUMNS "id, incident, job, strategy, connector, hash, risk, made_at"

Result<Step> step_from(const Query& row) {
  Step step;
  step.id = row.id<StepId>(0);
  step.plan = row.id<PlanId>(1);
  step.ordinal = int(row.integer(2));
  MEND_TRY(step.capability, known(parse_capability(row.view(3)), "capability", row, 3));
  MEND_TRY(step.state, known(parse_step_state(row.view(4)), "step state", row, 4));
  MEND_TRY(step.risk, known(parse_risk(row.view(5)), "risk", row, 5));
  step.reversible = row.flag(6);
  step.text = row.text(7);
  step.undo_text = row.text(8);
  step.pre_image = row.text(9);
  step.outcome = row.text(10);
  step.changed_at = row.time(11);
  MEND_TRY(step.parameters, from_doc(row, 12, "step", texts_from_json));
  return step;
}

Result<Plan> plan_from(const Query& row) {
  Plan plan;
  plan.id = row.id<PlanId>(0);
  plan.incident = row.id<IncidentId>(1);
  plan.job = row.id<JobId>(2);
  plan.strategy = row.text(3);
  plan.connector = row.text(4);
  plan.hash = row.text(5);
  MEND_TRY(plan.risk, known(parse_risk(row.view(6)), "risk", row, 6));
  plan.made_at = row.time(7);
  return plan;
}

Result<void> add_steps(Db& db, Plan& plan) {
  MEND_TRY(Query rows,
           db.query("SELECT id, plan, ordinal, capability, state, risk, reversible, text, undo_text, pre_image, outcome, changed_at, doc "
                    "FROM steps WHERE plan = ?1 ORDER BY ordinal, id",
                    plan.id));
  MEND_TRY(plan.steps, all_rows(std::move(rows), step_from));
  return {};
}

Result<Approval> approval_from(const Query& row) {
  Approval approval;
  approval.incident = row.id<IncidentId>(0);
  approval.plan_hash = row.text(1);
  approval.approved = row.flag(2);
  approval.by = row.text(3);
  approval.reason = row.text(4);
  approval.at = row.time(5);
  approval.expires = row.time(6);
  return approval;
}

}  // namespace

Result<std::vector<Diagnosis>> diagnoses(Db& db, const IncidentId& incident) {
  MEND_TRY(Query rows, db.query("SELECT doc FROM diagnoses WHERE incident = ?1 ORDER BY seq", incident));
  return all_rows(std::move(rows), [](const Query& row) { return from_doc(row, 0, "diagnosis", diagnosis_from_json); });
}

Result<std::vector<Decision>> decisions(Db& db, const IncidentId& incident) {
  MEND_TRY(Query rows, db.query("SELECT doc FROM decisions WHERE incident = ?1 ORDER BY seq", incident));
  return all_rows(std::move(rows), [](const Query& row) { return from_doc(row, 0, "decision", decision_from_json); });
}

Result<std::optional<Plan>> plan(Db& db, const PlanId& id) {
  MEND_TRY(Query rows, db.query("SELECT " PLAN_COLUMNS " FROM plans WHERE id = ?1", id));
  MEND_TRY(auto found, first_row(std::move(rows), plan_from));
  if (found) MEND_CHECK(add_steps(db, *found));
  return found;
}

Result<std::vector<Plan>> plans(Db& db, const IncidentId& incident) {
  MEND_TRY(Query rows, db.query("SELECT " PLAN_COLUMNS " FROM plans WHERE incident = ?1 ORDER BY seq", incident));
  MEND_TRY(auto found, all_rows(std::move(rows), plan_from));
  for (Plan& each : found) MEND_CHECK(add_steps(db, each));
  return found;
}

Result<std::vector<Approval>> approvals(Db& db, const IncidentId& incident) {
  MEND_TRY(
      Query rows,
      db.query("SELECT incident, plan_hash, approved, by, reason, at, expires FROM approvals WHERE incident = ?1 ORDER BY seq", incident));
  return all_rows(std::move(rows), [](const Query& row) -> Result<Approval> { return approval_from(row); });
}

// A plan counts from the moment when its first step left pending: one that only waits for approval has repaired nothing yet.
Result<std::uint64_t> plans_since(Db& db, const JobId& job, WallTime since) {
  MEND_TRY(const auto count, db.integer("SELECT count(*) FROM plans WHERE job = ?1 AND begun_at >= ?2", job, since));
  return std::uint64_t(count.value_or(0));
}

}  // namespace mend::sqlite_reads
