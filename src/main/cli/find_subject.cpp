#include "main/cli/find_subject.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "diagnose/diagnoser.h"
#include "diagnose/prepare.h"
#include "main/cli/home_access.h"

namespace mend {
namespace {

constexpr std::size_t kMostSearched = 20'000;  // newest incidents, cases and runs that are looked through one by one

// A failure opened or joined the incident of its job that has its fingerprint; of several the newest that was open by then.
Result<std::optional<Incident>> incident_of(StoreReader& store, const Event& event) {
  if (event.status != EventStatus::failed) return std::nullopt;
  IncidentFilter filter;
  filter.job = event.job;
  filter.limit = kMostSearched;
  MEND_TRY(const auto incidents, store.incidents(filter));
  for (const Incident& incident : incidents)
    if (incident.first_event == event.id || incident.last_event == event.id) return incident;
  const PreparedText text = prepare_text(event.error_message);
  for (const Incident& incident : incidents) {
    if (incident.opened_at > event.received) continue;
    MEND_TRY(const auto diagnoses, store.diagnoses(incident.id));
    if (!diagnoses.empty() && fingerprint_of(text, diagnoses.front().type, diagnoses.front().cause) == incident.fingerprint)
      return incident;
  }
  return std::nullopt;
}

Result<std::optional<Run>> find_run(StoreReader& store, const std::string& id) {
  MEND_TRY(const auto jobs, store.jobs(kMostSearched));
  for (const JobSummary& job : jobs) {
    if (!job.spec) continue;  // never ran here
    MEND_TRY(auto runs, store.runs(job.id, kMostSearched));
    for (Run& run : runs)
      if (run.id.str() == id) return std::move(run);
  }
  return std::nullopt;
}

Result<bool> find_event(StoreReader& store, const std::string& id, Subject& out) {
  MEND_TRY(out.event, store.event(EventId(id)));
  if (!out.event) return false;
  MEND_TRY(out.incident, incident_of(store, *out.event));
  return true;
}

Result<bool> find_case(const AppContext& app, StoreReader& store, const std::string& id, Subject& out) {
  MEND_TRY(const auto learned, store.cases(kMostSearched));
  if (const auto found = std::ranges::find(learned, CaseId(id), &Case::id); found != learned.end()) {
    out.past = *found;
    // A learned case is named after the plan it tells of.
    if (id.starts_with("case-")) {
      MEND_TRY(const auto plan, store.plan(PlanId(id.substr(5))));
      if (plan) {
        MEND_TRY(out.incident, store.incident(plan->incident));
      }
    }
    return true;
  }
  const auto seed = seed_cases(app);
  if (!seed) return false;  // without a model file there are none
  const auto found = std::ranges::find(*seed, CaseId(id), &Case::id);
  if (found == seed->end()) return false;
  out.past = *found;
  return true;
}

Result<bool> find_by_run(StoreReader& store, const std::string& id, const std::vector<Incident>& newest, Subject& out) {
  MEND_TRY(out.run, find_run(store, id));
  if (out.run && !out.run->incident.empty()) {
    MEND_TRY(out.incident, store.incident(out.run->incident));
    return true;
  }
  const auto found = std::ranges::find(newest, RunId(id), &Incident::last_run);
  if (found != newest.end()) {
    out.incident = *found;
    return true;
  }
  // The event of a run under Mendline has the run's id in its own.
  MEND_TRY(const auto failed, store.event(EventId(fmt::format("{}.{}", id, to_string(EventStatus::failed)))));
  if (failed) {
    MEND_TRY(out.incident, incident_of(store, *failed));
  }
  return out.run || out.incident;
}

Result<bool> find_by_prefix(const std::string& id, const std::vector<Incident>& newest, Subject& out) {
  std::vector<std::string_view> matches;
  for (const Incident& incident : newest) {
    if (!incident.id.str().starts_with(id)) continue;
    if (matches.empty()) out.incident = incident;
    matches.push_back(incident.id.str());
  }
  if (matches.size() < 2) return !matches.empty();
  const std::size_t count = matches.size();
  matches.resize(std::min<std::size_t>(count, 5));
  return fail(ErrorKind::invalid_input, fmt::format("{} incidents begin with '{}', give more of the id: {}{}", count, id,
                                                    fmt::join(matches, ", "), count > matches.size() ? ", ..." : ""));
}

}  // namespace

Result<Subject> find_subject(const AppContext& app, StoreReader& store, const std::string& id) {
  Subject out;
  if (id.empty()) return fail(ErrorKind::invalid_input, "an id is missing; `mendline incidents` lists them");
  MEND_TRY(out.incident, store.incident(IncidentId(id)));
  if (out.incident) return out;
  MEND_TRY(out.plan, store.plan(PlanId(id)));
  if (out.plan) {
    MEND_TRY(out.incident, store.incident(out.plan->incident));
    return out;
  }
  MEND_TRY(const bool event, find_event(store, id, out));
  if (event) return out;
  MEND_TRY(const bool past, find_case(app, store, id, out));
  if (past) return out;
  IncidentFilter filter;
  filter.limit = kMostSearched;
  MEND_TRY(const auto newest, store.incidents(filter));
  MEND_TRY(const bool begins, find_by_prefix(id, newest, out));
  if (begins) return out;
  MEND_TRY(const bool run, find_by_run(store, id, newest, out));
  if (run) return out;
  MEND_TRY(const auto job, store.job(JobId(id)));
  if (job) return fail(ErrorKind::not_found, fmt::format("'{0}' is a job; `mendline incidents --job {0}` lists its incidents", id));
  return fail(ErrorKind::not_found,
              fmt::format("there is no incident, plan, case, run or event '{}'; `mendline incidents --all` lists incidents", id));
}

Result<Incident> find_incident(const AppContext& app, StoreReader& store, const std::string& id) {
  MEND_TRY(auto subject, find_subject(app, store, id));
  if (!subject.incident) return fail(ErrorKind::not_found, fmt::format("'{}' belongs to no incident", id));
  return std::move(*subject.incident);
}

}  // namespace mend
