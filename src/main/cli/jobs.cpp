#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/time_text.h"
#include "main/cli/commands.h"
#include "main/cli/home_access.h"
#include "main/output.h"
#include "model/json.h"

namespace mend {
namespace {

boost::json::object json_of(const JobSummary& job, const Controls& controls) {
  boost::json::object out{{"id", job.id.str()}, {"platform", job.platform}};
  out["last_status"] = job.last_status ? boost::json::value(to_string(*job.last_status)) : boost::json::value(nullptr);
  out["last_event_at"] =
      job.last_event_at == WallTime{} ? boost::json::value(nullptr) : boost::json::value(format_rfc3339(job.last_event_at));
  out["failures"] = job.failures;
  out["open_incidents"] = job.open_incidents;
  out["paused"] = controls.find("job", job.id.str()) != nullptr;
  out["spec"] = job.spec ? boost::json::value(to_json(*job.spec)) : boost::json::value(nullptr);
  return out;
}

std::string last_text(const JobSummary& job, bool colours) {
  if (!job.last_status) return "-";
  switch (*job.last_status) {
    case EventStatus::succeeded: return paint("succeeded", Colour::green, colours);
    case EventStatus::failed: return paint("failed", Colour::red, colours);
    case EventStatus::started: case EventStatus::cancelled: break;
  }
  return std::string(to_string(*job.last_status));
}

}  // namespace

ExitStatus jobs_command(AppContext& app, const ListOptions& options) {
  const auto store = open_existing_store(app);
  if (!store) return report_error(store.error());
  if (!*store) return nothing_here(app, options.json);
  auto jobs = (*store)->jobs(options.limit + 1);
  if (!jobs) return report_error(jobs.error());
  const auto controls = (*store)->controls();
  if (!controls) return report_error(controls.error());
  cut_to_limit(*jobs, options.limit, "jobs");
  if (options.json) {
    boost::json::array out;
    for (const JobSummary& job : *jobs) out.push_back(json_of(job, *controls));
    print_json(out);
    return ExitStatus::ok;
  }
  if (jobs->empty()) {
    print("no job was heard of yet\n");
    return ExitStatus::ok;
  }
  Table table({"JOB", "PLATFORM", "FAILURES", "OPEN", "AGE", "SUPERVISED", "LAST"});
  const WallTime now = app.clock.now();
  for (const JobSummary& job : *jobs) {
    const std::string paused = controls->find("job", job.id.str()) ? "paused" : "";
    table.add({job.id.str(), job.platform.empty() ? "-" : job.platform, fmt::format("{}", job.failures),
               fmt::format("{}", job.open_incidents), age_text(job.last_event_at, now),
               !paused.empty() ? paused
               : job.spec      ? "yes"
                               : "no",
               last_text(job, app.colours)});
  }
  print(table.text(app.colours));
  return ExitStatus::ok;
}

}  // namespace mend
