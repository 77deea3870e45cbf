#include "main/jobs_file.h"

#include <algorithm>
#include <set>

#include <date/tz.h>
#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "connectors/connectors.h"
#include "main/yaml_reader.h"
#include "model/error_type.h"
#include "runtime/cron.h"

namespace mend {
namespace {

namespace fs = std::filesystem;

bool valid_job_name(std::string_view name) {
  return !name.empty() && name.size() <= 200 && name != "." && name != ".." && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '/';
  }) && name.front() != '/' && name.find("..") == std::string_view::npos;
}

std::string absolute(const fs::path& folder, const std::string& path) {
  if (path.empty()) return path;
  return (fs::path(path).is_absolute() ? fs::path(path) : folder / path).lexically_normal().string();
}

Resources read_resources(const YamlMap& job, std::string_view key, const std::string& where, YamlProblems& problems) {
  Resources out;
  if (!job.has(key)) return out;
  const YamlMap map(job.node(key), fmt::format("{}.{}", where, key), {"memory", "cpu_seconds", "open_files"}, problems);
  out.memory_bytes = map.size("memory");
  if (const auto seconds = map.integer("cpu_seconds", 1, 1'000'000)) out.cpu_seconds = std::uint64_t(*seconds);
  if (const auto files = map.integer("open_files", 3, 10'000'000)) out.open_files = std::uint64_t(*files);
  return out;
}

template <class Enum, class Parse>
void read_named(const YamlMap& map, std::string_view key, Enum& out, Parse parse, std::string_view allowed) {
  const auto text = map.text(key);
  if (!text) return;
  if (const auto parsed = parse(*text)) out = *parsed;
  else map.problem(key, fmt::format("is {}, not '{}'", allowed, *text));
}

void read_targets(const YamlMap& map, const std::string& where, const fs::path& folder, JobSpec& job, YamlProblems& problems) {
  if (!map.has("targets")) return;
  if (!map.node("targets").IsSequence()) return map.problem("targets", "must be a list");
  for (const auto& node : map.node("targets")) {
    const YamlMap item(node, where + ".targets", {"sqlite", "table", "source", "quarantine"}, problems);
    DataTarget target;
    target.kind = "sqlite";
    target.database = absolute(folder, item.text("sqlite").value_or(""));
    target.table = item.text("table").value_or("");
    target.source = absolute(folder, item.text("source").value_or(""));
    target.quarantine = absolute(folder, item.text("quarantine").value_or(""));
    if (target.database.empty() || target.table.empty()) problems.add(node.Mark(), where + ".targets: a target needs sqlite (a file) and table");
    job.targets.push_back(std::move(target));
  }
}

void read_checks(const YamlMap& map, const std::string& where, const fs::path& folder, JobSpec& job, YamlProblems& problems) {
  if (!map.has("checks")) return;
  if (!map.node("checks").IsSequence()) return map.problem("checks", "must be a list");
  for (const auto& node : map.node("checks")) {
    const YamlMap item(node, where + ".checks", {"name", "sqlite", "sql", "expect"}, problems);
    DataCheck check;
    check.name = item.text("name").value_or("");
    check.database = absolute(folder, item.text("sqlite").value_or(""));
    check.sql = item.text("sql").value_or("");
    check.expect = item.text("expect").value_or("");
    if (check.name.empty() || check.database.empty() || check.sql.empty() || check.expect.empty())
      problems.add(node.Mark(), where + ".checks: a check needs name, sqlite, sql and expect");
    job.checks.push_back(std::move(check));
  }
}

JobSpec read_job(const std::string& name, const YAML::Node& node, const fs::path& folder, YamlProblems& problems) {
  const std::string where = "jobs." + name;
  const YamlMap map(node, where,
                    {"command", "folder", "env", "schedule", "time_zone", "timeout", "resources", "max_resources", "config_files", "credentials",
                     "targets", "checks", "mode", "criticality", "rerun", "max_retries", "retry_delay", "platform", "type", "environment",
                     "connector", "strategies"},
                    problems);
  JobSpec job;
  job.id = JobId(name);
  if (!map.valid()) return job;
  job.command = map.texts("command");
  if (job.command.empty() && !(map.has("command") && !map.node("command").IsSequence()))
    map.problem("command", "is missing: a list, the program first");
  job.folder = absolute(folder, map.text("folder").value_or("."));
  if (map.has("env")) {
    if (!map.node("env").IsMap()) map.problem("env", "must be a mapping of texts");
    else
      for (const auto& entry : map.node("env")) {
        if (!entry.second.IsScalar()) map.problem("env", "must be a mapping of texts");
        else job.env[entry.first.Scalar()] = entry.second.Scalar();
      }
  }
  job.schedule = map.text("schedule").value_or("");
  job.time_zone = map.text("time_zone").value_or("UTC");
  if (!job.schedule.empty())
    if (auto schedule = CronSchedule::parse(job.schedule); !schedule) map.problem("schedule", schedule.error().message);
  try {
    (void)date::locate_zone(job.time_zone);
  } catch (const std::exception&) {
    map.problem("time_zone", fmt::format("no time zone '{}'; write it like Europe/Berlin", job.time_zone));
  }
  job.timeout = map.duration("timeout").value_or(Duration{0});
  job.resources = read_resources(map, "resources", where, problems);
  job.max_resources = read_resources(map, "max_resources", where, problems);
  for (const auto& file : map.texts("config_files")) job.config_files.push_back(absolute(job.folder, file));
  if (map.has("credentials")) {
    const YamlMap inner(map.node("credentials"), where + ".credentials", {"refresh", "files", "retry_delay"}, problems);
    Credentials credentials;
    credentials.refresh_command = inner.texts("refresh");
    if (inner.valid() && credentials.refresh_command.empty()) inner.problem("refresh", "is missing: the command that fetches new credentials, as a list");
    for (const auto& file : inner.texts("files")) credentials.files.push_back(absolute(job.folder, file));
    credentials.retry_delay = inner.duration("retry_delay").value_or(credentials.retry_delay);
    job.credentials = std::move(credentials);
  }
  read_targets(map, where, job.folder, job, problems);
  read_checks(map, where, job.folder, job, problems);
  read_named(map, "mode", job.mode, parse_mode, "observe, assist or auto");
  read_named(map, "criticality", job.criticality, [](std::string_view text) -> std::optional<Criticality> {
    for (const auto known : {Criticality::low, Criticality::normal, Criticality::high})
      if (to_string(known) == text) return known;
    return std::nullopt;
  }, "low, normal or high");
  read_named(map, "rerun", job.rerun, [](std::string_view text) -> std::optional<Rerun> {
    if (text == "safe") return Rerun::safe;
    if (text == "unsafe") return Rerun::unsafe;
    return std::nullopt;
  }, "safe or unsafe");
  job.max_retries = int(map.integer("max_retries", 0, 20).value_or(3));
  job.retry_delay = map.duration("retry_delay").value_or(job.retry_delay);
  job.platform = map.text("platform").value_or("local");
  job.type = map.text("type").value_or("");
  job.environment = map.text("environment").value_or("default");
  job.connector = map.text("connector").value_or("local");
  if (const auto names = connector_names(); std::ranges::find(names, job.connector) == names.end())
    map.problem("connector", fmt::format("no connector '{}'; there are: {}", job.connector, fmt::join(names, ", ")));
  job.allowed_strategies = map.texts("strategies");
  return job;
}

void read_policy(const YamlMap& root, JobsFile& out, YamlProblems& problems) {
  read_named(root, "mode", out.policy.mode, parse_mode, "observe, assist or auto");
  if (root.has("policy")) {
    const YamlMap map(root.node("policy"), "policy", {"max_remediations_per_job_and_hour", "max_strategies_per_incident"}, problems);
    out.policy.most_per_job_and_hour = int(map.integer("max_remediations_per_job_and_hour", 0, 1000).value_or(out.policy.most_per_job_and_hour));
    out.policy.most_strategies_per_incident = int(map.integer("max_strategies_per_incident", 0, 10).value_or(out.policy.most_strategies_per_incident));
  }
  if (root.has("strategies")) {
    if (!root.node("strategies").IsMap()) return root.problem("strategies", "must be a mapping from strategy to settings");
    for (const auto& entry : root.node("strategies")) {
      const std::string name = entry.first.Scalar();
      const YamlMap map(entry.second, "strategies." + name, {"mode"}, problems);
      Mode mode = Mode::automatic;
      read_named(map, "mode", mode, parse_mode, "observe, assist or auto");
      out.policy.strategy_modes[name] = mode;
    }
  }
  if (root.has("notify")) {
    const YamlMap map(root.node("notify"), "notify", {"folder", "webhook"}, problems);
    out.notify_folder = absolute(out.path.parent_path(), map.text("folder").value_or(""));
    out.notify_webhook = map.text("webhook").value_or("");
    if (!out.notify_webhook.empty() && !out.notify_webhook.starts_with("http://") && !out.notify_webhook.starts_with("https://"))
      map.problem("webhook", "must be an http or https address");
  }
}

}  // namespace

const JobSpec* JobsFile::find(const JobId& id) const {
  for (const JobSpec& job : jobs)
    if (job.id == id) return &job;
  return nullptr;
}

Result<JobsFile> parse_jobs_file(std::string_view yaml, const fs::path& path) {
  MEND_TRY(const YAML::Node root, load_yaml(yaml, path.string()));
  JobsFile out;
  out.path = fs::absolute(path).lexically_normal();
  YamlProblems problems(path.string());
  const YamlMap map(root, "the jobs file", {"version", "mode", "policy", "notify", "strategies", "jobs"}, problems);
  if (map.valid()) {
    map.integer("version", 1, 1);
    read_policy(map, out, problems);
    if (!map.has("jobs")) map.problem("jobs", "is missing: a mapping from job name to job");
    else if (!map.node("jobs").IsMap()) map.problem("jobs", "must be a mapping from job name to job");
    else
      for (const auto& entry : map.node("jobs")) {
        const std::string name = entry.first.Scalar();
        if (!valid_job_name(name))
          problems.add(entry.first.Mark(), fmt::format("'{}' is no job name: letters, digits, '-', '_', '.' and '/' between", name));
        out.jobs.push_back(read_job(name, entry.second, out.path.parent_path(), problems));
      }
  }
  if (problems.any()) return fail(ErrorKind::invalid_input, problems.text());
  return out;
}

Result<JobsFile> load_jobs_file(const fs::path& path) {
  MEND_TRY(const std::string text, read_file(path));
  return parse_jobs_file(text, path);
}

Result<void> check_strategy_names(const JobsFile& file, const StrategyRegistry& registry) {
  std::vector<std::string_view> known;
  for (const Strategy& strategy : registry.all()) known.push_back(strategy.name);
  std::vector<std::string> problems;
  const auto check = [&](std::string_view where, const std::string& name) {
    if (registry.find(name)) return;
    const auto near = nearest(name, known);
    problems.push_back(fmt::format("{}: {}: no strategy '{}'{}", file.path.string(), where, name,
                                   near.empty() ? fmt::format("; known are {}", fmt::join(known, ", ")) : fmt::format("; did you mean '{}'?", near)));
  };
  for (const auto& [name, mode] : file.policy.strategy_modes) check("strategies", name);
  for (const JobSpec& job : file.jobs)
    for (const auto& name : job.allowed_strategies) check("jobs." + job.id.str() + ".strategies", name);
  if (problems.empty()) return {};
  return fail(ErrorKind::invalid_input, fmt::format("{}", fmt::join(problems, "\n")));
}

}  // namespace mend
