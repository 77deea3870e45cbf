#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/text.h"
#include "main/cli/commands.h"
#include "main/cli/input.h"
#include "main/cli/knowledge_item.h"
#include "main/output.h"
#include "main/session.h"
#include "model/json.h"

namespace mend {
namespace {

Result<Case> case_from(AppContext& app, const KnowledgeAddOptions& options) {
  Case past;
  MEND_TRY(past.error_type, error_type_named(options.type));
  past.error_message = options.text;
  if (options.text == "-") {
    constexpr std::size_t kMost = 1U << 20U;
    MEND_TRY(past.error_message, read_standard_input(kMost));
  }
  past.error_message = to_valid_utf8(past.error_message);
  if (trim(past.error_message).empty())
    return fail(ErrorKind::invalid_input, "--text is empty: the error message is what a case is found by");
  past.id = CaseId(make_id("case", app.clock.now(), app.random));
  past.job = JobId(to_valid_utf8(options.job));
  past.platform = to_valid_utf8(options.platform);
  past.cause = to_valid_utf8(options.cause);
  past.resolution_strategy = options.strategy;
  past.resolution = to_valid_utf8(options.resolution);
  past.success = !options.failed;
  past.resolution_time_minutes = options.minutes;
  past.business_impact = options.impact;
  past.recorded_at = app.clock.now();
  return past;
}

Result<Case> add(AppContext& app, const KnowledgeAddOptions& options) {
  MEND_CHECK(app.load_redactor());
  MEND_TRY(const StrategyRegistry registry, load_registry(app));
  MEND_TRY(Case given, case_from(app, options));
  MEND_CHECK(check_case(given, registry));
  MEND_TRY(const KnowledgeItem item, redacted_item(*app.redactor, std::move(given)));
  const auto& past = std::get<Case>(item);
  MEND_TRY(const auto store, Session::open_store(app));
  MEND_CHECK(store->write([&](StoreTransaction& tx) -> Result<void> {
    MEND_CHECK(tx.put_case(past));
    AuditRecord record = knowledge_audit(app, "knowledge.added", "case " + past.id.str());
    record.job_id = past.job;
    record.error_type = std::string(to_string(past.error_type));
    record.strategy = past.resolution_strategy;
    MEND_CHECK(tx.append_audit(std::move(record)));
    return {};
  }));
  return past;
}

}  // namespace

ExitStatus knowledge_add_command(AppContext& app, const KnowledgeAddOptions& options) {
  const auto past = add(app, options);
  if (!past) return report_error(past.error());
  if (options.json)
    print_json(to_json(*past));
  else
    print(fmt::format("{} is known now\n", past->id.str()));
  return ExitStatus::ok;
}

}  // namespace mend
