#include "stores/sqlite_writer.h"

#include <exception>
#include <new>
#include <string>

#include "stores/sqlite_audit.h"
#include "stores/sqlite_transaction.h"

namespace mend {
namespace {

Result<void> call(const Store::Work& work, SqliteTransaction& transaction) {
  try {
    return work(transaction);
  } catch (const std::bad_alloc&) {
    return fail(ErrorKind::exhausted, "out of memory while writing to the store");
  } catch (const std::exception& problem) {
    return fail(ErrorKind::internal, std::string("a piece of work for the store threw: ") + problem.what());
  }
}

// One piece inside the transaction that is open. A savepoint of its own, unless it is alone: then the transaction is its savepoint,
// which spares the copies of pages that SQLite keeps for one.
Result<void> do_piece(Db& db, SqliteTransaction& transaction, const Store::Work& work, bool alone) {
  transaction.begin_work();
  if (!alone) MEND_CHECK(db.run("SAVEPOINT piece"));
  Result<void> result = call(work, transaction);
  if (result) result = transaction.finish_work();
  if (result) {
    if (!alone) MEND_CHECK(db.run("RELEASE piece"));
    return {};
  }
  transaction.undo_work();
  if (!alone && db.in_transaction()) {
    MEND_CHECK(db.run("ROLLBACK TO piece"));
    MEND_CHECK(db.run("RELEASE piece"));
  }
  return result;
}

}  // namespace

SqliteWriter::SqliteWriter(std::unique_ptr<Db> db, const AuditAnchor& anchor, const FailPoints* fail_points, WriterLimits limits)
    : db_(std::move(db)), anchor_(anchor), fail_points_(fail_points), limits_(limits), queue_(limits.waiting), thread_([this] { run(); }) {}

SqliteWriter::~SqliteWriter() {
  queue_.close();
  thread_.join();
}

Result<void> SqliteWriter::write(Store::Work work) {
  // It would wait for itself.
  if (std::this_thread::get_id() == thread_.get_id()) return fail(ErrorKind::internal, "a piece of work for the store must not call write");
  auto request = std::make_unique<Request>();
  request->work = std::move(work);
  auto done = request->done.get_future();
  if (!queue_.push(std::move(request))) return fail(ErrorKind::cancelled, "the store is closing");
  // Needs no limit of its own: the writer answers every request it accepted, and waits for other processes a bounded time.
  return done.get();
}

void SqliteWriter::run() {
  for (;;) {
    auto requests = queue_.pop_some(limits_.together);
    if (requests.empty()) return;
    const auto results = commit_together(requests);
    for (std::size_t i = 0; i < requests.size(); ++i) requests[i]->done.set_value(results[i]);
  }
}

Result<void> SqliteWriter::pass(FailPoint point) const { return fail_points_ ? fail_points_->pass(point) : Result<void>{}; }

Result<void> SqliteWriter::move_anchor() {
  if (!to_anchor_) return {};
  MEND_CHECK(anchor_.advance(*to_anchor_, [this](const ChainPoint& point) { return chain_has(*db_, point); }));
  to_anchor_.reset();
  return {};
}

std::vector<Result<void>> SqliteWriter::commit_together(Requests& requests) {
  std::vector<Result<void>> results(requests.size());
  const auto all_fail = [&](const Error& error) {
    if (db_->in_transaction()) (void)db_->run("ROLLBACK");  // the first error is the one to tell
    for (auto& result : results)
      if (result) result = std::unexpected(error);
    return results;
  };

  // An anchor that could not be written after the last commit must be written now, or nothing more happens: what is not
  // audited in full must not go on.
  if (auto moved = move_anchor(); !moved) return all_fail(moved.error());
  if (auto begun = db_->run("BEGIN IMMEDIATE"); !begun) return all_fail(begun.error());
  SqliteTransaction transaction(*db_);
  bool any = false;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    results[i] = do_piece(*db_, transaction, requests[i]->work, requests.size() == 1);
    any = any || results[i].has_value();
    // SQLite ends the whole transaction by itself when the disk is full or fails: the pieces before are lost with it.
    if (!db_->in_transaction())
      return all_fail(results[i] ? Error{ErrorKind::internal, "the transaction ended before its commit"} : results[i].error());
  }
  if (!any) {
    (void)db_->run("ROLLBACK");
    return results;
  }
  if (auto passed = pass(FailPoint::store_before_commit); !passed) return all_fail(passed.error());
  if (auto committed = db_->run("COMMIT"); !committed) return all_fail(committed.error());
  if (auto passed = pass(FailPoint::store_after_commit); !passed) return all_fail(passed.error());
  if (const auto end = transaction.appended()) {
    to_anchor_ = end;
    (void)move_anchor();  // what is committed stays committed; a failure is tried again, and told, before the next commit
  }
  return results;
}

}  // namespace mend
