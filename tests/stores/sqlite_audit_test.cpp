// The audit against somebody who has the key and edits the database by hand.
#include <sys/stat.h>

#include <array>

#include "base/text.h"
#include "stores/audit_anchor.h"
#include "stores/home_fixture.h"

namespace mend {
namespace {

using namespace store_suite;

class SqliteAudit : public SqliteHome {
 protected:
  static constexpr const char* kDropTriggers = "DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_deleted;";
  std::filesystem::path anchor_file() const { return home() / "audit.anchor"; }
  void make_records(int count) { fill(*open(), count); }
  void tamper(const std::string& sql) { raw_execute((kDropTriggers + sql).c_str()); }
  AuditVerdict verify() {
    const auto verdict = open()->verify_audit();
    EXPECT_TRUE(verdict) << verdict.error().message;
    return verdict.value_or(AuditVerdict{});
  }
  void expect_bad(std::uint64_t first_bad, std::string_view problem) {
    const AuditVerdict verdict = verify();
    EXPECT_FALSE(verdict.intact);
    EXPECT_EQ(verdict.first_bad, first_bad);
    EXPECT_NE(verdict.problem.find(problem), std::string::npos) << verdict.problem;
  }
};

TEST_F(SqliteAudit, RecordsCannotBeChangedOrDeletedByStatements) {
  make_records(3);
  const auto db = raw();
  for (const char* const sql :
       {"UPDATE audit SET detail = 'x' WHERE sequence = 2", "DELETE FROM audit WHERE sequence = 3", "DELETE FROM audit"}) {
    const auto done = db->execute(sql);
    ASSERT_FALSE(done) << sql;
    EXPECT_NE(done.error().message.find("append-only"), std::string::npos) << done.error().message;
  }
}

TEST_F(SqliteAudit, EveryChangedFieldIsFound) {
  make_records(10);
  tamper("");
  for (const char* const change :
       {"timestamp = timestamp + 1", "actor = 'user:eve'", "action = 'x'", "job = ''", "incident = 'i'", "step = ''", "error_type = ''",
        "strategy = 'x'", "confidence = NULL", "confidence = 0.8126", "success = 0", "success = NULL", "duration_micros = 1",
        "rag_enhanced = 0", "similar_cases_found = 4", "detail = detail || ' '",
        "hash = '"
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'"}) {
    SCOPED_TRACE(change);
    raw_execute("CREATE TABLE kept AS SELECT * FROM audit WHERE sequence = 7");
    raw_execute(("UPDATE audit SET " + std::string(change) + " WHERE sequence = 7").c_str());
    expect_bad(7, "record 7 was changed");
    raw_execute("DELETE FROM audit WHERE sequence = 7; INSERT INTO audit SELECT * FROM kept; DROP TABLE kept");
    EXPECT_TRUE(verify().intact);
  }
}

TEST_F(SqliteAudit, AMissingRecordIsFound) {
  make_records(10);
  tamper("DELETE FROM audit WHERE sequence = 4");
  expect_bad(4, "record 4 is missing");
}

TEST_F(SqliteAudit, AMissingBeginningIsFound) {
  make_records(10);
  tamper("DELETE FROM audit WHERE sequence <= 3");
  expect_bad(1, "records 1 to 3 are missing");
}

TEST_F(SqliteAudit, AMissingRecordWhoseGapWasClosedIsFound) {
  make_records(10);
  tamper("DELETE FROM audit WHERE sequence = 4; UPDATE audit SET sequence = sequence - 1 WHERE sequence > 4");
  expect_bad(4, "record 4 was changed");
}

TEST_F(SqliteAudit, SwappedRecordsAreFound) {
  make_records(10);
  tamper(
      "UPDATE audit SET sequence = 100 WHERE sequence = 5; UPDATE audit SET sequence = 5 WHERE sequence = 6; UPDATE audit SET sequence = 6 "
      "WHERE sequence = 100");
  expect_bad(5, "record 5 was changed");
}

// He knows how the hash is made, but not the key of the anchor.
TEST_F(SqliteAudit, AChangedRecordWithAFittingHashIsFoundByTheNextOne) {
  make_records(10);
  AuditRecord record = open()->audit({}).value().at(4);  // record 6
  record.detail = "nothing happened";
  const std::string hash = blake2b_hex(canonical_text(record));
  tamper("UPDATE audit SET detail = 'nothing happened', hash = '" + hash + "' WHERE sequence = 6");
  expect_bad(7, "record 7 does not follow");
}

TEST_F(SqliteAudit, AChainThatWasRewrittenToItsEndIsFoundByTheAnchor) {
  make_records(10);
  AuditRecord record = open()->audit({}).value().at(0);  // record 10
  record.detail = "nothing happened";
  tamper("UPDATE audit SET detail = 'nothing happened', hash = '" + blake2b_hex(canonical_text(record)) + "' WHERE sequence = 10");
  expect_bad(10, "record 10 is not the one that was anchored");
}

TEST_F(SqliteAudit, ACutOffEndIsFound) {
  make_records(10);
  tamper("DELETE FROM audit WHERE sequence > 8");
  expect_bad(9, "2 records at the end are missing");
  raw_execute("DELETE FROM audit");
  expect_bad(1, "10 records at the end are missing");
}

TEST_F(SqliteAudit, ACutOffEndStaysFoundAfterNewRecordsAreAppended) {
  make_records(10);
  tamper("DELETE FROM audit WHERE sequence > 8");
  for (int i = 0; i < 3; ++i) fill(*open(), 1, "after" + std::to_string(i));  // 9, 10, 11
  expect_bad(10, "record 10 is not the one that was anchored");
  fill(*open(), 40, "more");
  expect_bad(10, "record 10 is not the one that was anchored");
}

TEST_F(SqliteAudit, ACutOffWhileTheStoreIsOpenIsFoundToo) {
  const auto store = open();
  fill(*store, 10);
  tamper("DELETE FROM audit WHERE sequence > 8");
  fill(*store, 5, "after");
  const auto verdict = store->verify_audit().value();
  EXPECT_FALSE(verdict.intact);
  EXPECT_EQ(verdict.first_bad, 10U);
}

TEST_F(SqliteAudit, ADeletedDatabaseIsRefusedAndNotMadeAgain) {
  make_records(10);
  std::filesystem::remove(database());
  const auto store = open_sqlite_store(options());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, ErrorKind::corrupt);
  EXPECT_NE(store.error().message.find("is gone"), std::string::npos) << store.error().message;
  EXPECT_FALSE(std::filesystem::exists(database()));
}

TEST_F(SqliteAudit, AMissingAnchorIsFoundAndNotMadeAgain) {
  make_records(3);
  std::filesystem::remove(anchor_file());
  expect_bad(3, "the audit anchor is missing");
  fill(*open(), 3, "after");
  expect_bad(6, "the audit anchor is missing");
}

TEST_F(SqliteAudit, AChangedAnchorIsFound) {
  make_records(3);
  const std::string line = read_file(anchor_file()).value();
  for (std::size_t i = 0; i < line.size(); i += 7) {
    SCOPED_TRACE(i);
    std::string changed = line;
    changed[i] = changed[i] == '1' ? '2' : '1';
    ASSERT_TRUE(write_file_durably(anchor_file(), changed));
    expect_bad(3, "anchor");
    EXPECT_EQ(read_file(anchor_file()).value(), changed) << "it was painted over";
  }
  for (const std::string& other : {std::string(), line + line, line.substr(0, line.size() - 1)}) {
    ASSERT_TRUE(write_file_durably(anchor_file(), other));
    expect_bad(3, "anchor");
  }
  ASSERT_TRUE(write_file_durably(anchor_file(), line));
  EXPECT_TRUE(verify().intact);
}

TEST_F(SqliteAudit, AnAnchorOfAnotherKeyIsFound) {
  make_records(3);
  ASSERT_TRUE(AuditAnchor(anchor_file(), test_key(9)).reset({3, std::string(64, 'a')}));
  expect_bad(3, "made with another key");
}

TEST_F(SqliteAudit, AnAnchorThatLagsIsNoFault) {
  make_records(3);
  const std::string old = read_file(anchor_file()).value();
  fill(*open(), 3, "after");
  ASSERT_TRUE(write_file_durably(anchor_file(), old));
  EXPECT_TRUE(verify().intact);
  fill(*open(), 1, "later");
  EXPECT_TRUE(verify().intact);
  EXPECT_EQ(AuditAnchor(anchor_file(), test_key()).read().value()->sequence, 7U);
}

TEST_F(SqliteAudit, AnAnchorThatCannotBeWrittenStopsTheNextWrite) {
  const auto store = open();
  fill(*store, 1);
  const std::string line = read_file(anchor_file()).value();
  std::filesystem::remove(anchor_file());
  std::filesystem::create_directory(anchor_file());
  fill(*store, 1, "b");  // durable before the anchor is tried
  const auto refused = store->write([](StoreTransaction& t) { return t.put_setting("a", "1"); });
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find(anchor_file().string()), std::string::npos) << refused.error().message;
  EXPECT_FALSE(store->setting("a").value());
  std::filesystem::remove(anchor_file());
  ASSERT_TRUE(write_file_durably(anchor_file(), line));
  EXPECT_TRUE(store->write([](StoreTransaction& t) { return t.put_setting("a", "1"); }));
  EXPECT_EQ(AuditAnchor(anchor_file(), test_key()).read().value()->sequence, 2U);
  EXPECT_TRUE(store->verify_audit().value().intact);
}

TEST_F(SqliteAudit, TheAnchorOnlyMovesForward) {
  ASSERT_TRUE(make_folder(home()));
  const AuditAnchor anchor(anchor_file(), test_key());
  const auto in_chain = [](const ChainPoint&) -> Result<bool> { return true; };
  EXPECT_FALSE(anchor.read().value());
  ASSERT_TRUE(anchor.advance({5, std::string(64, 'e')}, in_chain));
  EXPECT_FALSE(anchor.read().value()) << "a missing one is not made by the way";
  ASSERT_TRUE(anchor.create());
  EXPECT_EQ(anchor.read().value(), ChainPoint{});
  const ChainPoint five{5, std::string(64, 'e')};
  ASSERT_TRUE(anchor.advance(five, in_chain));
  ASSERT_TRUE(anchor.create());
  ASSERT_TRUE(anchor.advance({4, std::string(64, 'd')}, in_chain));
  EXPECT_EQ(anchor.read().value(), five);
  ASSERT_TRUE(anchor.advance({6, std::string(64, 'f')}, [](const ChainPoint&) -> Result<bool> { return false; }));
  EXPECT_EQ(anchor.read().value(), five);
}

}  // namespace
}  // namespace mend
