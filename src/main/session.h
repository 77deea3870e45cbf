// An opened home: store, diagnosis, strategies, notifiers, engine. Made by the commands that need them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/sealed.h"
#include "connectors/connectors.h"
#include "main/app_context.h"
#include "main/diagnosis_engine.h"
#include "main/engine.h"
#include "main/jobs_file.h"
#include "ports/store.h"
#include "remediate/registry.h"
#include "runtime/http_client.h"

namespace mend {

struct SessionOptions {
  const JobsFile* jobs = nullptr;        // its policy and notify settings; may be null
  EngineObserver* observer = nullptr;
  bool pass_through_output = false;      // of the jobs that this process runs
  bool forward_signals = false;
};

// Owns everything; `app` and what the options point to must outlive it.
class Session {
 public:
  // Only the store, for commands that read or switch something.
  static Result<std::unique_ptr<Store>> open_store(AppContext& app);
  static Result<std::unique_ptr<Session>> open(AppContext& app, const SessionOptions& options);

  Store& store() { return *store_; }
  Engine& engine() { return *engine_; }
  Connector& connector() { return *connector_; }
  const StrategyRegistry& registry() const { return registry_; }
  DiagnosisEngine& diagnosis() { return diagnosis_; }
  const std::string& owner() const { return owner_; }

 private:
  Session() = default;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Sealer> sealer_;
  DiagnosisEngine diagnosis_;
  StrategyRegistry registry_;
  HttpClient http_;
  std::vector<std::unique_ptr<Notifier>> notifiers_;
  std::unique_ptr<Connector> connector_;
  std::string owner_;
  std::unique_ptr<Engine> engine_;
};

// Held by `serve`: tells other processes that a daemon looks after this home.
std::filesystem::path serve_lock_file(const std::filesystem::path& home);
bool daemon_runs(const std::filesystem::path& home);

Result<StrategyRegistry> load_registry(const AppContext& app);

}  // namespace mend
