// One function a command, one file a command: cli/<command>.cpp. The options are what the command line gave, already typed.
#pragma once

#include <optional>
#include <string>
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

}  // namespace mend
