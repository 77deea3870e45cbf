#include "model/controls.h"
#include "model/knowledge.h"
#include "stores/sqlite_audit.h"
#include "stores/sqlite_reads.h"
#include "stores/sqlite_rows.h"

namespace mend::sqlite_reads {

Result<bool> has_case(Db& db, const CaseId& id) {
  MEND_TRY(Query rows, db.query("SELECT 1 FROM cases WHERE id = ?1", id));
  return rows.step();
}

Result<std::vector<Case>> cases(Db& db, std::size_t limit) {
  MEND_TRY(Query rows, db.query("SELECT doc FROM cases ORDER BY recorded_at DESC, seq DESC LIMIT ?1", sql_limit(limit)));
  return all_rows(std::move(rows), [](const Query& row) { return from_doc(row, 0, "case", case_from_json); });
}

Result<std::vector<StrategyStatistics>> strategy_statistics(Db& db) {
  MEND_TRY(Query rows, db.query("SELECT strategy, error_type, tried, helped FROM strategy_statistics ORDER BY strategy, error_type"));
  return all_rows(std::move(rows), [](const Query& row) -> Result<StrategyStatistics> {
    StrategyStatistics statistics;
    statistics.strategy = row.text(0);
    MEND_TRY(statistics.error_type, known(parse_error_type(row.view(1)), "error type", row, 1));
    statistics.tried = std::uint64_t(row.integer(2));
    statistics.helped = std::uint64_t(row.integer(3));
    return statistics;
  });
}

Result<Controls> controls(Db& db) {
  MEND_TRY(Query rows, db.query("SELECT scope, name, by, reason, since FROM pauses ORDER BY scope, name"));
  Controls out;
  MEND_TRY(out.pauses, all_rows(std::move(rows), [](const Query& row) -> Result<Pause> {
             return Pause{row.text(0), row.text(1), row.text(2), row.text(3), row.time(4)};
           }));
  return out;
}

Result<std::vector<AuditRecord>> audit(Db& db, const AuditFilter& filter) {
  const auto make = [](const Query& row) -> Result<AuditRecord> { return audit_from_row(row); };
  if (filter.incident.empty()) {
    MEND_TRY(Query rows, db.query("SELECT " MEND_AUDIT_COLUMNS " FROM audit ORDER BY sequence DESC LIMIT ?1", sql_limit(filter.limit)));
    return all_rows(std::move(rows), make);
  }
  MEND_TRY(Query rows,
           db.query("SELECT " MEND_AUDIT_COLUMNS " FROM audit WHERE incident = ?1 AND incident <> '' ORDER BY sequence DESC LIMIT ?2",
                    filter.incident, sql_limit(filter.limit)));
  return all_rows(std::move(rows), make);
}

Result<std::optional<std::string>> setting(Db& db, std::string_view name) {
  MEND_TRY(Query rows, db.query("SELECT value FROM settings WHERE name = ?1", name));
  return first_row(std::move(rows), [](const Query& row) -> Result<std::string> { return row.text(0); });
}

}  // namespace mend::sqlite_reads
