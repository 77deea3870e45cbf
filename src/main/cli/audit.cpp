#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/time_text.h"
#include "main/cli/commands.h"
#include "main/cli/find_subject.h"
#include "main/cli/home_access.h"
#include "main/output.h"
#include "main/session.h"
#include "model/json.h"
#include "stores/home.h"

namespace mend {
namespace {

Result<std::vector<AuditRecord>> records_of(const AppContext& app, Store& store, const ListOptions& options) {
  AuditFilter filter;
  filter.limit = options.limit + 1;
  if (!options.incident.empty()) {
    MEND_TRY(const Incident incident, find_incident(app, store, options.incident));
    filter.incident = incident.id;
  }
  return store.audit(filter);
}

boost::json::object verdict_json(const AuditVerdict& verdict) {
  return {{"records", verdict.records}, {"intact", verdict.intact}, {"first_bad", verdict.first_bad}, {"problem", verdict.problem}};
}

// Somebody who deletes the whole database leaves the anchor, which tells.
Result<AuditVerdict> verdict_without_store(const AppContext& app) {
  AuditVerdict verdict;
  MEND_TRY(const bool anchored, path_exists(HomePaths(app.home).anchor()));
  if (!anchored) return verdict;
  verdict.intact = false;
  verdict.first_bad = 1;
  verdict.problem = "the database is missing, but the anchor of its audit is there";
  return verdict;
}

Result<AuditVerdict> verdict_of_store(AppContext& app) {
  MEND_TRY(const auto store, Session::open_store(app));
  return store->verify_audit();
}

}  // namespace

ExitStatus audit_command(AppContext& app, const ListOptions& options) {
  const auto store = open_existing_store(app);
  if (!store) return report_error(store.error());
  if (!*store) return nothing_here(app, options.json);
  auto records = records_of(app, **store, options);
  if (!records) return report_error(records.error());
  cut_to_limit(*records, options.limit, "records");
  if (options.json) {
    boost::json::array out;
    for (const AuditRecord& record : *records) out.push_back(to_json(record));
    print_json(out);
    return ExitStatus::ok;
  }
  if (records->empty()) {
    print("the audit is empty\n");
    return ExitStatus::ok;
  }
  Table table({"SEQ", "TIME", "ACTOR", "ACTION", "JOB", "INCIDENT", "OK", "DETAIL"});
  for (const AuditRecord& record : *records)
    table.add({fmt::format("{}", record.sequence), format_rfc3339(record.timestamp), record.actor, record.action,
               record.job_id.empty() ? "-" : record.job_id.str(), record.incident.empty() ? "-" : record.incident.str(),
               !record.success ? "-" : *record.success ? "yes" : "no", one_line(record.detail, 100)});
  print(table.text(app.colours));
  return ExitStatus::ok;
}

ExitStatus audit_verify_command(AppContext& app, const ListOptions& options) {
  const auto has_store = path_exists(HomePaths(app.home).database());
  if (!has_store) return report_error(has_store.error());
  const auto verdict = *has_store ? verdict_of_store(app) : verdict_without_store(app);
  if (!verdict) return report_error(verdict.error());
  if (!*has_store && verdict->intact && !options.json) {
    print(no_home_error(app).message + "\n");
    return ExitStatus::ok;
  }
  if (options.json) print_json(verdict_json(*verdict));
  else if (verdict->intact) print(fmt::format("{} records, intact\n", verdict->records));
  else print(fmt::format("{} records, {}: {}\n", verdict->records, paint("not intact", Colour::red, app.colours), verdict->problem));
  return verdict->intact ? ExitStatus::ok : ExitStatus::failed;
}

}  // namespace mend
