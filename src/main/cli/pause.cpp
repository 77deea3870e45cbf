#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "base/time_text.h"
#include "main/cli/commands.h"
#include "main/cli/home_access.h"
#include "main/output.h"
#include "main/session.h"
#include "model/json.h"

namespace mend {
namespace {

struct Scope {
  std::string scope;
  std::string name;
  std::string text() const { return scope == "global" ? "everything" : fmt::format("{} {}", scope, name); }
};

Result<Scope> scope_of(const AppContext& app, const PauseOptions& options) {
  if (!options.job.empty() && !options.strategy.empty())
    return fail(ErrorKind::invalid_input, "give --job or --strategy, not both; without either it holds for everything");
  if (!options.job.empty()) return Scope{"job", options.job};
  if (options.strategy.empty()) return Scope{"global", ""};
  MEND_TRY(const StrategyRegistry registry, load_registry(app));
  if (registry.find(options.strategy)) return Scope{"strategy", options.strategy};
  std::vector<std::string_view> names;
  for (const Strategy& strategy : registry.all()) names.push_back(strategy.name);
  const std::string_view near = nearest(options.strategy, names);
  return fail(ErrorKind::invalid_input, near.empty()
                                            ? fmt::format("no strategy '{}'; there are: {}", options.strategy, fmt::join(names, ", "))
                                            : fmt::format("no strategy '{}'; did you mean {}?", options.strategy, near));
}

AuditRecord audit_of(const AppContext& app, WallTime now, std::string action, const Scope& scope, std::string detail) {
  AuditRecord record;
  record.timestamp = now;
  record.actor = "user:" + app.user;
  record.action = std::move(action);
  if (scope.scope == "job") record.job_id = JobId(scope.name);
  if (scope.scope == "strategy") record.strategy = scope.name;
  record.detail = std::move(detail);
  return record;
}

struct Paused {
  Pause pause;
  bool changed = false;
};

// A pause that is there already stays as it is, so that who set it and why is not lost.
Result<Paused> put_pause(AppContext& app, Store& store, const Scope& scope, const std::string& reason) {
  Paused out;
  const WallTime now = app.clock.now();
  MEND_CHECK(store.write([&](StoreTransaction& tx) -> Result<void> {
    MEND_TRY(const Controls controls, tx.controls());
    if (const Pause* there = controls.find(scope.scope, scope.name)) {
      out = {*there, false};
      return {};
    }
    out = {{scope.scope, scope.name, app.user, reason, now}, true};
    MEND_CHECK(tx.put_pause(out.pause));
    MEND_CHECK(
        tx.append_audit(audit_of(app, now, "pause.set", scope, fmt::format("{}{}", scope.text(), reason.empty() ? "" : ": " + reason))));
    return {};
  }));
  return out;
}

Result<bool> remove_pause(AppContext& app, Store& store, const Scope& scope, const std::string& reason) {
  bool removed = false;
  const WallTime now = app.clock.now();
  MEND_CHECK(store.write([&](StoreTransaction& tx) -> Result<void> {
    MEND_TRY(removed, tx.remove_pause(scope.scope, scope.name));
    if (!removed) return {};
    MEND_CHECK(tx.append_audit(
        audit_of(app, now, "pause.removed", scope, fmt::format("{}{}", scope.text(), reason.empty() ? "" : ": " + reason))));
    return {};
  }));
  return removed;
}

std::string meaning_of(const Scope& scope) {
  if (scope.scope == "global")
    return "failures are still recorded and diagnosed, but nothing is repaired; a repair under way stops at its next step and is undone";
  if (scope.scope == "job")
    return "its failures are still recorded and diagnosed, but it is not repaired; a repair under way stops at its next step and is undone";
  return "it is not chosen for any job; a repair by it that is under way stops at its next step and is undone";
}

void warn_of_unknown_job(Store& store, const Scope& scope) {
  if (scope.scope != "job") return;
  if (const auto job = store.job(JobId(scope.name)); job && !*job)
    print_error(fmt::format("mendline: no job '{}' was heard of yet; the pause holds from its first event on\n", scope.name));
}

}  // namespace

ExitStatus pause_command(AppContext& app, const PauseOptions& options) {
  const auto scope = scope_of(app, options);
  if (!scope) return report_error(scope.error());
  const auto reason = redacted_text(app, options.reason);
  if (!reason) return report_error(reason.error());
  const auto store = Session::open_store(app);
  if (!store) return report_error(store.error());
  const auto paused = put_pause(app, **store, *scope, *reason);
  if (!paused) return report_error(paused.error());
  warn_of_unknown_job(**store, *scope);
  if (options.json) {
    boost::json::object out = to_json(paused->pause);
    out["changed"] = paused->changed;
    print_json(out);
    return ExitStatus::ok;
  }
  if (paused->changed) print(fmt::format("{} is paused: {}. `mendline resume` ends it.\n", scope->text(), meaning_of(*scope)));
  else print(fmt::format("{} is paused already, since {} by {}{}\n", scope->text(), format_rfc3339(paused->pause.since), paused->pause.by,
                         paused->pause.reason.empty() ? "" : ": " + paused->pause.reason));
  return ExitStatus::ok;
}

ExitStatus resume_command(AppContext& app, const PauseOptions& options) {
  const auto scope = scope_of(app, options);
  if (!scope) return report_error(scope.error());
  const auto reason = redacted_text(app, options.reason);
  if (!reason) return report_error(reason.error());
  const auto store = open_existing_store(app);
  if (!store) return report_error(store.error());
  bool removed = false;
  std::size_t left = 0;
  if (*store) {
    const auto done = remove_pause(app, **store, *scope, *reason);
    if (!done) return report_error(done.error());
    removed = *done;
    const auto controls = (*store)->controls();
    if (!controls) return report_error(controls.error());
    left = controls->pauses.size();
  }
  if (options.json) {
    print_json(boost::json::object{{"scope", scope->scope}, {"name", scope->name}, {"changed", removed}, {"pauses_left", left}});
    return ExitStatus::ok;
  }
  print(removed ? fmt::format("{} is resumed; what was escalated meanwhile stays so (mendline incidents)\n", scope->text())
                : fmt::format("{} was not paused\n", scope->text()));
  if (left > 0) print(fmt::format("{} other {} still there (mendline status)\n", left, left == 1 ? "pause is" : "pauses are"));
  return ExitStatus::ok;
}

}  // namespace mend
