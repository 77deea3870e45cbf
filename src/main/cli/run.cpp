#include <csignal>
#include <fmt/format.h>
#include <unistd.h>

#include "base/time_text.h"
#include "main/cli/commands.h"
#include "main/cli/narrator.h"
#include "main/job_secrets.h"
#include "main/output.h"
#include "main/session.h"
#include "main/supervise.h"

namespace mend {
namespace {

Result<JobSpec> wrapped_job(const RunOptions& options) {
  JobSpec job;
  job.command = options.command;
  std::string name = options.job;
  if (name.empty() && !options.command.empty()) name = std::filesystem::path(options.command.front()).filename().string();
  job.id = JobId(name);
  std::error_code problem;
  job.folder = std::filesystem::current_path(problem).string();
  if (options.rerun == "unsafe") job.rerun = Rerun::unsafe;
  job.max_retries = options.max_retries;
  MEND_TRY(job.retry_delay, parse_duration(options.retry_delay));
  if (!options.timeout.empty()) {
    MEND_TRY(job.timeout, parse_duration(options.timeout));
  }
  job.retry_only = true;
  return job;
}

int status_of(const Run& run) {
  if (run.timed_out) return 124;  // as coreutils' timeout has it
  if (run.signal) return 128 + *run.signal;
  const int status = run.exit_code.value_or(1);
  return status == 0 && !run.succeeded ? 1 : status;  // exited 0, but a data check failed
}

// The state folder cannot be used: the job matters more than its record, so it runs once, as if Mendline were not there.
int run_unsupervised(const std::vector<std::string>& command, const std::string& folder) {
  if (!folder.empty() && ::chdir(folder.c_str()) != 0) return 126;
  std::vector<char*> words;
  words.reserve(command.size() + 1);
  std::vector<std::string> copies = command;
  for (auto& word : copies) words.push_back(word.data());
  words.push_back(nullptr);
  ::execvp(words.front(), words.data());
  print_error(fmt::format("mendline: {}: {}\n", command.front(), fail_errno("cannot be started", errno).error().message));
  return errno == ENOENT ? 127 : 126;
}

}  // namespace

int run_command(AppContext& app, const RunOptions& options) {
  std::optional<JobsFile> jobs;
  JobSpec job;
  if (!options.config.empty()) {
    auto loaded = load_jobs_file(app, options.config);
    if (!loaded) {
      report_error(loaded.error());
      return int(ExitStatus::usage);
    }
    jobs = std::move(*loaded);
    const JobSpec* found = jobs->find(JobId(options.job));
    if (!found) {
      print_error(fmt::format("mendline run: {} has no job '{}'\n", options.config, options.job));
      return int(ExitStatus::usage);
    }
    job = *found;
    if (!options.command.empty()) job.command = options.command;
  } else {
    if (options.command.empty()) {
      print_error("mendline run: give the command after --, e.g. mendline run --job nightly-load -- python3 load.py\n");
      return int(ExitStatus::usage);
    }
    auto wrapped = wrapped_job(options);
    if (!wrapped) return int(report_error(wrapped.error()));
    job = std::move(*wrapped);
  }

  Narrator narrator(STDERR_FILENO, app.err_terminal && app.colours, "mendline: ", options.quiet);
  SessionOptions session_options;
  session_options.jobs = jobs ? &*jobs : nullptr;
  session_options.observer = &narrator;
  session_options.pass_through_output = true;
  session_options.forward_signals = true;
  auto session = Session::open(app, session_options);
  if (!session && session.error().kind == ErrorKind::invalid_input) return int(report_error(session.error()));
  if (session)
    if (auto named = check_job_name(job.id, *app.redactor); !named) return int(report_error(named.error()));
  if (!session) {
    print_error(fmt::format("mendline: {}\nmendline: the job runs once without supervision: nothing is recorded and nothing is repaired\n",
                            session.error().message));
    return run_unsupervised(job.command, job.folder);
  }
  CallContext call(app.clock, *app.log, std::stop_token{}, job.id.str());
  Engine& engine = (*session)->engine();
  Connector& connector = (*session)->connector();
  const auto find_job = [&](const JobId& id) { return jobs ? jobs->find(id) : nullptr; };
  // A running daemon looks after what was left behind; without one whoever comes next does.
  if (!daemon_runs(app.home))
    if (auto recovered = engine.recover(find_job, connector, call); !recovered)
      app.log->warning("earlier remediations could not be looked after: {}", recovered.error().message);

  auto done = supervise(app, engine, connector, job, call);
  if (!done) {
    print_error(fmt::format("mendline: {}\n", done.error().message));
    return int(ExitStatus::failed);
  }
  if (!done->problem.empty()) print_error(fmt::format("mendline: {}\n", done->problem));
  return status_of(done->last());
}

}  // namespace mend
