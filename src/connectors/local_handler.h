// Inside the local connector: one handler a capability. See ports/connector.h for what each call means.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connectors/local.h"
#include "ports/connector.h"

namespace mend {

// Stateless but for the settings, so that any thread may call.
class CapabilityHandler {
 public:
  virtual ~CapabilityHandler() = default;
  virtual Capability capability() const = 0;
  // Whether the job is configured for it.
  virtual bool offered(const JobSpec& job) const = 0;
  virtual Result<std::vector<Step>> plan(const PlanRequest& request, CallContext& call) = 0;
  virtual Result<std::string> capture(const JobSpec& job, const Step& step, CallContext& call) = 0;
  virtual Result<StepCheck> check(const JobSpec& job, const Step& step, CallContext& call) = 0;
  virtual Result<std::string> apply(const JobSpec& job, const Step& step, CallContext& call) = 0;
  virtual Result<std::string> undo(const JobSpec& job, const Step& step, CallContext& call) = 0;
};

// The settings outlive the handler.
std::unique_ptr<CapabilityHandler> make_retry_handler();
std::unique_ptr<CapabilityHandler> make_scale_handler(const LocalConnectorSettings& settings);
std::unique_ptr<CapabilityHandler> make_config_handler(const LocalConnectorSettings& settings);
std::unique_ptr<CapabilityHandler> make_credentials_handler(const LocalConnectorSettings& settings);
std::unique_ptr<CapabilityHandler> make_schema_handler(const LocalConnectorSettings& settings);

// local_config.cpp: keeps sealed copies of the job's configuration files as the last known good ones. A file that cannot be
// kept (too large, not a regular file) is named in the log and left out.
Result<void> remember_good_config(const LocalConnectorSettings& settings, const JobSpec& job, CallContext& call);

// local_run.cpp: see Connector::run_job.
Result<Run> run_local_job(const LocalConnectorSettings& settings, const JobSpec& job, const Run& started, CallContext& call);

}  // namespace mend
