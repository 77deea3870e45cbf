#include "main/cli/cli.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <functional>
#include <unistd.h>

#include "main/cli/commands.h"
#include "main/cli/completion.h"
#include "main/output.h"

namespace mend {
namespace {

constexpr const char* kFooter =
    "Exit statuses: 0 done; 1 failed; 2 wrong usage or configuration; 3 done, but some input was refused; 4 refused by a guardrail.\n"
    "`run` ends with the job's own status (128 + signal when one killed it, 124 when it timed out).\n"
    "Variables: MENDLINE_HOME, MENDLINE_DATA, MENDLINE_KEY, MENDLINE_KEY_COMMAND, MENDLINE_USER, NO_COLOR.";

// Every option struct of the commands: they must outlive parsing, since CLI11 writes into them.
struct Options {
  ClassifyOptions classify;
  TrainOptions train;
  ExplainOptions explain;
  EvalOptions eval;
  RunOptions run;
  ServeOptions serve;
  IngestOptions ingest;
  ConfigOptions check, init;
  ListOptions status, jobs, incidents, strategies, cases, audit, audit_verify;
  ShowOptions show, plan;
  IncidentActionOptions approve, reject, rollback, resolve;
  PauseOptions pause, resume;
  BackupOptions backup, restore;
  KnowledgeAddOptions knowledge_add;
  KnowledgeFileOptions knowledge_import, knowledge_export, knowledge_index;
  KnowledgeSearchOptions knowledge_search;
  ShowOptions knowledge_remove;
  LabOptions lab;
  BenchOptions bench;
  std::string shell;
};

class CommandLine {
 public:
  explicit CommandLine(AppContext& app) : app_(app) {
    cli_.add_option("--home", home_, "folder for all state (default: $MENDLINE_HOME, else the XDG state folder)");
    cli_.set_version_flag("--version", "mendline 0.1.0");
    cli_.require_subcommand(1);
    cli_.footer(kFooter);
    cli_.set_help_all_flag("--help-all", "help of every command");
    add_running();
    add_diagnosis();
    add_reading();
    add_knowledge();
    add_acting();
    add_upkeep();
  }

  int run(int argc, char** argv) {
    // `run -- command args` may hold anything: what stands behind "--" is the command's own.
    try {
      cli_.parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
      const int status = cli_.exit(problem);
      return status == 0 ? 0 : int(ExitStatus::usage);
    }
    const char* home_variable = std::getenv("MENDLINE_HOME");
    app_.home_chosen = !home_.empty() || (home_variable && *home_variable);
    app_.home = std::filesystem::absolute(home_.empty() ? default_home() : std::filesystem::path(home_));
    if (const char* points = std::getenv("MENDLINE_FAIL_POINTS"); points && *points) {
      if (auto set = FailPoints::configure(app_.fail_points, points); !set) {
        print_error("mendline: MENDLINE_FAIL_POINTS: " + set.error().message + "\n");
        return int(ExitStatus::usage);
      }
    }
    auto data = find_data();
    if (data) app_.data = *data;
    else if (needs_data_) return int(report_error(data.error()));
    return action_();
  }

 private:
  CLI::App* add(const std::string& name, const std::string& help, CLI::App* under = nullptr) {
    return (under ? under : &cli_)->add_subcommand(name, help);
  }
  template <class Command>
  void does(CLI::App* sub, Command command) {
    sub->callback([this, command = std::move(command)] { action_ = [command] { return int(command()); }; });
  }
  static void json(CLI::App* sub, bool& flag) { sub->add_flag("--json", flag, "one JSON document"); }

  void add_running() {
    auto* sub = add("run", "run any command under supervision and heal it when it fails");
    sub->add_option("--job", o_.run.job, "the job's name (default: the command's)");
    sub->add_option("--config", o_.run.config, "jobs file to take the job from: then every repair it allows is possible");
    sub->add_option("--rerun", o_.run.rerun, "safe: may be run again (default); unsafe: never")->check(CLI::IsMember({"safe", "unsafe"}));
    sub->add_option("--max-retries", o_.run.max_retries, "re-runs at most")->check(CLI::Range(0, 20));
    sub->add_option("--retry-delay", o_.run.retry_delay, "before the first re-run; then twice as long each time");
    sub->add_option("--timeout", o_.run.timeout, "of one run, e.g. 90s, 2h");
    sub->add_flag("--quiet", o_.run.quiet, "say nothing but what the command itself says");
    sub->add_option("command", o_.run.command, "the command and its arguments, behind --");
    sub->positionals_at_end();
    sub->footer("Example: mendline run --job nightly-load -- python3 load.py --day 2026-11-23\n"
                "Without --config it may only run the command again; output, exit status and signals are the command's own.");
    sub->callback([this] {
      needs_data_ = false;  // without it the command still runs, unsupervised
      action_ = [this] { return run_command(app_, o_.run); };
    });

    sub = add("serve", "run the jobs of mendline.yaml on their schedule and heal them");
    sub->add_option("--config", o_.serve.config, "jobs file (default: mendline.yaml)");
    sub->add_option("--run-now", o_.serve.run_now, "jobs to start at once, whatever their schedule");
    sub->footer("SIGHUP reads the jobs file again (a wrong one leaves the old in force); SIGTERM stops.");
    does(sub, [this] { return serve_command(app_, o_.serve); });

    sub = add("ingest", "take in events as NDJSON: journal, group, diagnose");
    sub->add_option("file", o_.ingest.file, "file, or - for standard input")->required();
    json(sub, o_.ingest.json);
    does(sub, [this] { return ingest_command(app_, o_.ingest); });

    sub = add("lab", "the fault lab: real small pipelines that really fail");
    sub->require_subcommand(1);
    auto* run = add("run", "run the scenarios and heal them", sub);
    run->add_option("--only", o_.lab.only, "names of scenarios");
    run->add_option("--folder", o_.lab.folder, "folder of scenarios (default: the ones that ship)");
    run->add_flag("--keep", o_.lab.keep, "keep the working folders");
    json(run, o_.lab.json);
    does(run, [this] { return lab_command(app_, o_.lab); });
    auto* list = add("list", "what scenarios there are", sub);
    json(list, o_.lab.json);
    does(list, [this] {
      o_.lab.list = true;
      return lab_command(app_, o_.lab);
    });
  }

  void add_diagnosis() {
    auto* sub = add("classify", "say what an error text means");
    sub->add_option("text", o_.classify.text, "the error text; - or nothing: standard input");
    sub->add_option("--platform", o_.classify.platform, "where it comes from: spark, postgresql, airflow, ...");
    sub->add_option("--exit-code", o_.classify.exit_code, "the job's exit status, when known");
    sub->add_option("--http-status", o_.classify.http_status, "the HTTP status, when known");
    auto* one = sub->add_flag("--json", o_.classify.json, "one JSON object");
    sub->add_flag("--ndjson", o_.classify.ndjson,
                  "read objects {\"id\",\"message\",\"platform\"?,\"context\"?}, write one answer a line in the same order")
        ->excludes(one);
    does(sub, [this] { return classify_command(app_, o_.classify); });

    sub = add("explain", "say what failed and why, what helped before and what to do, with citations");
    sub->add_option("subject", o_.explain.subject, "an incident's id, or an error text; - or nothing: a text on standard input");
    sub->add_option("--platform", o_.explain.platform, "where a text comes from: spark, postgresql, airflow, ...");
    json(sub, o_.explain.json);
    does(sub, [this] { return explain_command(app_, o_.explain); });

    sub = add("eval", "measure the diagnosis on labelled messages (NDJSON with message, label, alt, platform)");
    sub->add_option("file", o_.eval.file, "labelled messages")->required();
    sub->add_option("--misses", o_.eval.misses, "show so many of the wrong ones, the most confident first (default: 10)")->check(CLI::Range(0, 1'000'000));
    auto* plot = sub->add_option("--plot", o_.eval.plot, "write reliability, risk and coverage and the confusion as one SVG");
    sub->add_option("--fit", o_.eval.fit, "fit the voters' weights and the calibration on these messages and write them to this file instead")
        ->excludes(plot);
    json(sub, o_.eval.json);
    does(sub, [this] { return eval_command(app_, o_.eval); });

    sub = add("train", "build the model file from the catalog");
    sub->add_option("--catalog", o_.train.catalog, "catalog folder");
    sub->add_option("--out", o_.train.out, "model file to write");
    sub->callback([this] {
      needs_data_ = o_.train.catalog.empty() || o_.train.out.empty();
      action_ = [this] { return int(train_command(app_, o_.train)); };
    });

    sub = add("bench", "measure this machine: classify and ingest throughput, cached diagnosis");
    sub->add_option("--seconds", o_.bench.seconds, "of each measurement")->check(CLI::Range(0.1, 600.0));
    json(sub, o_.bench.json);
    does(sub, [this] { return bench_command(app_, o_.bench); });
  }

  void add_list(const char* name, const char* help, ListOptions& options, ExitStatus (*command)(AppContext&, const ListOptions&)) {
    auto* sub = add(name, help);
    json(sub, options.json);
    if (std::string_view(name) != "status" && std::string_view(name) != "strategies")
      sub->add_option("--limit", options.limit, "rows at most")->check(CLI::Range(1, 1'000'000));
    if (std::string_view(name) == "incidents") {
      sub->add_flag("--all", options.all, "healed and resolved ones too");
      sub->add_option("--state", options.state, "only those in this state");
      sub->add_option("--job", options.job, "only those of this job");
    }
    if (std::string_view(name) == "cases") sub->add_flag("--all", options.all, "seed cases too");
    if (std::string_view(name) == "audit") {
      sub->add_option("--incident", options.incident, "only those of this incident");
      auto* verify = add("verify", "check the whole hash chain", sub);
      json(verify, o_.audit_verify.json);
      does(verify, [this] { return audit_verify_command(app_, o_.audit_verify); });
      sub->require_subcommand(0, 1);
    }
    sub->callback([this, command, &options, sub] {
      if (!sub->get_subcommands().empty()) return;
      action_ = [this, command, &options] { return int(command(app_, options)); };
    });
  }

  void add_reading() {
    add_list("status", "the engine's state in short", o_.status, status_command);
    add_list("jobs", "the jobs that were heard of", o_.jobs, jobs_command);
    add_list("incidents", "open incidents", o_.incidents, incidents_command);
    add_list("strategies", "the repair strategies and how they did here", o_.strategies, strategies_command);
    add_list("cases", "what was learned", o_.cases, cases_command);
    add_list("audit", "the audit trail", o_.audit, audit_command);
    auto* sub = add("show", "everything about an incident (or a plan, run, case or event)");
    sub->add_option("id", o_.show.id, "its id, or the beginning of it")->required();
    json(sub, o_.show.json);
    does(sub, [this] { return show_command(app_, o_.show); });
    sub = add("plan", "the plan of an incident, step by step, with its hash");
    sub->add_option("id", o_.plan.id, "incident or plan id")->required();
    json(sub, o_.plan.json);
    does(sub, [this] { return plan_command(app_, o_.plan); });
  }

  void add_knowledge() {
    auto* all = add("knowledge", "what errors meant and how they were fixed: search, add, import, export, remove");
    all->require_subcommand(1);
    auto* sub = add("search", "find cases and runbook passages like a text, by words and by meaning", all);
    sub->add_option("text", o_.knowledge_search.text, "an error text or a question; - for standard input")->required();
    sub->add_option("--limit", o_.knowledge_search.limit, "results at most (default: 10)")->check(CLI::Range(1, 1000));
    sub->add_option("--type", o_.knowledge_search.type, "only what is about this error type");
    sub->add_option("--platform", o_.knowledge_search.platform, "only this platform: spark, postgresql, airflow, ...");
    json(sub, o_.knowledge_search.json);
    does(sub, [this] { return knowledge_search_command(app_, o_.knowledge_search); });

    KnowledgeAddOptions& one = o_.knowledge_add;
    sub = add("add", "add a case: an error and what was done about it", all);
    sub->add_option("--type", one.type, "its error type, e.g. schema_mismatch")->required();
    sub->add_option("--strategy", one.strategy, "the strategy that was used (mendline strategies lists them)")->required();
    sub->add_option("--text", one.text, "the error message; - for standard input")->required();
    sub->add_option("--resolution", one.resolution, "what was done, in a sentence or two")->required();
    sub->add_option("--cause", one.cause, "the second level under the type, e.g. grant_missing");
    sub->add_option("--job", one.job, "the job that failed");
    sub->add_option("--platform", one.platform, "where it ran: spark, postgresql, airflow, ...");
    sub->add_option("--impact", one.impact, "low, medium (default), high or critical");
    sub->add_option("--minutes", one.minutes, "how long it took")->check(CLI::Range(0.0, 1e9));
    sub->add_flag("--failed", one.failed, "it did not help");
    json(sub, one.json);
    sub->footer("Secrets and personal data are taken out of every text before it is stored.");
    does(sub, [this] { return knowledge_add_command(app_, o_.knowledge_add); });

    sub = add("import", "take in cases (NDJSON) or runbooks (Markdown with front matter)", all);
    sub->add_option("source", o_.knowledge_import.file, "a file of cases, a .md file, a folder of .md files, or - for cases on standard input")->required();
    sub->add_flag("--no-vectors", o_.knowledge_import.no_vectors, "leave making the vectors to `knowledge index` or the next searches");
    json(sub, o_.knowledge_import.json);
    sub->footer("Front matter: id, title, error_types, platforms, strategies. What has a known id takes the place of what was there.\n"
                "Ends with 3 when some of it was refused; the rest is imported.");
    does(sub, [this] { return knowledge_import_command(app_, o_.knowledge_import); });

    sub = add("export", "write what was learned, added and imported here as NDJSON that import reads", all);
    sub->add_option("--out", o_.knowledge_export.file, "file to write (default: standard output)");
    json(sub, o_.knowledge_export.json);
    does(sub, [this] { return knowledge_export_command(app_, o_.knowledge_export); });

    sub = add("remove", "forget a case or a runbook that was learned, added or imported here", all);
    sub->add_option("id", o_.knowledge_remove.id, "its id")->required();
    json(sub, o_.knowledge_remove.json);
    does(sub, [this] { return knowledge_remove_command(app_, o_.knowledge_remove); });

    sub = add("index", "make the vectors that are missing, e.g. after an update of the model", all);
    sub->add_option("--out", o_.knowledge_index.file, "write those of what ships to this file instead (the build does)");
    json(sub, o_.knowledge_index.json);
    does(sub, [this] { return knowledge_index_command(app_, o_.knowledge_index); });
  }

  void add_action(const char* name, const char* help, IncidentActionOptions& options,
                  ExitStatus (*command)(AppContext&, const IncidentActionOptions&)) {
    auto* sub = add(name, help);
    sub->add_option("id", options.id, "incident id, or the beginning of it")->required();
    sub->add_option("--reason", options.reason, "kept with the record");
    if (std::string_view(name) == "approve" || std::string_view(name) == "rollback")
      sub->add_option("--config", options.config, "jobs file with the job, where the store does not know its command");
    json(sub, options.json);
    does(sub, [this, command, &options] { return command(app_, options); });
  }

  void add_pause(const char* name, const char* help, PauseOptions& options, ExitStatus (*command)(AppContext&, const PauseOptions&)) {
    auto* sub = add(name, help);
    auto* job = sub->add_option("--job", options.job, "only this job");
    sub->add_option("--strategy", options.strategy, "only this strategy")->excludes(job);
    if (std::string_view(name) == "pause") sub->add_option("--reason", options.reason, "kept with the record");
    json(sub, options.json);
    does(sub, [this, command, &options] { return command(app_, options); });
  }

  void add_acting() {
    add_action("approve", "approve an incident's plan (exactly as `plan` shows it)", o_.approve, approve_command);
    add_action("reject", "reject an incident's plan", o_.reject, reject_command);
    add_action("rollback", "undo a repair that was made", o_.rollback, rollback_command);
    add_action("resolve", "close an incident that a person settled", o_.resolve, resolve_command);
    add_pause("pause", "stop all repairs (kill switch), or those of one job or strategy", o_.pause, pause_command);
    add_pause("resume", "lift a pause", o_.resume, resume_command);
  }

  void add_upkeep() {
    auto* sub = add("check", "validate the jobs file and print it with every default");
    sub->add_option("file", o_.check.file, "jobs file (default: mendline.yaml)");
    json(sub, o_.check.json);
    does(sub, [this] { return check_command(app_, o_.check); });
    sub = add("init", "write a commented jobs file");
    sub->add_option("file", o_.init.file, "where (default: mendline.yaml)");
    sub->add_flag("--force", o_.init.force, "overwrite what is there");
    does(sub, [this] { return init_command(app_, o_.init); });
    sub = add("backup", "an encrypted copy of the store, while everything goes on");
    sub->add_option("file", o_.backup.file, "new file")->required();
    does(sub, [this] { return backup_command(app_, o_.backup); });
    sub = add("restore", "put a backup in the place of the store");
    sub->add_option("file", o_.restore.file, "a file that backup wrote")->required();
    does(sub, [this] { return restore_command(app_, o_.restore); });
    sub = add("completion", "print a completion script for your shell");
    sub->add_option("shell", o_.shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
    sub->callback([this] {
      needs_data_ = false;
      action_ = [this] {
        print(completion_script(tree_of(cli_), o_.shell));
        return 0;
      };
    });
  }

  static CommandTree tree_of(const CLI::App& app) {
    CommandTree tree{app.get_name(), app.get_description(), {}, {}};
    for (const CLI::Option* option : app.get_options())
      if (!option->get_positional()) tree.options.push_back({option->get_name(), option->get_description()});
    for (const CLI::App* sub : app.get_subcommands({})) tree.subcommands.push_back(tree_of(*sub));
    return tree;
  }

  AppContext& app_;
  CLI::App cli_{"Mendline heals failing data-pipeline jobs: it finds out why a job failed, decides whether it may act, repairs the cause\n"
                "reversibly, checks that the job then succeeds, and learns.", "mendline"};
  Options o_;
  std::string home_;
  bool needs_data_ = true;
  std::function<int()> action_;
};

}  // namespace

int run_cli(int argc, char** argv) {
  AppContext app;
  app.log = std::make_unique<StderrLog>(LogLevel::warning);
  app.user = login_name();
  app.err_terminal = ::isatty(STDERR_FILENO) != 0;
  const char* no_color = std::getenv("NO_COLOR");
  app.colours = ::isatty(STDOUT_FILENO) != 0 && !(no_color && *no_color);
  return CommandLine(app).run(argc, argv);
}

}  // namespace mend
