#include "main/supervise.h"

#include <csignal>

namespace mend {

Result<Supervised> supervise(AppContext& app, Engine& engine, Connector& connector, const JobSpec& job, CallContext& call) {
  Supervised out;
  Run started;
  started.id = RunId(make_id("run", app.clock.now(), app.random));
  started.job = job.id;
  started.started_at = app.clock.now();
  MEND_CHECK(engine.record_started(job, started));
  auto ended = connector.run_job(job, started, call);
  if (ended) {
    out.first = std::move(*ended);
  } else {
    // It could not be started at all; the statuses are the shell's.
    out.first = started;
    out.first.ended_at = app.clock.now();
    out.first.error_text = ended.error().message;
    out.first.exit_code = ended.error().kind == ErrorKind::not_found ? 127 : 126;
  }
  const Run& run = out.first;
  if (run.succeeded) {
    if (auto recorded = engine.record_success(job, run, connector, call); !recorded)
      out.problem = "the job succeeded, but that could not be recorded: " + recorded.error().message;
    return out;
  }
  // A person, or whoever ended us, ended it: that is no failure to heal.
  if (call.stop().stop_requested() || run.signal == SIGINT || run.signal == SIGTERM || run.signal == SIGHUP || run.signal == SIGQUIT) {
    if (!run.timed_out) {
      if (auto recorded = engine.record_cancelled(job, run); !recorded) out.problem = recorded.error().message;
      return out;
    }
  }
  auto healed = engine.heal(job, run, connector, call);
  if (healed) out.healing = std::move(*healed);
  else out.problem = healed.error().message;
  return out;
}

}  // namespace mend
