// A connector with one small world behind it: named settings that steps change. It does what the test scripts, and keeps a list of
// every call. The world outlives the connector, as a real target outlives a process.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ports/connector.h"

namespace mend {

// What steps change: "set NAME to VALUE" (parameters name and value).
struct World {
  std::map<std::string, std::string> settings;
  std::map<std::string, int> applied;  // times that apply took effect, by step id
  std::map<std::string, int> undone;
  std::map<std::string, int> runs;  // by run id
  int run_count = 0;
};

struct Script {
  std::vector<bool> run_results{};    // of the first runs in this world; then false
  std::map<int, Error> run_errors{};  // by run number, from 1
  std::map<std::string, Error> refuse_capture{}, refuse_apply{}, refuse_check{}, refuse_undo{};  // by step id
  std::map<std::string, bool> half_apply{};                   // by step id: takes effect, then reports an error
  std::map<std::string, std::string> change_after_capture{};  // by step id: somebody else sets this value in between
  std::function<void(const std::string& call)> before{};      // called first, with the call's name and step
};

class ScriptedConnector final : public Connector {
 public:
  ScriptedConnector(World& world, Script script = {}) : world_(world), script_(std::move(script)) {}

  std::string_view name() const override { return "scripted"; }
  std::vector<Capability> capabilities(const JobSpec&) const override {
    return {Capability::retry, Capability::set_config, Capability::scale};
  }

  Result<std::vector<Step>> plan(const PlanRequest& request, CallContext&) override {
    note("plan " + std::string(to_string(request.capability)));
    if (planned.contains(request.capability)) return planned.at(request.capability);
    return fail(ErrorKind::not_found, "nothing to plan");
  }
  Result<std::string> capture(const JobSpec&, const Step& step, CallContext&) override {
    note("capture " + step.id.str());
    if (const auto refused = script_.refuse_capture.find(step.id.str()); refused != script_.refuse_capture.end())
      return std::unexpected(refused->second);
    const std::string before = value_of(step);
    if (const auto other = script_.change_after_capture.find(step.id.str()); other != script_.change_after_capture.end())
      world_.settings[step.parameters.at("name")] = other->second;
    return before;
  }
  Result<StepCheck> check(const JobSpec&, const Step& step, CallContext&) override {
    note("check " + step.id.str());
    if (const auto refused = script_.refuse_check.find(step.id.str()); refused != script_.refuse_check.end())
      return std::unexpected(refused->second);
    const std::string now = value_of(step);
    if (now == step.pre_image) return StepCheck::not_applied;
    return now == step.parameters.at("value") ? StepCheck::applied : StepCheck::changed;
  }
  Result<std::string> apply(const JobSpec&, const Step& step, CallContext&) override {
    note("apply " + step.id.str());
    if (const auto refused = script_.refuse_apply.find(step.id.str()); refused != script_.refuse_apply.end())
      return std::unexpected(refused->second);
    ++world_.applied[step.id.str()];
    world_.settings[step.parameters.at("name")] = step.parameters.at("value");
    if (script_.half_apply.contains(step.id.str())) return fail(ErrorKind::internal, "it broke half-way");
    return "set " + step.parameters.at("name");
  }
  Result<std::string> undo(const JobSpec&, const Step& step, CallContext& call) override {
    note("undo " + step.id.str());
    MEND_CHECK(call.check());
    if (const auto refused = script_.refuse_undo.find(step.id.str()); refused != script_.refuse_undo.end())
      return std::unexpected(refused->second);
    ++world_.undone[step.id.str()];
    world_.settings[step.parameters.at("name")] = step.pre_image;
    return "put back " + step.parameters.at("name");
  }
  Result<Run> run_job(const JobSpec&, const Run& started, CallContext& call) override {
    note("run");
    MEND_CHECK(call.check());
    ++world_.runs[started.id.str()];
    const int number = ++world_.run_count;
    if (const auto error = script_.run_errors.find(number); error != script_.run_errors.end()) return std::unexpected(error->second);
    Run run = started;
    run.succeeded = std::size_t(number) <= script_.run_results.size() && script_.run_results[std::size_t(number) - 1];
    run.exit_code = run.succeeded ? 0 : 1;
    run.ended_at = started.started_at;
    if (!run.succeeded) run.error_text = "still failing";
    return run;
  }
  Result<void> job_succeeded(const JobSpec&, CallContext&) override {
    note("succeeded");
    return {};
  }

  const std::vector<std::string>& calls() const { return calls_; }
  // Those that change something, in order.
  std::vector<std::string> effects() const {
    std::vector<std::string> out;
    for (const auto& call : calls_)
      if (call.starts_with("apply") || call.starts_with("undo") || call == "run") out.push_back(call);
    return out;
  }
  Script& script() { return script_; }

  std::map<Capability, std::vector<Step>> planned;  // what plan() gives

 private:
  void note(std::string call) {
    if (script_.before) script_.before(call);
    calls_.push_back(std::move(call));
  }
  std::string value_of(const Step& step) const {
    const auto found = world_.settings.find(step.parameters.at("name"));
    return found == world_.settings.end() ? std::string() : found->second;
  }

  World& world_;
  Script script_;
  std::vector<std::string> calls_;
};

}  // namespace mend
