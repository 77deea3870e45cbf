#include "stores/sqlite_rows.h"
#include "stores/sqlite_transaction.h"

namespace mend {

Result<bool> SqliteTransaction::remove_case(const CaseId& id) {
  MEND_TRY(const int removed, db_.run("DELETE FROM cases WHERE id = ?1", id));
  return removed > 0;
}

Result<void> SqliteTransaction::put_runbook(const Runbook& runbook, WallTime changed_at) {
  if (runbook.id.empty() || runbook.text.empty()) return fail(ErrorKind::invalid_input, "a runbook needs an id and a text");
  MEND_CHECK(
      db_.run("INSERT INTO runbooks (id, title, text, changed_at) VALUES (?1, ?2, ?3, ?4) "
              "ON CONFLICT (id) DO UPDATE SET title = excluded.title, text = excluded.text, changed_at = excluded.changed_at",
              runbook.id, runbook.title, runbook.text, changed_at));
  return {};
}

Result<bool> SqliteTransaction::remove_runbook(std::string_view id) {
  MEND_TRY(const int removed, db_.run("DELETE FROM runbooks WHERE id = ?1", id));
  return removed > 0;
}

Result<void> SqliteTransaction::put_vector(std::string_view model, const StoredVector& vector) {
  MEND_CHECK(
      db_.run("INSERT INTO vectors (key, model, vector) VALUES (?1, ?2, ?3) "
              "ON CONFLICT (key) DO UPDATE SET model = excluded.model, vector = excluded.vector",
              vector.key, model, Blob{vector.bytes}));
  return {};
}

Result<void> SqliteTransaction::remove_vector(std::uint64_t key) {
  MEND_CHECK(db_.run("DELETE FROM vectors WHERE key = ?1", key));
  return {};
}

Result<void> SqliteTransaction::remove_vectors_but(std::string_view model) {
  MEND_CHECK(db_.run("DELETE FROM vectors WHERE model <> ?1", model));
  MEND_CHECK(db_.run("DELETE FROM vector_graph WHERE model <> ?1", model));
  return {};
}

Result<void> SqliteTransaction::put_vector_graph(std::string_view model, std::string_view bytes) {
  constexpr std::size_t kPart = 4U << 20U;
  MEND_CHECK(db_.run("DELETE FROM vector_graph"));
  for (std::uint64_t part = 0; part * kPart < bytes.size(); ++part)
    MEND_CHECK(
        db_.run("INSERT INTO vector_graph (part, model, bytes) VALUES (?1, ?2, ?3)", part, model, Blob{bytes.substr(part * kPart, kPart)}));
  return {};
}

}  // namespace mend
