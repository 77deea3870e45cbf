// Transactions, the audit chain and copies.
#pragma once

#include "base/text.h"
#include "contract/store_suite.h"

namespace mend {

using namespace store_suite;

TEST_P(StoreSuite, WorkThatFailsLeavesNothing) {
  write([](StoreTransaction& t) { return t.put_setting("kept", "1"); });
  const auto done = store().write([](StoreTransaction& t) -> Result<void> {
    MEND_CHECK(t.add_event(make_event("e1")));
    MEND_CHECK(t.put_incident(make_incident("i1")));
    MEND_CHECK(t.append_audit(make_audit("event.accepted")));
    MEND_CHECK(t.put_setting("kept", "2"));
    return fail(ErrorKind::conflict, "changed my mind");
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::conflict);
  EXPECT_EQ(done.error().message, "changed my mind");
  EXPECT_FALSE(got(store().event(EventId("e1"))));
  EXPECT_FALSE(got(store().job(JobId("nightly"))));
  EXPECT_FALSE(got(store().incident(IncidentId("i1"))));
  EXPECT_TRUE(got(store().audit({})).empty());
  EXPECT_EQ(got(store().setting("kept")), "1");
}

TEST_P(StoreSuite, WorkThatThrowsLeavesNothingAndIsAnError) {
  const auto done = store().write([](StoreTransaction& t) -> Result<void> {
    MEND_CHECK(t.put_setting("a", "1"));
    throw std::runtime_error("out of luck");
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::internal);
  EXPECT_NE(done.error().message.find("out of luck"), std::string::npos);
  EXPECT_FALSE(got(store().setting("a")));
  write([](StoreTransaction& t) { return t.put_setting("a", "2"); });
}

TEST_P(StoreSuite, ATransactionReadsItsOwnWritesAndNobodyElseDoes) {
  write([&](StoreTransaction& t) -> Result<void> {
    MEND_CHECK(t.add_event(make_event("e1")));
    MEND_CHECK(t.put_incident(make_incident("i1")));
    MEND_CHECK(t.put_plan(make_plan("p1", "i1")));
    EXPECT_TRUE(got(t.event(EventId("e1"))));
    EXPECT_EQ(got(t.event_count()), 1U);
    EXPECT_EQ(got(t.jobs(5)).size(), 1U);
    EXPECT_EQ(got(t.job(JobId("nightly")))->failures, 1U);
    EXPECT_TRUE(got(t.open_incident(JobId("nightly"), Fingerprint("f1"))));
    EXPECT_EQ(got(t.plan(PlanId("p1")))->steps.size(), 2U);
    MEND_CHECK(t.add_event(make_event("e2")));
    EXPECT_EQ(got(t.job(JobId("nightly")))->failures, 2U);
    EXPECT_FALSE(got(store().event(EventId("e1"))));  // not committed yet
    EXPECT_EQ(got(store().event_count()), 0U);
    return {};
  });
  EXPECT_EQ(got(store().event_count()), 2U);
}

TEST_P(StoreSuite, WorkMayNotWriteThroughTheStoreItself) {
  const auto done = store().write([&](StoreTransaction&) { return store().write([](StoreTransaction&) { return Result<void>{}; }); });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::internal);
}

TEST_P(StoreSuite, AuditRecordsFormAChain) {
  std::vector<AuditRecord> given;
  for (const char* const action : {"event.accepted", "diagnosis.made", "step.intent"})
    write([&](StoreTransaction& t) -> Result<void> {
      MEND_TRY(const AuditRecord record, t.append_audit(make_audit(action, "i1")));
      given.push_back(record);
      return {};
    });
  reopen();
  write([&](StoreTransaction& t) -> Result<void> {
    AuditRecord plain;  // everything that may be missing is
    plain.action = "mode.changed";
    MEND_TRY(const AuditRecord first, t.append_audit(plain));
    AuditRecord odd = make_audit("odd", "i2");
    odd.confidence = std::numeric_limits<double>::quiet_NaN();
    MEND_TRY(const AuditRecord second, t.append_audit(odd));
    odd.confidence = -0.0;
    odd.detail = std::string("\0\xff", 2);
    MEND_TRY(const AuditRecord third, t.append_audit(odd));
    given.insert(given.end(), {first, second, third});
    return {};
  });
  std::string before(64, '0');
  for (std::size_t i = 0; i < given.size(); ++i) {
    EXPECT_EQ(given[i].sequence, i + 1);
    EXPECT_EQ(given[i].previous_hash, before);
    EXPECT_EQ(given[i].hash, blake2b_hex(canonical_text(given[i])));
    before = given[i].hash;
  }
  const auto all = got(store().audit({}));
  ASSERT_EQ(all.size(), given.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    EXPECT_EQ(canonical_text(all[i]), canonical_text(given[given.size() - 1 - i]));  // newest first
  EXPECT_EQ(got(store().audit({IncidentId("i1"), 100})).size(), 3U);
  const auto newest = got(store().audit({IncidentId("i1"), 1}));
  ASSERT_EQ(newest.size(), 1U);
  EXPECT_EQ(newest[0].action, "step.intent");
  const auto verdict = got(store().verify_audit());
  EXPECT_TRUE(verdict.intact) << verdict.problem;
  EXPECT_EQ(verdict.records, given.size());
}

TEST_P(StoreSuite, RecordsOfUndoneWorkLeaveNoGapInTheChain) {
  write([](StoreTransaction& t) -> Result<void> {
    MEND_CHECK(t.append_audit(make_audit("a")));
    return {};
  });
  (void)store().write([](StoreTransaction& t) -> Result<void> {
    MEND_CHECK(t.append_audit(make_audit("b")));
    return fail(ErrorKind::conflict, "no");
  });
  write([](StoreTransaction& t) -> Result<void> {
    MEND_CHECK(t.append_audit(make_audit("c")));
    return {};
  });
  const auto verdict = got(store().verify_audit());
  EXPECT_TRUE(verdict.intact) << verdict.problem;
  EXPECT_EQ(verdict.records, 2U);
}

TEST_P(StoreSuite, ABackupIsNeverWrittenOverAFile) {
  write([](StoreTransaction& t) { return t.put_setting("a", "1"); });
  const std::string file = under_test_->backup_file();
  const auto first = store().backup(file);
  ASSERT_TRUE(first) << first.error().message;
  const auto second = store().backup(file);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::conflict);
}

TEST_P(StoreSuite, ItDescribesItself) { EXPECT_FALSE(store().description().empty()); }

}  // namespace mend
