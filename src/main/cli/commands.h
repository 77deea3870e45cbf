// One function a command, one file a command: cli/<command>.cpp. The options are what the command line gave, already typed.
// Each prints its own errors, naming what was wrong and what to do.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "main/app_context.h"

namespace mend {

struct ClassifyOptions {
  std::string text;       // "-" or empty: standard input
  std::string platform;
  std::optional<int> exit_code;
  std::optional<int> http_status;
  bool json = false;
  bool ndjson = false;
};
ExitStatus classify_command(AppContext& app, const ClassifyOptions& options);

struct TrainOptions {
  std::string catalog;    // folder
  std::string out;        // model file
};
ExitStatus train_command(AppContext& app, const TrainOptions& options);

struct EvalOptions {
  std::string file;
  bool json = false;
  std::size_t misses = 10;  // of the wrong ones to show
  std::string plot;       // SVG file to write
  std::string fit;        // calibration file to write instead of measuring
};
ExitStatus eval_command(AppContext& app, const EvalOptions& options);

struct RunOptions {
  std::string job;
  std::string config;             // jobs file to take the job from
  std::vector<std::string> command;
  std::string rerun = "safe";
  int max_retries = 3;
  std::string retry_delay = "1s";
  std::string timeout;
  bool quiet = false;
};
// Returns the job's own exit status, 128 + signal when it was killed by one.
int run_command(AppContext& app, const RunOptions& options);

struct ServeOptions {
  std::string config = "mendline.yaml";
  std::vector<std::string> run_now;   // jobs to run at once, whatever their schedule
};
ExitStatus serve_command(AppContext& app, const ServeOptions& options);

struct IngestOptions {
  std::string file;
  bool json = false;
};
ExitStatus ingest_command(AppContext& app, const IngestOptions& options);

struct ConfigOptions {
  std::string file = "mendline.yaml";
  bool json = false;
  bool force = false;
};
ExitStatus check_command(AppContext& app, const ConfigOptions& options);
ExitStatus init_command(AppContext& app, const ConfigOptions& options);

struct ListOptions {
  bool json = false;
  bool all = false;
  std::string state;
  std::string job;
  std::string incident;
  std::size_t limit = 50;
};
ExitStatus status_command(AppContext& app, const ListOptions& options);
ExitStatus jobs_command(AppContext& app, const ListOptions& options);
ExitStatus incidents_command(AppContext& app, const ListOptions& options);
ExitStatus strategies_command(AppContext& app, const ListOptions& options);
ExitStatus cases_command(AppContext& app, const ListOptions& options);
ExitStatus audit_command(AppContext& app, const ListOptions& options);
ExitStatus audit_verify_command(AppContext& app, const ListOptions& options);

struct ShowOptions {
  std::string id;
  bool json = false;
};
ExitStatus show_command(AppContext& app, const ShowOptions& options);
ExitStatus plan_command(AppContext& app, const ShowOptions& options);

struct ExplainOptions {
  std::string subject;    // an incident's id or an error text; "-" or empty: a text on standard input
  std::string platform;   // of a text
  bool json = false;
};
ExitStatus explain_command(AppContext& app, const ExplainOptions& options);

struct IncidentActionOptions {
  std::string id;
  std::string reason;
  std::string config;     // jobs file with the job's command, when the store does not know it
  bool json = false;
};
ExitStatus approve_command(AppContext& app, const IncidentActionOptions& options);
ExitStatus reject_command(AppContext& app, const IncidentActionOptions& options);
ExitStatus rollback_command(AppContext& app, const IncidentActionOptions& options);
ExitStatus resolve_command(AppContext& app, const IncidentActionOptions& options);

struct PauseOptions {
  std::string job;
  std::string strategy;
  std::string reason;
  bool json = false;
};
ExitStatus pause_command(AppContext& app, const PauseOptions& options);
ExitStatus resume_command(AppContext& app, const PauseOptions& options);

struct BackupOptions {
  std::string file;
};
ExitStatus backup_command(AppContext& app, const BackupOptions& options);
ExitStatus restore_command(AppContext& app, const BackupOptions& options);

struct KnowledgeAddOptions {
  std::string type;
  std::string strategy;
  std::string text;       // "-": standard input
  std::string resolution;
  std::string cause;
  std::string job;
  std::string platform;
  std::string impact = "medium";
  double minutes = 0;
  bool failed = false;    // the resolution did not help
  bool json = false;
};
ExitStatus knowledge_add_command(AppContext& app, const KnowledgeAddOptions& options);

struct KnowledgeFileOptions {
  std::string file;       // import: file, folder or "-"; export and index: file to write
  bool no_vectors = false;
  bool json = false;
};
ExitStatus knowledge_import_command(AppContext& app, const KnowledgeFileOptions& options);
ExitStatus knowledge_export_command(AppContext& app, const KnowledgeFileOptions& options);
ExitStatus knowledge_index_command(AppContext& app, const KnowledgeFileOptions& options);

struct KnowledgeSearchOptions {
  std::string text;
  std::string type;
  std::string platform;
  std::size_t limit = 10;
  bool json = false;
};
ExitStatus knowledge_search_command(AppContext& app, const KnowledgeSearchOptions& options);
ExitStatus knowledge_remove_command(AppContext& app, const ShowOptions& options);

struct LabOptions {
  std::vector<std::string> only;
  bool json = false;
  bool list = false;
  std::string folder;     // scenarios; default: share/mendline/lab
  bool keep = false;      // keep the working folders
};
ExitStatus lab_command(AppContext& app, const LabOptions& options);

struct BenchOptions {
  bool json = false;
  double seconds = 3;     // of each measurement
};
ExitStatus bench_command(AppContext& app, const BenchOptions& options);

// Prints "mendline: " and the message on standard error; the status that fits the kind of error.
ExitStatus report_error(const Error& error);

}  // namespace mend
