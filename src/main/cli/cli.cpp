#include "main/cli/cli.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <functional>
#include <unistd.h>

#include "main/cli/commands.h"
#include "main/output.h"

namespace mend {

int run_cli(int argc, char** argv) {
  AppContext app;
  app.log = std::make_unique<StderrLog>(LogLevel::warning);
  app.user = login_name();
  app.err_terminal = ::isatty(STDERR_FILENO) != 0;
  const char* no_color = std::getenv("NO_COLOR");
  app.colours = ::isatty(STDOUT_FILENO) != 0 && !(no_color && *no_color);

  CLI::App cli{"Mendline heals failing data-pipeline jobs: it finds out why a job failed, decides whether it may act, repairs the cause\n"
               "reversibly, checks that the job then succeeds, and learns.", "mendline"};
  std::function<ExitStatus()> action;
  std::string home;
  cli.add_option("--home", home, "folder for all state (default: $MENDLINE_HOME, else the XDG state folder)");
  cli.require_subcommand(1);

  ClassifyOptions classify;
  {
    auto* sub = cli.add_subcommand("classify", "say what an error text means");
    sub->add_option("text", classify.text, "the error text; - or nothing: standard input");
    sub->add_option("--platform", classify.platform, "where it comes from: spark, postgresql, airflow, ...");
    sub->add_option("--exit-code", classify.exit_code, "the job's exit status, when known");
    sub->add_option("--http-status", classify.http_status, "the HTTP status, when known");
    auto* json = sub->add_flag("--json", classify.json, "one JSON object");
    sub->add_flag("--ndjson", classify.ndjson, "read objects {\"id\",\"message\",\"platform\"?,\"context\"?}, write one answer a line in the same order")
        ->excludes(json);
    sub->callback([&] { action = [&] { return classify_command(app, classify); }; });
  }
  TrainOptions train;
  {
    auto* sub = cli.add_subcommand("train", "build the model file from the catalog");
    sub->add_option("--catalog", train.catalog, "catalog folder");
    sub->add_option("--out", train.out, "model file to write");
    sub->callback([&] { action = [&] { return train_command(app, train); }; });
  }

  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    const int status = cli.exit(problem);
    return status == 0 ? 0 : int(ExitStatus::usage);
  }
  app.home = home.empty() ? default_home() : std::filesystem::path(home);
  if (const char* points = std::getenv("MENDLINE_FAIL_POINTS"); points && *points) {
    if (auto set = FailPoints::configure(app.fail_points, points); !set) {
      print_error("mendline: MENDLINE_FAIL_POINTS: " + set.error().message + "\n");
      return int(ExitStatus::usage);
    }
  }
  auto data = find_data();
  if (!data && train.out.empty()) {
    print_error("mendline: " + data.error().message + "\n");
    return int(ExitStatus::failed);
  }
  if (data) app.data = *data;
  return int(action());
}

}  // namespace mend
