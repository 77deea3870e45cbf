#include <cstdlib>
#include <filesystem>
#include <unistd.h>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "main/cli/commands.h"
#include "main/job_secrets.h"
#include "main/jobs_file.h"
#include "main/output.h"
#include "main/session.h"
#include "model/json.h"
#include "runtime/cron.h"
#include "stores/home.h"

namespace mend {
namespace {

namespace fs = std::filesystem;

bool is_program(const fs::path& path) {
  std::error_code problem;
  return fs::is_regular_file(path, problem) && ::access(path.c_str(), X_OK) == 0;
}

// As the job's start looks for it: a name with a slash from the job's folder, any other in PATH.
bool program_found(const JobSpec& job) {
  const std::string& program = job.command.front();
  if (program.find('/') != std::string::npos) return is_program(fs::path(job.folder) / program);
  const auto own = job.env.find("PATH");
  const char* const inherited = std::getenv("PATH");
  std::string_view rest = own != job.env.end() ? std::string_view(own->second) : inherited ? inherited : "/bin:/usr/bin";
  for (;;) {
    const std::size_t end = rest.find(':');
    const std::string_view folder = rest.substr(0, end);
    if (is_program(fs::path(job.folder) / (folder.empty() ? "." : folder) / program)) return true;
    if (end == std::string_view::npos) return false;
    rest.remove_prefix(end + 1);
  }
}

// What is no fault of the file, but would not work on this machine as it is now.
std::vector<std::string> warnings_of(const JobsFile& file, WallTime now) {
  std::vector<std::string> out;
  for (const JobSpec& job : file.jobs) {
    const auto warn = [&](std::string what) { out.push_back(fmt::format("job {}: {}", job.id.str(), what)); };
    std::error_code problem;
    if (!fs::is_directory(job.folder, problem)) warn(fmt::format("the folder {} is not there", job.folder));
    if (!job.command.empty() && !program_found(job))
      warn(fmt::format("the program '{}' is not found {}", job.command.front(),
                       job.command.front().find('/') == std::string::npos ? "in PATH" : "or cannot be executed"));
    if (job.schedule.empty()) continue;
    if (const auto schedule = CronSchedule::parse(job.schedule); schedule)
      if (const auto next = schedule->next_after(now, job.time_zone); !next)
        warn(fmt::format("its schedule never comes: {}", next.error().message));
  }
  return out;
}

// The file is printed, so what it holds of secrets is not.
JobsFile printable_file(JobsFile file, const Redactor& redactor) {
  for (JobSpec& job : file.jobs) job = without_secrets(job, redactor);
  file.notify_webhook = redactor.redact(file.notify_webhook);
  return file;
}

ExitStatus report_problems(AppContext& app, const Error& error, bool json) {
  // The message may quote what stands in the file.
  const std::string message = app.redactor->redact(error.message);
  if (!json) {
    if (error.kind == ErrorKind::not_found) print_error(fmt::format("mendline check: {}; `mendline init` writes one\n", message));
    else print_error(message + (message.ends_with('\n') ? "" : "\n"));
    return ExitStatus::usage;
  }
  boost::json::array problems;
  for (const auto line : split_lines(message))
    if (!trim(line).empty()) problems.emplace_back(line);
  print_json(boost::json::object{{"ok", false}, {"problems", std::move(problems)}});
  return ExitStatus::usage;
}

}  // namespace

ExitStatus check_command(AppContext& app, const ConfigOptions& options) {
  if (auto loaded = app.load_redactor(); !loaded) return report_error(loaded.error());
  auto file = load_jobs_file(options.file);
  if (!file) return report_problems(app, file.error(), options.json);
  const auto registry = load_registry(app);
  if (!registry) return report_error(registry.error());
  if (auto named = check_strategy_names(*file, *registry); !named) return report_problems(app, named.error(), options.json);
  if (auto named = check_job_names(*file, *app.redactor); !named) return report_problems(app, named.error(), options.json);
  const auto warnings = warnings_of(*file, app.clock.now());
  const JobsFile shown = printable_file(std::move(*file), *app.redactor);
  for (const auto& warning : warnings) print_error(fmt::format("mendline: warning: {}\n", app.redactor->redact(warning)));
  if (!options.json) {
    print(effective_yaml(shown));
    return ExitStatus::ok;
  }
  boost::json::array jobs, said;
  for (const JobSpec& job : shown.jobs) jobs.push_back(to_json(job));
  for (const auto& warning : warnings) said.emplace_back(app.redactor->redact(warning));
  print_json(boost::json::object{{"ok", true}, {"jobs", std::move(jobs)}, {"warnings", std::move(said)}});
  return ExitStatus::ok;
}

ExitStatus init_command(AppContext&, const ConfigOptions& options) {
  const auto there = path_exists(options.file);
  if (!there) return report_error(there.error());
  if (*there && !options.force)
    return report_error({ErrorKind::conflict, fmt::format("{} is there already; --force overwrites it", options.file)});
  if (auto written = write_file_durably(options.file, example_jobs_file(), 0644); !written) return report_error(written.error());
  print(fmt::format("{0} is written: put your jobs in, then `mendline check {0}` and `mendline serve --config {0}`\n", options.file));
  return ExitStatus::ok;
}

}  // namespace mend
