// A planned remediation in a memory store, with a scripted connector.
#pragma once

#include <algorithm>

#include <gtest/gtest.h>

#include "fakes/memory_store.h"
#include "fakes/scripted_connector.h"
#include "remediate/reconciler.h"
#include "support/quiet_log.h"

namespace mend {

inline Step change_step(const std::string& plan, int ordinal, const std::string& name, const std::string& value) {
  Step step;
  step.id = StepId(plan + "." + std::to_string(ordinal));
  step.plan = PlanId(plan);
  step.ordinal = ordinal;
  step.capability = Capability::set_config;
  step.parameters = {{"name", name}, {"value", value}};
  step.text = "set " + name;
  step.undo_text = "put " + name + " back";
  return step;
}

inline Step retry_step(const std::string& plan, int ordinal, long delay_ms = 0) {
  Step step;
  step.id = StepId(plan + "." + std::to_string(ordinal));
  step.plan = PlanId(plan);
  step.ordinal = ordinal;
  step.capability = Capability::retry;
  step.parameters = {{"delay_ms", std::to_string(delay_ms)}};
  step.text = "run again";
  return step;
}

// `changes` settings a, b, c, ... from "old" to "new", then runs after the given delays.
inline Plan plan_with(int changes, const std::vector<long>& delays_ms) {
  Plan plan;
  plan.id = PlanId("p1");
  plan.incident = IncidentId("i1");
  plan.job = JobId("nightly");
  plan.strategy = "update_configuration_and_retry";
  plan.connector = "scripted";
  for (int i = 0; i < changes; ++i) plan.steps.push_back(change_step("p1", i, std::string(1, char('a' + i)), "new"));
  for (const long delay : delays_ms) plan.steps.push_back(retry_step("p1", int(plan.steps.size()), delay));
  plan.hash = plan_hash(plan);
  return plan;
}

// One process: its own connector, clock and reconciler over a store and a world that may have been there before.
class Process {
 public:
  Process(Store& store, World& world, Script script, std::string owner, const FailPoints* fail_points = nullptr)
      : store_(store), connector_(world, std::move(script)), owner_(std::move(owner)), points_(fail_points ? fail_points : &off_) {
    job_.id = JobId("nightly");
    job_.command = {"true"};
  }

  // From what the store says, as after a start.
  Result<RemediationOutcome> reconcile() {
    const auto state = stored();
    return reconciler().reconcile(state, job_, connector_, call_);
  }
  Result<RemediationOutcome> roll_back() { return reconciler().roll_back(stored(), job_, connector_, call_, "ann asked for it"); }

  RemediationState stored() {
    RemediationState state;
    state.incident = store_.incident(IncidentId("i1")).value().value();
    state.plan = store_.plan(PlanId("p1")).value();
    return state;
  }
  Reconciler reconciler(RemediationObserver* observer = nullptr) {
    return Reconciler(store_, clock_, random_, *points_, {owner_, observer, "configuration_error", 0.9, true, 2});
  }

  Store& store_;
  ScriptedConnector connector_;
  std::string owner_;
  const FailPoints off_;
  const FailPoints* points_;
  JobSpec job_;
  ManualClock clock_;
  SeededRandom random_{hash64(owner_)};  // no two processes make the same ids
  KeptLog log_;
  std::stop_source stop_;
  CallContext call_{clock_, log_, stop_.get_token(), "job/nightly"};
};

inline void put_planned(Store& store, const Plan& plan, IncidentState state = IncidentState::planned) {
  Incident incident;
  incident.id = IncidentId("i1");
  incident.job = JobId("nightly");
  incident.fingerprint = Fingerprint("f");
  incident.plan = plan.id;
  incident.state = state;
  const auto done = store.write([&](StoreTransaction& tx) -> Result<void> {
    MEND_CHECK(tx.put_incident(incident));
    return tx.put_plan(plan);
  });
  ASSERT_TRUE(done);
}

class Remediation : public ::testing::Test {
 protected:
  void begin(int changes, const std::vector<long>& delays_ms, Script script) {
    put_planned(store_, plan_with(changes, delays_ms));
    for (int i = 0; i < changes; ++i) world_.settings[std::string(1, char('a' + i))] = "old";
    process_.emplace(store_, world_, std::move(script), "process-1");
  }
  Process& process() { return *process_; }
  ScriptedConnector& connector() { return process_->connector_; }
  Incident incident() { return store_.incident(IncidentId("i1")).value().value(); }
  std::string step_states() {
    std::string out;
    for (const Step& step : store_.plan(PlanId("p1")).value()->steps) out += (out.empty() ? "" : " ") + std::string(to_string(step.state));
    return out;
  }
  // The audit's actions, oldest first.
  std::vector<std::string> actions() {
    std::vector<std::string> out;
    for (const auto& record : store_.audit({{}, 1000}).value()) out.insert(out.begin(), record.action);
    return out;
  }
  void expect_outcome(const Result<RemediationOutcome>& outcome, IncidentState state) {
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->state, state) << to_string(outcome->state);
    EXPECT_EQ(incident().state, state);
    EXPECT_TRUE(store_.verify_audit()->intact);
  }

  MemoryStore store_;
  World world_;
  std::optional<Process> process_;
};

using Strings = std::vector<std::string>;

}  // namespace mend
