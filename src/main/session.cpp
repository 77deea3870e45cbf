#include "main/session.h"

#include "base/file.h"
#include "main/id_redactor.h"
#include "main/job_secrets.h"
#include "model/json.h"
#include "notifiers/notifiers.h"
#include "runtime/daemon.h"
#include "stores/home_key.h"
#include "stores/sqlite_store.h"

namespace mend {
namespace {

Result<SecretKey> home_key(const AppContext& app) {
  MEND_CHECK(make_folder(app.home));
  return load_home_key(app.home, key_source_from_environment());
}

Result<std::unique_ptr<Store>> open_with(const AppContext& app, const SecretKey& key) {
  SqliteStoreOptions options;
  options.home = app.home;
  options.home_key = key;
  options.fail_points = &app.fail_points;
  return open_sqlite_store(options);
}

}  // namespace

Result<std::unique_ptr<Store>> Session::open_store(AppContext& app) {
  MEND_TRY(const SecretKey key, home_key(app));
  return open_with(app, key);
}

Result<StrategyRegistry> load_registry(const AppContext& app) {
  MEND_TRY(const std::string text, read_file(app.data / "catalog/strategies.yaml"));
  return StrategyRegistry::parse(text, "strategies.yaml");
}

Result<std::unique_ptr<Session>> Session::open(AppContext& app, const SessionOptions& options) {
  MEND_CHECK(app.load_redactor());
  std::unique_ptr<Session> session(new Session);
  MEND_TRY(const SecretKey key, home_key(app));
  MEND_TRY(session->store_, open_with(app, key));
  session->sealer_ = std::make_unique<Sealer>(derive_key(key, "sealed-files"));
  MEND_TRY(session->registry_, load_registry(app));
  if (options.jobs) {
    MEND_CHECK(check_strategy_names(*options.jobs, session->registry_));
    MEND_CHECK(check_job_names(*options.jobs, *app.redactor));
  }
  session->diagnosis_ = make_diagnosis_engine(app, session->store_.get());
  for (const auto& missing : session->diagnosis_.diagnoser->model().degraded) app.log->warning("{}", missing);
  MEND_CHECK(add_home_knowledge(session->diagnosis_, *session->store_, *app.log));

  std::vector<std::string> folders{(app.home / "escalations").string()};
  if (options.jobs && !options.jobs->notify_folder.empty()) folders.push_back(options.jobs->notify_folder);
  for (const auto& folder : folders) {
    MEND_TRY(auto file, make_notifier("file", {{"folder", folder}}, session->http_));
    session->notifiers_.push_back(std::move(file));
  }
  if (options.jobs && !options.jobs->notify_webhook.empty()) {
    MEND_TRY(auto webhook, make_notifier("webhook", {{"url", options.jobs->notify_webhook}}, session->http_));
    session->notifiers_.push_back(std::move(webhook));
  }

  ConnectorSettings settings;
  settings.local.state_folder = app.home / "jobs";
  settings.local.redact = [&app](std::string_view text) { return app.redactor->redact(text); };
  settings.local.sealer = session->sealer_.get();
  settings.local.pass_through_output = options.pass_through_output;
  settings.local.forward_signals = options.forward_signals;
  MEND_TRY(session->connector_, make_connector("local", settings));
  MEND_TRY(session->owner_, ProcessIdentity::self());

  std::vector<Notifier*> notifiers;
  for (const auto& notifier : session->notifiers_) notifiers.push_back(notifier.get());
  session->engine_ = std::make_unique<Engine>(Engine::Parts{app, *session->store_, session->diagnosis_, session->registry_, notifiers,
                                                            options.observer, IdRedactor(*app.redactor, derive_key(key, "names")), session->owner_,
                                                            options.jobs ? options.jobs->policy : Policy{}});
  return session;
}

std::filesystem::path serve_lock_file(const std::filesystem::path& home) { return home / "serve.lock"; }

bool daemon_runs(const std::filesystem::path& home) {
  std::error_code problem;
  if (!std::filesystem::exists(serve_lock_file(home), problem)) return false;
  const auto lock = FileLock::try_lock(serve_lock_file(home), FileLock::Mode::shared);
  return !lock && lock.error().kind == ErrorKind::conflict;
}

}  // namespace mend
