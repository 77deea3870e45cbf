#include "connectors/local.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "connectors/local_handler.h"
#include "connectors/local_state.h"

namespace mend {
namespace {

class LocalConnector final : public Connector {
 public:
  explicit LocalConnector(LocalConnectorSettings settings)
      : settings_(std::move(settings)),
        handlers_{make_scale_handler(settings_), make_config_handler(settings_), make_credentials_handler(settings_),
                  make_schema_handler(settings_), make_retry_handler()} {}

  std::string_view name() const override { return "local"; }

  std::vector<Capability> capabilities(const JobSpec& job) const override {
    std::vector<Capability> offered;
    for (const auto& handler : handlers_)
      if (offers(*handler, job)) offered.push_back(handler->capability());
    return offered;
  }

  Result<std::vector<Step>> plan(const PlanRequest& request, CallContext& call) override {
    MEND_CHECK(call.check());
    for (const auto& handler : handlers_)
      if (handler->capability() == request.capability && offers(*handler, request.job)) return handler->plan(request, call);
    return fail(ErrorKind::invalid_input,
                fmt::format("job {} is not configured for {} on the local connector", request.job.id.str(), to_string(request.capability)));
  }

  Result<std::string> capture(const JobSpec& job, const Step& step, CallContext& call) override {
    MEND_TRY(CapabilityHandler * handler, find(step));
    MEND_CHECK(call.check());
    return handler->capture(job, step, call);
  }
  Result<StepCheck> check(const JobSpec& job, const Step& step, CallContext& call) override {
    MEND_TRY(CapabilityHandler * handler, find(step));
    return handler->check(job, step, call);
  }
  Result<std::string> apply(const JobSpec& job, const Step& step, CallContext& call) override {
    MEND_TRY(CapabilityHandler * handler, find(step));
    MEND_CHECK(call.check());
    // The job may have been configured anew between plan and apply: what it forbids now is not done.
    if (!offers(*handler, job))
      return fail(ErrorKind::conflict, fmt::format("job {} is no longer configured for {}", job.id.str(), to_string(step.capability)));
    return handler->apply(job, step, call);
  }
  Result<std::string> undo(const JobSpec& job, const Step& step, CallContext& call) override {
    MEND_TRY(CapabilityHandler * handler, find(step));
    return handler->undo(job, step, call);
  }

  Result<Run> run_job(const JobSpec& job, const Run& started, CallContext& call) override {
    return run_local_job(settings_, job, started, call);
  }
  Result<void> job_succeeded(const JobSpec& job, CallContext& call) override {
    if (job.retry_only || settings_.sealer == nullptr) return {};
    MEND_CHECK(remember_good_config(settings_, job, call));
    return JobState(settings_, job).forget_old_copies();
  }

 private:
  static bool offers(const CapabilityHandler& handler, const JobSpec& job) {
    if (job.retry_only && handler.capability() != Capability::retry) return false;
    return handler.offered(job);
  }
  Result<CapabilityHandler*> find(const Step& step) const {
    for (const auto& handler : handlers_)
      if (handler->capability() == step.capability) return handler.get();
    return fail(ErrorKind::invalid_input, fmt::format("the local connector has no {}", to_string(step.capability)));
  }

  LocalConnectorSettings settings_;
  std::array<std::unique_ptr<CapabilityHandler>, 5> handlers_;
};

}  // namespace

std::unique_ptr<Connector> make_local_connector(LocalConnectorSettings settings) {
  // Without redaction no text of a job may leave.
  if (!settings.redact) settings.redact = [](std::string_view) { return std::string("[not shown: nothing to redact it with]"); };
  return std::make_unique<LocalConnector>(std::move(settings));
}

}  // namespace mend
