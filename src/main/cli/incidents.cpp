#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "main/cli/commands.h"
#include "main/cli/home_access.h"
#include "main/output.h"
#include "model/json.h"

namespace mend {
namespace {

constexpr std::array kStateNames = {
#define STATE(name) std::string_view(#name),
#include "model/incident_states.def"
};

Result<IncidentFilter> filter_of(const ListOptions& options) {
  IncidentFilter filter;
  filter.job = JobId(options.job);
  filter.limit = options.limit + 1;
  filter.open_only = !options.all && options.state.empty();
  if (options.state.empty()) return filter;
  filter.state = parse_incident_state(options.state);
  if (filter.state) return filter;
  const std::string_view near = nearest(options.state, kStateNames);
  return fail(ErrorKind::invalid_input, near.empty()
                                            ? fmt::format("no state '{}'; there are: {}", options.state, fmt::join(kStateNames, ", "))
                                            : fmt::format("no state '{}'; did you mean {}?", options.state, near));
}

struct Row {
  Incident incident;
  std::optional<Diagnosis> diagnosis;
};

Result<std::vector<Row>> rows_of(Store& store, const IncidentFilter& filter, std::size_t limit) {
  MEND_TRY(auto incidents, store.incidents(filter));
  cut_to_limit(incidents, limit, "incidents");
  std::vector<Row> rows;
  for (Incident& incident : incidents) {
    MEND_TRY(auto diagnoses, store.diagnoses(incident.id));
    Row row{std::move(incident), std::nullopt};
    if (!diagnoses.empty()) row.diagnosis = std::move(diagnoses.back());
    rows.push_back(std::move(row));
  }
  return rows;
}

// What an error ends with says most.
std::string last_line(std::string_view text) {
  const auto lines = split_lines(text);
  for (auto line = lines.rbegin(); line != lines.rend(); ++line)
    if (!trim(*line).empty()) return one_line(trim(*line), 80);
  return "-";
}

void print_rows(const std::vector<Row>& rows, WallTime now, bool colours) {
  Table table({"ID", "JOB", "STATE", "TYPE", "CONF", "SEEN", "AGE", "ERROR"});
  for (const auto& [incident, diagnosis] : rows)
    table.add({incident.id.str(), incident.job.str(), std::string(to_string(incident.state)),
               diagnosis ? std::string(to_string(diagnosis->type)) : "-", diagnosis ? fmt::format("{:.2f}", diagnosis->confidence) : "-",
               fmt::format("{}", incident.occurrences), age_text(incident.opened_at, now), last_line(incident.error_text)});
  print(table.text(colours));
}

}  // namespace

ExitStatus incidents_command(AppContext& app, const ListOptions& options) {
  const auto filter = filter_of(options);
  if (!filter) return report_error(filter.error());
  const auto store = open_existing_store(app);
  if (!store) return report_error(store.error());
  if (!*store) return nothing_here(app, options.json);
  const auto rows = rows_of(**store, *filter, options.limit);
  if (!rows) return report_error(rows.error());
  if (options.json) {
    boost::json::array out;
    for (const auto& [incident, diagnosis] : *rows) {
      boost::json::object one = to_json(incident);
      one["error_type"] = diagnosis ? boost::json::value(to_string(diagnosis->type)) : boost::json::value(nullptr);
      one["confidence"] = diagnosis ? boost::json::value(diagnosis->confidence) : boost::json::value(nullptr);
      out.push_back(std::move(one));
    }
    print_json(out);
  } else if (rows->empty()) {
    print(filter->open_only ? "no open incidents (--all shows closed ones too)\n" : "no incidents\n");
  } else {
    print_rows(*rows, app.clock.now(), app.colours);
  }
  return ExitStatus::ok;
}

}  // namespace mend
