// The audit's hash chain in SQLite.
#pragma once

#include <optional>

#include "base/result.h"
#include "model/audit.h"
#include "ports/store.h"
#include "stores/audit_anchor.h"
#include "stores/sqlite_db.h"

namespace mend {

// Where the chain ends.
Result<ChainPoint> chain_end(Db& db);
// Whether the chain goes through this point.
Result<bool> chain_has(Db& db, const ChainPoint& point);

// The record in the next place after `end`, stored; `end` moves on to it. Inside a transaction that has the write lock: then
// `end` may be kept from one record to the next, as no other process can append.
Result<AuditRecord> append_to_chain(Db& db, ChainPoint& end, AuditRecord record);

AuditRecord audit_from_row(const Query& row);  // columns as MEND_AUDIT_COLUMNS names them
#define MEND_AUDIT_COLUMNS                                                                                                \
  "sequence, timestamp, actor, action, job, incident, step, error_type, strategy, confidence, success, duration_micros, " \
  "rag_enhanced, similar_cases_found, detail, previous_hash, hash"

// Walks the chain of this connection's snapshot. `anchor` was read before the snapshot began.
Result<AuditVerdict> verify_chain(Db& db, const Result<std::optional<ChainPoint>>& anchor);

}  // namespace mend
