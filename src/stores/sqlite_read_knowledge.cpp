#include "stores/sqlite_reads.h"
#include "stores/sqlite_rows.h"

namespace mend::sqlite_reads {

Result<std::vector<Runbook>> runbooks(Db& db) {
  MEND_TRY(Query rows, db.query("SELECT id, title, text FROM runbooks ORDER BY id"));
  return all_rows(std::move(rows), [](const Query& row) -> Result<Runbook> { return Runbook{row.text(0), row.text(1), row.text(2)}; });
}

Result<std::vector<StoredVector>> vectors(Db& db, std::string_view model) {
  MEND_TRY(Query rows, db.query("SELECT key, vector FROM vectors WHERE model = ?1 ORDER BY key", model));
  return all_rows(std::move(rows), [](const Query& row) -> Result<StoredVector> {
    return StoredVector{std::uint64_t(row.integer(0)), std::string(row.blob(1))};
  });
}

Result<std::optional<std::string>> vector_graph(Db& db, std::string_view model) {
  MEND_TRY(Query rows, db.query("SELECT bytes FROM vector_graph WHERE model = ?1 ORDER BY part", model));
  std::optional<std::string> out;
  for (;;) {
    MEND_TRY(const bool more, rows.step());
    if (!more) return out;
    if (!out) out.emplace();
    out->append(rows.blob(0));
  }
}

}  // namespace mend::sqlite_reads
