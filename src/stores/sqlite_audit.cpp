#include "stores/sqlite_audit.h"

#include <fmt/format.h>

#include <cmath>

#include "base/text.h"

namespace mend {
namespace {

std::string hash_of(const AuditRecord& record) { return blake2b_hex(canonical_text(record)); }

// One pass over the records in order; the first thing that is wrong is kept.
class Walk {
 public:
  void see(const AuditRecord& record) {
    const std::uint64_t expected = before_.sequence + 1;
    if (record.sequence < expected)
      bad(record.sequence, fmt::format("record {} stands before the first one", record.sequence));
    else if (record.sequence == expected + 1)
      bad(expected, fmt::format("record {} is missing", expected));
    else if (record.sequence > expected)
      bad(expected, fmt::format("records {} to {} are missing", expected, record.sequence - 1));
    else if (hash_of(record) != record.hash)
      bad(record.sequence, fmt::format("record {} was changed", record.sequence));
    else if (record.previous_hash != before_.hash)
      bad(record.sequence,
          fmt::format("record {} does not follow from the one before: one of the two was changed or put there", record.sequence));
    before_ = {record.sequence, record.hash};
    ++verdict_.records;
  }

  void compare(const Result<std::optional<ChainPoint>>& anchor, const std::optional<std::string>& anchored_hash) {
    if (!anchor) return bad(before_.sequence, anchor.error().message);
    if (!*anchor) {
      if (verdict_.records > 0)
        bad(before_.sequence,
            "the audit anchor is missing, so records that were cut off the end would not be noticed; if it was removed by mistake, "
            "a backup followed by its restore makes a new one");
      return;
    }
    const ChainPoint& point = **anchor;
    if (point.sequence > before_.sequence) {
      const std::uint64_t missing = point.sequence - before_.sequence;
      bad(before_.sequence + 1,
          missing == 1 ? "1 record at the end is missing" : fmt::format("{} records at the end are missing", missing));
    } else if (anchored_hash != point.hash) {
      bad(point.sequence, fmt::format("record {} is not the one that was anchored: the chain was cut off or rewritten", point.sequence));
    }
  }

  AuditVerdict verdict() && { return std::move(verdict_); }

 private:
  void bad(std::uint64_t sequence, std::string problem) {
    if (!verdict_.intact) return;
    verdict_.intact = false;
    verdict_.first_bad = sequence;
    verdict_.problem = std::move(problem);
  }

  ChainPoint before_;
  AuditVerdict verdict_;
};

}  // namespace

Result<ChainPoint> chain_end(Db& db) {
  MEND_TRY(Query row, db.query("SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1"));
  MEND_TRY(const bool found, row.step());
  if (!found) return ChainPoint{};
  return ChainPoint{std::uint64_t(row.integer(0)), row.text(1)};
}

Result<bool> chain_has(Db& db, const ChainPoint& point) {
  if (point.sequence == 0) return point == ChainPoint{};
  MEND_TRY(Query row, db.query("SELECT hash FROM audit WHERE sequence = ?1", point.sequence));
  MEND_TRY(const bool found, row.step());
  return found && row.view(0) == point.hash;
}

Result<AuditRecord> append_to_chain(Db& db, ChainPoint& end, AuditRecord record) {
  record.sequence = end.sequence + 1;
  record.previous_hash = end.hash;
  // SQLite has neither NaN nor a negative zero: another value would come back and the hash would not fit.
  if (record.confidence && std::isnan(*record.confidence)) record.confidence.reset();
  if (record.confidence == 0.0) record.confidence = 0.0;
  record.hash = hash_of(record);
  MEND_CHECK(db.run("INSERT INTO audit (" MEND_AUDIT_COLUMNS
                    ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
                    record.sequence, record.timestamp, record.actor, record.action, record.job_id, record.incident, record.step,
                    record.error_type, record.strategy, record.confidence, record.success, record.duration, record.rag_enhanced,
                    record.similar_cases_found, record.detail, record.previous_hash, record.hash));
  end = {record.sequence, record.hash};
  return record;
}

AuditRecord audit_from_row(const Query& row) {
  AuditRecord record;
  record.sequence = std::uint64_t(row.integer(0));
  record.timestamp = row.time(1);
  record.actor = row.text(2);
  record.action = row.text(3);
  record.job_id = row.id<JobId>(4);
  record.incident = row.id<IncidentId>(5);
  record.step = row.id<StepId>(6);
  record.error_type = row.text(7);
  record.strategy = row.text(8);
  record.confidence = row.maybe<double>(9);
  record.success = row.maybe<bool>(10);
  if (const auto micros = row.maybe<std::int64_t>(11)) record.duration = Duration{*micros};
  record.rag_enhanced = row.flag(12);
  record.similar_cases_found = int(row.integer(13));
  record.detail = row.text(14);
  record.previous_hash = row.text(15);
  record.hash = row.text(16);
  return record;
}

Result<AuditVerdict> verify_chain(Db& db, const Result<std::optional<ChainPoint>>& anchor) {
  Walk walk;
  std::optional<std::string> anchored_hash;
  if (anchor && *anchor && (*anchor)->sequence == 0) anchored_hash = ChainPoint{}.hash;
  MEND_TRY(Query rows, db.query("SELECT " MEND_AUDIT_COLUMNS " FROM audit ORDER BY sequence"));
  for (;;) {
    MEND_TRY(const bool more, rows.step());
    if (!more) break;
    const AuditRecord record = audit_from_row(rows);
    if (anchor && *anchor && (*anchor)->sequence == record.sequence) anchored_hash = record.hash;
    walk.see(record);
  }
  walk.compare(anchor, anchored_hash);
  return std::move(walk).verdict();
}

}  // namespace mend
