#include <boost/json.hpp>
#include <fmt/format.h>

#include "main/cli/commands.h"
#include "main/cli/input.h"
#include "main/event_pipeline.h"
#include "main/output.h"
#include "main/session.h"
#include "model/json.h"

namespace mend {
namespace {

void print_totals(const PipelineTotals& totals, const Redactor& redactor, bool json) {
  if (json) {
    boost::json::array rejected;
    for (const auto& one : totals.first_rejected)
      rejected.push_back({{"line", one.line}, {"field", one.problem.field}, {"reason", redactor.redact(one.problem.reason)}});
    print_json(boost::json::object{{"accepted", totals.accepted}, {"duplicates", totals.duplicates}, {"rejected", std::move(rejected)},
                                   {"rejected_count", totals.rejected}, {"new_incidents", totals.new_incidents.size()}});
    return;
  }
  for (const auto& one : totals.first_rejected)
    print_error(fmt::format("mendline: line {}: {}{}\n", one.line, one.problem.field.empty() ? "" : one.problem.field + ": ",
                            redactor.redact(one.problem.reason)));
  print(fmt::format("{} events accepted, {} duplicates, {} rejected, {} new incidents\n", totals.accepted, totals.duplicates, totals.rejected,
                    totals.new_incidents.size()));
}

// A running daemon decides: its jobs file says what may be done, also for a job that has not run yet. Without one Mendline only hears of
// the job, and says so.
Result<void> decide_all(AppContext& app, Session& session, const std::vector<IncidentId>& incidents) {
  if (daemon_runs(app.home)) return {};
  CallContext call(app.clock, *app.log, std::stop_token{}, "ingest");
  for (const IncidentId& id : incidents) {
    MEND_TRY(const auto incident, session.store().incident(id));
    if (!incident || incident->state != IncidentState::diagnosed) continue;
    auto done = session.engine().continue_diagnosed(id, nullptr, nullptr, call);
    if (!done && done.error().kind != ErrorKind::conflict) return std::unexpected(done.error());
  }
  return {};
}

}  // namespace

ExitStatus ingest_command(AppContext& app, const IngestOptions& options) {
  auto reader = LineReader::open(options.file);
  if (!reader) return report_error(reader.error());
  auto session = Session::open(app, {});
  if (!session) return report_error(session.error());
  CallContext call(app.clock, *app.log, std::stop_token{}, "ingest");
  if (!daemon_runs(app.home))
    if (auto recovered = (*session)->engine().recover([](const JobId&) { return nullptr; }, (*session)->connector(), call); !recovered)
      app.log->warning("earlier remediations could not be looked after: {}", recovered.error().message);
  EventPipeline pipeline((*session)->engine().intake());
  const auto next_line = [&]() -> Result<std::optional<EventPipeline::Line>> {
    MEND_TRY(const auto line, (*reader)->next());
    if (!line) return std::nullopt;
    return EventPipeline::Line{line->text, line->too_long};
  };
  SteadyTime shown = app.clock.steady();
  const auto progress = [&](std::uint64_t lines, std::uint64_t durable, std::uint64_t rejected) {
    if (app.clock.steady() - shown < std::chrono::milliseconds{200}) return;
    shown = app.clock.steady();
    print_error(fmt::format("\r\x1b[K{} lines read, {} events durable, {} rejected", lines, durable, rejected));
  };
  auto totals = pipeline.run(next_line, app.err_terminal ? EventPipeline::Progress(progress) : EventPipeline::Progress());
  if (app.err_terminal) print_error("\r\x1b[K");
  if (!totals) {
    print_error("mendline: what was reported as durable before this error is kept; send the input again, nothing is doubled\n");
    return report_error(totals.error());
  }
  if (auto decided = decide_all(app, **session, totals->new_incidents); !decided) return report_error(decided.error());
  print_totals(*totals, *app.redactor, options.json);
  return totals->rejected > 0 ? ExitStatus::some_bad : ExitStatus::ok;
}

}  // namespace mend
