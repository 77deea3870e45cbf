#include <boost/json.hpp>
#include <fmt/format.h>

#include "main/cli/commands.h"
#include "main/cli/find_subject.h"
#include "main/cli/home_access.h"
#include "main/cli/incident_record.h"
#include "main/output.h"
#include "model/json.h"

namespace mend {
namespace {

struct Planned {
  Incident incident;
  std::optional<Plan> plan;
};

Result<Planned> find_planned(AppContext& app, const std::string& id) {
  MEND_TRY(const auto store, open_existing_store(app));
  if (!store) return std::unexpected(no_home_error(app));
  MEND_TRY(auto subject, find_subject(app, *store, id));
  if (!subject.incident) return fail(ErrorKind::not_found, fmt::format("'{}' belongs to no incident", id));
  Planned out{std::move(*subject.incident), std::move(subject.plan)};
  if (!out.plan && !out.incident.plan.empty()) {
    MEND_TRY(out.plan, store->plan(out.incident.plan));
  }
  return out;
}

}  // namespace

ExitStatus plan_command(AppContext& app, const ShowOptions& options) {
  const auto found = find_planned(app, options.id);
  if (!found) return report_error(found.error());
  const Incident& incident = found->incident;
  if (!found->plan) {
    if (options.json) print_json(boost::json::object{{"plan", nullptr}, {"incident", to_json(incident)}});
    print_error(
        fmt::format("mendline: incident {} has no plan; it is {}: {}\n", incident.id.str(), to_string(incident.state), incident.reason));
    return ExitStatus::failed;
  }
  if (options.json) {
    print_json(to_json(*found->plan));
    return ExitStatus::ok;
  }
  print(plan_text(*found->plan, app.colours));
  print(fmt::format("for incident {} of {}, which is {}: {}\n", incident.id.str(), incident.job.str(), to_string(incident.state),
                    incident.reason));
  if (plan_hash(*found->plan) != found->plan->hash)
    print(paint("the stored steps do not give this hash: the plan was changed after it was made and will not be carried out\n", Colour::red,
                app.colours));
  return ExitStatus::ok;
}

}  // namespace mend
