#include <csignal>
#include <ctime>
#include <fmt/format.h>
#include <set>
#include <unistd.h>

#include "base/time_text.h"
#include "base/file.h"
#include "main/cli/commands.h"
#include "main/cli/narrator.h"
#include "main/job_secrets.h"
#include "main/output.h"
#include "main/scheduler.h"
#include "main/session.h"
#include "main/supervise.h"
#include "runtime/daemon.h"
#include "runtime/worker_pool.h"

namespace mend {
namespace {

constexpr std::size_t kWorkers = 4;
constexpr std::size_t kJobsWaiting = 1000;
constexpr Duration kPoll = std::chrono::seconds{1};  // how soon an approval or an ingested failure is taken up

// The signals that serve waits for, blocked in every thread so that only the loop below gets them.
class SignalWait {
 public:
  SignalWait() {
    sigemptyset(&set_);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set_, signal);
    pthread_sigmask(SIG_BLOCK, &set_, &old_);
  }
  ~SignalWait() { pthread_sigmask(SIG_SETMASK, &old_, nullptr); }
  SignalWait(const SignalWait&) = delete;
  SignalWait& operator=(const SignalWait&) = delete;
  // The signal, or 0 when none came within `most`.
  int wait(Duration most) const {
    const timespec limit{most.count() / 1'000'000, most.count() % 1'000'000 * 1000};
    const int signal = sigtimedwait(&set_, nullptr, &limit);
    return signal > 0 ? signal : 0;
  }

 private:
  sigset_t set_{}, old_{};
};

class Daemon {
 public:
  Daemon(AppContext& app, JobsFile jobs, Narrator& narrator) : app_(app), jobs_(std::move(jobs)), narrator_(narrator) {}

  Result<void> run(const ServeOptions& options, const SignalWait& signals) {
    SessionOptions session_options;
    session_options.jobs = &jobs_;
    session_options.observer = &narrator_;
    MEND_TRY(session_, Session::open(app_, session_options));
    MEND_TRY(scheduler_, Scheduler::make(jobs_, app_.clock.now()));
    narrator_.say(fmt::format("serving {} jobs from {} (mode {}), state in {}", jobs_.jobs.size(), jobs_.path.string(),
                              to_string(jobs_.policy.mode), app_.home.string()));
    for (const auto& [job, next] : scheduler_->next_times()) narrator_.say(fmt::format("  next {}  {}", format_rfc3339(next), job));
    MEND_TRY(const auto pool, WorkerPool::start(kWorkers, kJobsWaiting));
    WorkerPool& workers = *pool;
    finish_ended(workers);
    take_up(workers);
    take_over(workers);
    for (const auto& name : options.run_now) start(workers, JobId(name));
    for (;;) {
      const int signal = signals.wait(scheduler_->until_next(app_.clock.now(), kPoll));
      if (signal == SIGHUP) reload(options);
      else if (signal != 0) break;
      for (const JobId& job : scheduler_->take_due(app_.clock.now())) start(workers, job);
      take_up(workers);
      take_over(workers);
    }
    narrator_.say("stopping: running jobs are ended");
    stop_.request_stop();
    workers.stop();
    return {};
  }

 private:
  const JobSpec* find(const JobId& id) const { return jobs_.find(id); }

  void reload(const ServeOptions& options) {
    auto fresh = load_jobs_file(app_, options.config);
    const auto keep_old = [&](const Error& why) {
      narrator_.say(fmt::format("{} was not taken over, the old one stays in force:\n{}", options.config, why.message));
    };
    if (!fresh) return keep_old(fresh.error());
    if (auto named = check_strategy_names(*fresh, session_->registry()); !named) return keep_old(named.error());
    if (auto named = check_job_names(*fresh, *app_.redactor); !named) return keep_old(named.error());
    auto scheduler = Scheduler::make(*fresh, app_.clock.now());
    if (!scheduler) {
      narrator_.say(scheduler.error().message);
      return;
    }
    jobs_ = std::move(*fresh);
    scheduler_ = std::move(*scheduler);
    session_->engine().set_policy(jobs_.policy);
    narrator_.say(fmt::format("{} was read again: {} jobs", options.config, jobs_.jobs.size()));
  }

  // Each piece of work gets a copy of the job, so that a reload does not change it under way. One at a time for a job.
  template <class Work>
  void submit(WorkerPool& workers, const JobId& id, Work work) {
    const JobSpec* job = find(id);
    if (!job) {
      narrator_.say(fmt::format("no job '{}' in the jobs file", id.str()));
      return;
    }
    occupy(workers, id, [spec = *job, work = std::move(work)](CallContext& call) { work(spec, call); });
  }

  // A conflict is no failure: another process took the incident first.
  template <class Done>
  void log_failure(const IncidentId& id, const Result<Done>& done) {
    if (!done && done.error().kind != ErrorKind::conflict) app_.log->error("{}: {}", id.str(), done.error().message);
  }

  template <class Work>
  void occupy(WorkerPool& workers, const JobId& id, Work work) {
    {
      const std::lock_guard lock(mutex_);
      if (!running_.insert(id.str()).second) return;
    }
    const auto taken = workers.submit([this, id, work = std::move(work)](std::stop_token) {
      CallContext call(app_.clock, *app_.log, stop_.get_token(), id.str());
      work(call);
      const std::lock_guard lock(mutex_);
      running_.erase(id.str());
    });
    if (!taken) {
      const std::lock_guard lock(mutex_);
      running_.erase(id.str());
    }
  }

  void start(WorkerPool& workers, const JobId& id) {
    {
      const std::lock_guard lock(mutex_);
      if (running_.contains(id.str())) {
        app_.log->warning("{} is due, but its earlier run has not ended: this time is left out", id.str());
        return;
      }
    }
    submit(workers, id, [this](const JobSpec& job, CallContext& call) {
      narrator_.say(fmt::format("{} starts", job.id.str()));
      auto done = supervise(app_, session_->engine(), session_->connector(), job, call);
      if (!done) app_.log->error("{}: {}", job.id.str(), done.error().message);
      else if (!done->problem.empty()) app_.log->error("{}: {}", job.id.str(), done->problem);
      else narrator_.say(fmt::format("{} {}", job.id.str(), done->last().succeeded ? "succeeded" : "failed"));
    });
  }

  void finish_ended(WorkerPool& workers) {
    const auto taken = workers.submit([this](std::stop_token) {
      CallContext call(app_.clock, *app_.log, stop_.get_token(), "serve");
      if (auto done = session_->engine().finish_ended(call); !done) app_.log->error("{}", done.error().message);
    });
    if (!taken) app_.log->error("people are not told yet of incidents that were left to them: {}", taken.error().message);
  }

  // Approved plans, and failures of our jobs that came in by `ingest`.
  void take_up(WorkerPool& workers) {
    for (const IncidentState state : {IncidentState::planned, IncidentState::diagnosed}) {
      IncidentFilter filter;
      filter.state = state;
      const auto incidents = session_->store().incidents(filter);
      if (!incidents) {
        app_.log->error("{}", incidents.error().message);
        return;
      }
      for (const Incident& incident : *incidents) {
        if (const auto alive = ProcessIdentity::alive(incident.owner); !incident.owner.empty() && (!alive || *alive)) continue;
        if (!find(incident.job)) {
          // Nobody else will decide about a failure of a job that is not ours. An approved plan is left to who approved it,
          // unless that process is gone.
          if (state == IncidentState::planned && incident.owner.empty()) continue;
          occupy(workers, incident.job, [this, id = incident.id, state](CallContext& call) {
            Engine& engine = session_->engine();
            if (state == IncidentState::planned)
              log_failure(id, engine.recover_one(id, nullptr, session_->connector(), call));
            else
              log_failure(id, engine.continue_diagnosed(id, nullptr, nullptr, call));
          });
          continue;
        }
        submit(workers, incident.job, [this, id = incident.id, state](const JobSpec& job, CallContext& call) {
          log_failure(id, state == IncidentState::planned ? session_->engine().execute_approved(id, job, session_->connector(), call)
                                                          : session_->engine().continue_diagnosed(id, &job, &session_->connector(), call));
        });
      }
    }
  }

  // Repairs whose process died beside us, or that an error of ours cut short: while we serve, nobody else ends them.
  void take_over(WorkerPool& workers) {
    const auto unfinished = session_->store().unfinished_incidents();
    if (!unfinished) {
      app_.log->error("{}", unfinished.error().message);
      return;
    }
    for (const Incident& incident : *unfinished) {
      if (!is_active(incident.state)) continue;  // a plan that waits is taken up
      // What is our own is under way as long as its job is occupied.
      if (incident.owner != session_->owner())
        if (const auto alive = ProcessIdentity::alive(incident.owner); !alive || *alive) continue;
      const JobSpec* job = find(incident.job);
      occupy(workers, incident.job, [this, id = incident.id, known = job ? std::optional(*job) : std::nullopt](CallContext& call) {
        log_failure(id, session_->engine().recover_one(id, known ? &*known : nullptr, session_->connector(), call));
      });
    }
  }

  AppContext& app_;
  JobsFile jobs_;             // changed by the main thread only; workers have copies
  Narrator& narrator_;
  std::unique_ptr<Session> session_;
  std::optional<Scheduler> scheduler_;
  std::stop_source stop_;
  std::mutex mutex_;
  std::set<std::string> running_;
};

}  // namespace

ExitStatus serve_command(AppContext& app, const ServeOptions& options) {
  auto jobs = load_jobs_file(app, options.config);
  if (!jobs) {
    if (jobs.error().kind == ErrorKind::not_found)
      print_error(fmt::format("mendline serve: there is no {}; `mendline init` writes one, --config names another\n", options.config));
    else report_error(jobs.error());
    return ExitStatus::usage;
  }
  for (const auto& name : options.run_now)
    if (!jobs->find(JobId(name))) {
      print_error(fmt::format("mendline serve: {} has no job '{}'\n", options.config, name));
      return ExitStatus::usage;
    }
  if (auto made = make_folder(app.home); !made) return report_error(made.error());
  auto lock = FileLock::try_lock(serve_lock_file(app.home));
  if (!lock) {
    if (lock.error().kind == ErrorKind::conflict)
      print_error(fmt::format("mendline serve: another daemon serves {} already; give this one another --home\n", app.home.string()));
    else report_error(lock.error());
    return ExitStatus::failed;
  }
  const SignalWait signals;
  Narrator narrator(STDERR_FILENO, app.err_terminal && app.colours, "");
  Daemon daemon(app, std::move(*jobs), narrator);
  if (auto done = daemon.run(options, signals); !done) return report_error(done.error());
  return ExitStatus::ok;
}

}  // namespace mend
