#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/text.h"
#include "main/cli/commands.h"
#include "main/cli/find_subject.h"
#include "main/cli/home_access.h"
#include "main/cli/input.h"
#include "main/diagnosis_engine.h"
#include "main/explanation.h"
#include "main/output.h"

namespace mend {
namespace {

// Incidents and plans have ids of ours; everything else that is one word may be an error text as well ("OOMKilled").
bool is_surely_id(std::string_view word) { return word.starts_with("inc-") || word.starts_with("plan-") || word.starts_with("run-"); }
bool may_be_id(std::string_view text) { return !text.empty() && text != "-" && text.find_first_of(" \t\r\n") == std::string_view::npos; }

// The newest diagnosis of what the word names; nothing when it names nothing and may be a text.
Result<std::optional<Diagnosis>> diagnosis_of(AppContext& app, Store* store, const std::string& word) {
  if (!may_be_id(word)) return std::nullopt;
  if (!store) {
    if (is_surely_id(word)) return std::unexpected(no_home_error(app));
    return std::nullopt;
  }
  MEND_TRY(const auto job, store->job(JobId(word)));
  auto subject = find_subject(app, *store, word);
  if (!subject) {
    if (subject.error().kind == ErrorKind::not_found && !is_surely_id(word) && !job) return std::nullopt;
    return std::unexpected(std::move(subject.error()));
  }
  const auto& incident = subject->incident;
  if (!incident)
    return fail(ErrorKind::not_found, fmt::format("'{}' belongs to no incident; give an incident's id or an error text", word));
  const IncidentId id = incident->id;
  MEND_TRY(auto diagnoses, store->diagnoses(id));
  if (diagnoses.empty()) return fail(ErrorKind::not_found, fmt::format("incident {} has no diagnosis yet", id.str()));
  return std::move(diagnoses.back());
}

Result<std::string> text_of(const ExplainOptions& options) {
  std::string text = options.subject;
  if (text.empty() || text == "-") {
    if (text.empty() && ::isatty(STDIN_FILENO))
      return fail(ErrorKind::invalid_input, "give an incident's id or an error text, or pipe a text in (mendline explain - < error.log)");
    MEND_TRY(text, read_standard_input(64U << 20U));
  }
  if (trim(text).empty()) return fail(ErrorKind::invalid_input, "the text is empty: there is nothing to explain");
  return text;
}

Result<Analysis> explained(AppContext& app, const ExplainOptions& options) {
  MEND_CHECK(app.load_redactor());
  MEND_TRY(const auto store, open_existing_store(app));
  LearnedHere learned;
  if (store) {
    MEND_TRY(learned, read_learned(*store));
  }
  MEND_TRY(auto diagnosis, diagnosis_of(app, store.get(), options.subject));
  std::string text;
  if (!diagnosis) {
    MEND_TRY(text, text_of(options));
  }
  DiagnosisEngine engine = make_diagnosis_engine(app);
  add_learned(engine, learned);
  for (const auto& missing : engine.diagnoser->model().degraded) app.log->warning("{}", missing);
  if (!diagnosis) diagnosis = engine.diagnoser->diagnose({app.redactor->redact(to_valid_utf8(text)), options.platform, {}});
  return explain(app, engine, *diagnosis, learned);
}

}  // namespace

ExitStatus explain_command(AppContext& app, const ExplainOptions& options) {
  const auto analysis = explained(app, options);
  if (!analysis) return report_error(analysis.error());
  if (options.json)
    print_json(to_json(*analysis));
  else
    print(explanation_text(*analysis));
  return ExitStatus::ok;
}

}  // namespace mend
