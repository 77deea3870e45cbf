#include "model/event.h"
#include "stores/sqlite_reads.h"
#include "stores/sqlite_rows.h"

namespace mend::sqlite_reads {
namespace {

// {"known": {...}, "other": {...}}: kept apart, so that no further key can pass for one of the known fields.
Result<EventContext> context_from(const boost::json::value& json) {
  const auto* const object = json.if_object();
  if (!object || !object->contains("known") || !object->contains("other"))
    return fail(ErrorKind::invalid_input, "known or other is missing");
  MEND_TRY(EventContext context, event_context_from_json(object->at("known")));
  MEND_TRY(context.other, texts_from_json(object->at("other")));
  return context;
}

Result<Event> event_from(const Query& row) {
  Event event;
  event.id = row.id<EventId>(0);
  event.job = row.id<JobId>(1);
  event.run = row.id<RunId>(2);
  event.job_type = row.text(3);
  event.platform = row.text(4);
  MEND_TRY(event.status, known(parse_event_status(row.view(5)), "event status", row, 5));
  event.error_message = row.text(6);
  event.timestamp = row.time(7);
  event.received = row.time(8);
  event.attempt = int(row.integer(9));
  if (!row.view(10).empty()) {
    MEND_TRY(event.context, from_doc(row, 10, "event context", context_from));
  }
  return event;
}

}  // namespace

Result<std::optional<Event>> event(Db& db, const EventId& id) {
  MEND_TRY(Query rows, db.query("SELECT id, job, run, job_type, platform, status, error_message, happened_at, received_at, attempt, doc "
                                "FROM events WHERE id = ?1",
                                id));
  return first_row(std::move(rows), event_from);
}

Result<std::uint64_t> event_count(Db& db) {
  MEND_TRY(const auto count, db.integer("SELECT sum(events) FROM jobs"));
  return std::uint64_t(count.value_or(0));
}

}  // namespace mend::sqlite_reads
