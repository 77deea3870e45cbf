#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "base/time_text.h"
#include "main/jobs_file.h"

namespace mend {
namespace {

std::string duration_text(Duration length) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(length).count();
  return ms % 1000 == 0 ? fmt::format("{}s", ms / 1000) : fmt::format("{}ms", ms);
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::uint64_t kMiB = 1024 * 1024;
  return bytes % kMiB == 0 ? fmt::format("{}MiB", bytes / kMiB) : fmt::format("{}", bytes);
}

void emit_resources(YAML::Emitter& out, const char* key, const Resources& limits) {
  out << YAML::Key << key << YAML::Value << YAML::Flow << YAML::BeginMap;
  if (limits.memory_bytes) out << YAML::Key << "memory" << YAML::Value << size_text(*limits.memory_bytes);
  if (limits.cpu_seconds) out << YAML::Key << "cpu_seconds" << YAML::Value << *limits.cpu_seconds;
  if (limits.open_files) out << YAML::Key << "open_files" << YAML::Value << *limits.open_files;
  out << YAML::EndMap;
}

void emit_job(YAML::Emitter& out, const JobSpec& job) {
  const auto text = [&](const char* key, std::string_view value) { out << YAML::Key << key << YAML::Value << std::string(value); };
  out << YAML::Key << job.id.str() << YAML::Value << YAML::BeginMap;
  out << YAML::Key << "command" << YAML::Value << YAML::Flow << job.command;
  text("folder", job.folder);
  if (!job.env.empty()) out << YAML::Key << "env" << YAML::Value << job.env;
  if (!job.schedule.empty()) text("schedule", job.schedule);
  text("time_zone", job.time_zone);
  if (job.timeout.count() > 0) text("timeout", duration_text(job.timeout));
  emit_resources(out, "resources", job.resources);
  emit_resources(out, "max_resources", job.max_resources);
  if (!job.config_files.empty()) out << YAML::Key << "config_files" << YAML::Value << YAML::Flow << job.config_files;
  if (job.credentials) {
    out << YAML::Key << "credentials" << YAML::Value << YAML::BeginMap;
    out << YAML::Key << "refresh" << YAML::Value << YAML::Flow << job.credentials->refresh_command;
    out << YAML::Key << "files" << YAML::Value << YAML::Flow << job.credentials->files;
    text("retry_delay", duration_text(job.credentials->retry_delay));
    out << YAML::EndMap;
  }
  if (!job.targets.empty()) {
    out << YAML::Key << "targets" << YAML::Value << YAML::BeginSeq;
    for (const auto& target : job.targets) {
      out << YAML::BeginMap;
      text("sqlite", target.database);
      text("table", target.table);
      if (!target.source.empty()) text("source", target.source);
      if (!target.quarantine.empty()) text("quarantine", target.quarantine);
      out << YAML::EndMap;
    }
    out << YAML::EndSeq;
  }
  if (!job.checks.empty()) {
    out << YAML::Key << "checks" << YAML::Value << YAML::BeginSeq;
    for (const auto& check : job.checks) {
      out << YAML::BeginMap;
      text("name", check.name);
      text("sqlite", check.database);
      text("sql", check.sql);
      text("expect", check.expect);
      out << YAML::EndMap;
    }
    out << YAML::EndSeq;
  }
  text("mode", to_string(job.mode));
  text("criticality", to_string(job.criticality));
  text("rerun", to_string(job.rerun));
  out << YAML::Key << "max_retries" << YAML::Value << job.max_retries;
  text("retry_delay", duration_text(job.retry_delay));
  text("platform", job.platform);
  if (!job.type.empty()) text("type", job.type);
  text("environment", job.environment);
  text("connector", job.connector);
  if (!job.allowed_strategies.empty()) out << YAML::Key << "strategies" << YAML::Value << YAML::Flow << job.allowed_strategies;
  out << YAML::EndMap;
}

}  // namespace

std::string effective_yaml(const JobsFile& file) {
  YAML::Emitter out;
  out << YAML::BeginMap;
  out << YAML::Key << "version" << YAML::Value << 1;
  out << YAML::Key << "mode" << YAML::Value << std::string(to_string(file.policy.mode));
  out << YAML::Key << "policy" << YAML::Value << YAML::BeginMap;
  out << YAML::Key << "max_remediations_per_job_and_hour" << YAML::Value << file.policy.most_per_job_and_hour;
  out << YAML::Key << "max_strategies_per_incident" << YAML::Value << file.policy.most_strategies_per_incident;
  out << YAML::EndMap;
  if (!file.notify_folder.empty() || !file.notify_webhook.empty()) {
    out << YAML::Key << "notify" << YAML::Value << YAML::BeginMap;
    if (!file.notify_folder.empty()) out << YAML::Key << "folder" << YAML::Value << file.notify_folder;
    if (!file.notify_webhook.empty()) out << YAML::Key << "webhook" << YAML::Value << file.notify_webhook;
    out << YAML::EndMap;
  }
  if (!file.policy.strategy_modes.empty()) {
    out << YAML::Key << "strategies" << YAML::Value << YAML::BeginMap;
    for (const auto& [name, mode] : file.policy.strategy_modes)
      out << YAML::Key << name << YAML::Value << YAML::Flow << YAML::BeginMap << YAML::Key << "mode" << YAML::Value << std::string(to_string(mode))
          << YAML::EndMap;
    out << YAML::EndMap;
  }
  out << YAML::Key << "jobs" << YAML::Value << YAML::BeginMap;
  for (const JobSpec& job : file.jobs) emit_job(out, job);
  out << YAML::EndMap << YAML::EndMap;
  return std::string(out.c_str()) + "\n";
}

std::string_view example_jobs_file() {
  return R"yaml(# mendline.yaml: the jobs that Mendline runs and heals. `mendline check` validates this file and prints it with every default.
version: 1

# How far Mendline may go: observe (decide and record only), assist (every repair needs approval), auto.
# The strictest of this, the strategy's and the job's mode wins. Begin with observe where you are unsure.
mode: auto

policy:
  max_remediations_per_job_and_hour: 6   # then a person is called instead
  max_strategies_per_incident: 3

# Where people hear of what needs them. Escalations are always kept in the home's escalations/ folder too.
# notify:
#   folder: /var/spool/mendline
#   webhook: https://chat.example.org/hooks/on-call

# Strategies can have a mode of their own.
# strategies:
#   update_schema_and_retry: {mode: assist}

jobs:
  hello:
    # The program first, then its arguments; no shell in between. A relative `folder` is relative to this file,
    # every other relative path to `folder`.
    command: [python3, -c, "print('hello from a supervised job')"]
    folder: .
    schedule: "*/15 * * * *"         # cron: minute hour day month weekday; leave it out to run only on request
    time_zone: UTC                   # an IANA name, e.g. Europe/Berlin
    timeout: 10m
    # env: {STAGE: production}

    # What the job may use now, and how far a repair may raise it. Without a maximum nothing is raised.
    # resources: {memory: 256MiB, cpu_seconds: 600, open_files: 1024}
    # max_resources: {memory: 1GiB}

    # Files whose changed settings a repair may set back to their last known good values.
    # config_files: [settings.yaml]

    # How new credentials are fetched; the files it replaces are kept (sealed) for undo.
    # credentials: {refresh: [./refresh-token.sh], files: [token.json], retry_delay: 10s}

    # The table a load fills and the file it reads: a repair may add or widen columns, keeping a backup of the table.
    # targets: [{sqlite: warehouse.db, table: orders, source: incoming/orders.csv}]

    # Asked after each run that exits 0; the run only counts as a success when the answers fit.
    # checks: [{name: rows were loaded, sqlite: warehouse.db, sql: "SELECT count(*) FROM orders", expect: "> 0"}]

    mode: auto                       # observe | assist | auto
    criticality: normal              # low | normal | high: on high, medium risk needs approval
    rerun: safe                      # safe: running it again does no harm; unsafe: it is never run again
    max_retries: 3
    retry_delay: 1s                  # then twice as long each time
)yaml";
}

}  // namespace mend
