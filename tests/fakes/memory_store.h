// A whole ports/store.h in memory: every transaction works on a copy that replaces the state when it ends well. For tests that
// want a store without a disk, and one that fails where they say.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <thread>

#include "base/text.h"
#include "ports/store.h"

namespace mend {

struct MemoryState {
  struct Kept {
    Incident incident;
    std::uint64_t written = 0;  // order of the last write
  };
  struct JobHistory {
    std::string platform;
    std::optional<JobSpec> spec;
    std::optional<EventStatus> last_status;
    WallTime last_event_at;
    std::uint64_t failures = 0;
    std::uint64_t first_seen = 0;
  };
  struct KeptPlan {
    Plan plan;
    std::optional<WallTime> begun;  // when its first step left pending
  };
  std::map<std::string, Event> events;
  std::map<std::string, Kept> incidents;
  std::map<std::string, JobHistory> jobs;
  std::vector<std::pair<std::uint64_t, Run>> runs;
  std::vector<Diagnosis> diagnoses;
  std::vector<Decision> decisions;
  std::vector<Approval> approvals;
  std::vector<KeptPlan> plans;
  std::vector<std::pair<std::uint64_t, Case>> cases;
  std::map<std::pair<std::string, int>, StrategyStatistics> strategies;
  std::vector<Pause> pauses;
  std::vector<AuditRecord> audit;
  std::map<std::string, std::string, std::less<>> settings;
  std::map<std::string, Runbook, std::less<>> runbooks;
  std::map<std::int64_t, std::pair<std::string, std::string>> vectors;  // model and bytes by key, in the order of SQL's integers
  std::optional<std::pair<std::string, std::string>> vector_graph;       // model and bytes
  std::uint64_t writes = 0;  // gives every record its place
};

// Reads of one state; Base is StoreReader or what derives from it.
template <class Base>
class MemoryReads : public Base {
 public:
  Result<std::optional<Event>> event(const EventId& id) override {
    return look([&](const MemoryState& s) {
      const auto found = s.events.find(id.str());
      return found == s.events.end() ? std::optional<Event>{} : found->second;
    });
  }
  Result<std::uint64_t> event_count() override {
    return look([](const MemoryState& s) { return std::uint64_t(s.events.size()); });
  }
  Result<std::optional<Incident>> incident(const IncidentId& id) override {
    return look([&](const MemoryState& s) {
      const auto found = s.incidents.find(id.str());
      return found == s.incidents.end() ? std::optional<Incident>{} : found->second.incident;
    });
  }
  Result<std::optional<Incident>> open_incident(const JobId& job, const Fingerprint& fingerprint) override {
    return look([&](const MemoryState& s) {
      for (const Incident& incident : newest_first(s))
        if (incident.job == job && incident.fingerprint == fingerprint && !is_closed(incident.state)) return std::optional(incident);
      return std::optional<Incident>{};
    });
  }
  Result<std::vector<Incident>> incidents(const IncidentFilter& filter) override {
    return look([&](const MemoryState& s) {
      std::vector<Incident> out;
      for (Incident& incident : newest_first(s)) {
        if (out.size() == filter.limit) break;
        if (filter.state && incident.state != *filter.state) continue;
        if (!filter.job.empty() && incident.job != filter.job) continue;
        if (filter.open_only && is_closed(incident.state)) continue;
        out.push_back(std::move(incident));
      }
      return out;
    });
  }
  Result<std::vector<Incident>> unfinished_incidents() override {
    return look([](const MemoryState& s) {
      std::vector<MemoryState::Kept> kept;
      for (const auto& [id, one] : s.incidents)
        if (is_active(one.incident.state) || one.incident.state == IncidentState::planned) kept.push_back(one);
      std::ranges::sort(kept, {}, &MemoryState::Kept::written);
      std::vector<Incident> out;
      for (auto& one : kept) out.push_back(std::move(one.incident));
      return out;
    });
  }
  Result<std::map<std::string, std::uint64_t>> incident_counts() override {
    return look([](const MemoryState& s) {
      std::map<std::string, std::uint64_t> out;
      for (const auto& [id, one] : s.incidents) ++out[std::string(to_string(one.incident.state))];
      return out;
    });
  }
  Result<std::vector<JobSummary>> jobs(std::size_t limit) override {
    return look([&](const MemoryState& s) {
      std::vector<std::pair<std::string, const MemoryState::JobHistory*>> order;
      for (const auto& [id, history] : s.jobs) order.emplace_back(id, &history);
      std::ranges::stable_sort(order, [](const auto& a, const auto& b) { return a.second->last_event_at > b.second->last_event_at; });
      std::vector<JobSummary> out;
      for (const auto& [id, history] : order) {
        if (out.size() == limit) break;
        out.push_back(summary(s, id, *history));
      }
      return out;
    });
  }
  Result<std::optional<JobSummary>> job(const JobId& id) override {
    return look([&](const MemoryState& s) {
      const auto found = s.jobs.find(id.str());
      return found == s.jobs.end() ? std::optional<JobSummary>{} : summary(s, found->first, found->second);
    });
  }
  Result<std::vector<Run>> runs(const JobId& job, std::size_t limit) override {
    return look([&](const MemoryState& s) {
      std::vector<std::pair<std::uint64_t, Run>> order;
      for (const auto& one : s.runs)
        if (one.second.job == job) order.push_back(one);
      return newest(std::move(order), limit, [](const Run& run) { return run.started_at; });
    });
  }
  Result<std::vector<Diagnosis>> diagnoses(const IncidentId& incident) override { return of(incident, &MemoryState::diagnoses); }
  Result<std::vector<Decision>> decisions(const IncidentId& incident) override { return of(incident, &MemoryState::decisions); }
  Result<std::vector<Approval>> approvals(const IncidentId& incident) override { return of(incident, &MemoryState::approvals); }
  Result<std::optional<Plan>> plan(const PlanId& id) override {
    return look([&](const MemoryState& s) {
      for (const auto& kept : s.plans)
        if (kept.plan.id == id) return std::optional(kept.plan);
      return std::optional<Plan>{};
    });
  }
  Result<std::vector<Plan>> plans(const IncidentId& incident) override {
    return look([&](const MemoryState& s) {
      std::vector<Plan> out;
      for (const auto& kept : s.plans)
        if (kept.plan.incident == incident) out.push_back(kept.plan);
      return out;
    });
  }
  Result<std::uint64_t> plans_since(const JobId& job, WallTime since) override {
    return look([&](const MemoryState& s) {
      return std::uint64_t(
          std::ranges::count_if(s.plans, [&](const auto& kept) { return kept.plan.job == job && kept.begun && *kept.begun >= since; }));
    });
  }
  Result<bool> has_case(const CaseId& id) override {
    return look([&](const MemoryState& s) { return std::ranges::any_of(s.cases, [&](const auto& kept) { return kept.second.id == id; }); });
  }
  Result<std::vector<Case>> cases(std::size_t limit) override {
    return look([&](const MemoryState& s) { return newest(s.cases, limit, [](const Case& past) { return past.recorded_at; }); });
  }
  Result<std::vector<Runbook>> runbooks() override {
    return look([](const MemoryState& s) {
      std::vector<Runbook> out;
      for (const auto& [id, runbook] : s.runbooks) out.push_back(runbook);
      return out;
    });
  }
  Result<std::vector<StoredVector>> vectors(std::string_view model) override {
    return look([&](const MemoryState& s) {
      std::vector<StoredVector> out;
      for (const auto& [key, kept] : s.vectors)
        if (kept.first == model) out.push_back({std::uint64_t(key), kept.second});
      return out;
    });
  }
  Result<std::optional<std::string>> vector_graph(std::string_view model) override {
    return look([&](const MemoryState& s) {
      return s.vector_graph && s.vector_graph->first == model ? std::optional(s.vector_graph->second) : std::nullopt;
    });
  }
  Result<std::vector<StrategyStatistics>> strategy_statistics() override {
    return look([](const MemoryState& s) {
      std::vector<StrategyStatistics> out;
      for (const auto& [key, row] : s.strategies) out.push_back(row);
      return out;
    });
  }
  Result<Controls> controls() override {
    return look([](const MemoryState& s) { return Controls{s.pauses}; });
  }
  Result<std::vector<AuditRecord>> audit(const AuditFilter& filter) override {
    return look([&](const MemoryState& s) {
      std::vector<AuditRecord> out;
      for (auto record = s.audit.rbegin(); record != s.audit.rend() && out.size() < filter.limit; ++record)
        if (filter.incident.empty() || record->incident == filter.incident) out.push_back(*record);
      return out;
    });
  }
  Result<std::optional<std::string>> setting(std::string_view name) override {
    return look([&](const MemoryState& s) {
      const auto found = s.settings.find(name);
      return found == s.settings.end() ? std::optional<std::string>{} : found->second;
    });
  }

 protected:
  // The state as it is now; held while it is looked at.
  virtual std::shared_ptr<const MemoryState> now() = 0;

 private:
  template <class Look>
  auto look(Look look) -> Result<std::invoke_result_t<Look, const MemoryState&>> {
    const auto state = now();
    return look(*state);
  }
  static std::vector<Incident> newest_first(const MemoryState& s) {
    std::vector<MemoryState::Kept> kept;
    for (const auto& [id, one] : s.incidents) kept.push_back(one);
    std::ranges::sort(kept, [](const auto& a, const auto& b) {
      return a.incident.opened_at != b.incident.opened_at ? a.incident.opened_at > b.incident.opened_at : a.written > b.written;
    });
    std::vector<Incident> out;
    for (auto& one : kept) out.push_back(std::move(one.incident));
    return out;
  }
  template <class Value, class When>
  static std::vector<Value> newest(std::vector<std::pair<std::uint64_t, Value>> order, std::size_t limit, When when) {
    std::ranges::sort(order, [&](const auto& a, const auto& b) {
      return when(a.second) != when(b.second) ? when(a.second) > when(b.second) : a.first > b.first;
    });
    std::vector<Value> out;
    for (auto& one : order) {
      if (out.size() == limit) break;
      out.push_back(std::move(one.second));
    }
    return out;
  }
  static JobSummary summary(const MemoryState& s, const std::string& id, const MemoryState::JobHistory& history) {
    JobSummary out{JobId(id), history.platform, history.spec, history.last_status, history.last_event_at, history.failures, 0};
    for (const auto& [name, one] : s.incidents)
      if (one.incident.job == out.id && !is_closed(one.incident.state)) ++out.open_incidents;
    return out;
  }
  template <class Value>
  Result<std::vector<Value>> of(const IncidentId& incident, std::vector<Value> MemoryState::* member) {
    return look([&](const MemoryState& s) {
      std::vector<Value> out;
      for (const Value& value : s.*member)
        if (value.incident == incident) out.push_back(value);
      return out;
    });
  }
};

class MemoryTransaction final : public MemoryReads<StoreTransaction> {
 public:
  explicit MemoryTransaction(std::shared_ptr<MemoryState> state, const std::atomic<bool>& audit_fails)
      : state_(std::move(state)), audit_fails_(audit_fails) {}

  Result<bool> add_event(const Event& event) override {
    if (!state_->events.emplace(event.id.str(), event).second) return false;
    auto& history = state_->jobs[event.job.str()];
    if (event.status == EventStatus::failed) ++history.failures;
    if (!history.last_status || event.timestamp >= history.last_event_at) {
      history.last_status = event.status;
      history.last_event_at = event.timestamp;
      if (!event.platform.empty()) history.platform = event.platform;
    }
    return true;
  }
  Result<void> put_incident(const Incident& incident) override {
    state_->incidents[incident.id.str()] = {incident, ++state_->writes};
    return {};
  }
  Result<void> put_job(const JobSpec& spec) override {
    auto& history = state_->jobs[spec.id.str()];
    history.spec = spec;
    history.platform = spec.platform;
    return {};
  }
  Result<void> put_run(const Run& run) override {
    put(state_->runs, run);
    return {};
  }
  Result<void> add_diagnosis(const Diagnosis& diagnosis) override { return add(state_->diagnoses, diagnosis); }
  Result<void> add_decision(const Decision& decision) override { return add(state_->decisions, decision); }
  Result<void> add_approval(const Approval& approval) override { return add(state_->approvals, approval); }
  Result<void> put_plan(const Plan& plan) override {
    MEND_CHECK(has_incident(plan.incident));
    MemoryState::KeptPlan kept{plan, std::nullopt};
    std::ranges::stable_sort(kept.plan.steps, {}, &Step::ordinal);
    for (auto& old : state_->plans)
      if (old.plan.id == plan.id) {
        kept.begun = old.begun;
        old = std::move(kept);
        return {};
      }
    state_->plans.push_back(std::move(kept));
    return {};
  }
  Result<void> put_step(const Step& step) override {
    for (auto& kept : state_->plans)
      for (Step& old : kept.plan.steps)
        if (old.id == step.id) {
          if (old.state == StepState::pending && step.state != StepState::pending && !kept.begun) kept.begun = step.changed_at;
          old = step;
          return {};
        }
    return fail(ErrorKind::not_found, "no step " + step.id.str());
  }
  Result<void> put_case(const Case& past) override {
    if (past.id.empty()) return fail(ErrorKind::invalid_input, "a case without id");
    put(state_->cases, past);
    return {};
  }
  Result<bool> remove_case(const CaseId& id) override {
    return std::erase_if(state_->cases, [&](const auto& kept) { return kept.second.id == id; }) > 0;
  }
  Result<void> put_runbook(const Runbook& runbook, WallTime) override {
    if (runbook.id.empty() || runbook.text.empty()) return fail(ErrorKind::invalid_input, "a runbook needs an id and a text");
    state_->runbooks.insert_or_assign(runbook.id, runbook);
    return {};
  }
  Result<bool> remove_runbook(std::string_view id) override { return state_->runbooks.erase(std::string(id)) > 0; }
  Result<void> put_vector(std::string_view model, const StoredVector& vector) override {
    state_->vectors.insert_or_assign(std::int64_t(vector.key), std::pair{std::string(model), vector.bytes});
    return {};
  }
  Result<void> remove_vector(std::uint64_t key) override {
    state_->vectors.erase(std::int64_t(key));
    return {};
  }
  Result<void> remove_vectors_but(std::string_view model) override {
    std::erase_if(state_->vectors, [&](const auto& kept) { return kept.second.first != model; });
    if (state_->vector_graph && state_->vector_graph->first != model) state_->vector_graph.reset();
    return {};
  }
  Result<void> put_vector_graph(std::string_view model, std::string_view bytes) override {
    state_->vector_graph = std::pair{std::string(model), std::string(bytes)};
    return {};
  }
  Result<void> count_strategy(std::string_view strategy, ErrorType type, bool helped) override {
    auto& row = state_->strategies[{std::string(strategy), int(type)}];
    row.strategy = strategy;
    row.error_type = type;
    ++row.tried;
    row.helped += helped;
    return {};
  }
  Result<void> put_pause(const Pause& pause) override {
    std::erase_if(state_->pauses, [&](const Pause& old) { return old.scope == pause.scope && old.name == pause.name; });
    state_->pauses.push_back(pause);
    return {};
  }
  Result<bool> remove_pause(std::string_view scope, std::string_view name) override {
    return std::erase_if(state_->pauses, [&](const Pause& old) { return old.scope == scope && old.name == name; }) > 0;
  }
  Result<AuditRecord> append_audit(AuditRecord record) override {
    if (audit_fails_) return fail(ErrorKind::exhausted, "the audit cannot be written");
    if (record.confidence && std::isnan(*record.confidence)) record.confidence.reset();
    record.sequence = state_->audit.size() + 1;
    record.previous_hash = state_->audit.empty() ? std::string(64, '0') : state_->audit.back().hash;
    record.hash = blake2b_hex(canonical_text(record));
    state_->audit.push_back(record);
    return record;
  }
  Result<void> put_setting(std::string_view name, std::string_view value) override {
    state_->settings.insert_or_assign(std::string(name), std::string(value));
    return {};
  }

 private:
  std::shared_ptr<const MemoryState> now() override { return state_; }
  Result<void> has_incident(const IncidentId& id) const {
    if (state_->incidents.contains(id.str())) return {};
    return fail(ErrorKind::invalid_input, "no incident " + id.str());
  }
  template <class Value>
  Result<void> add(std::vector<Value>& values, const Value& value) {
    MEND_CHECK(has_incident(value.incident));
    values.push_back(value);
    return {};
  }
  template <class Value>
  void put(std::vector<std::pair<std::uint64_t, Value>>& values, const Value& value) {
    for (auto& [order, old] : values)
      if (old.id == value.id) {
        old = value;
        return;
      }
    values.emplace_back(++state_->writes, value);
  }

  std::shared_ptr<MemoryState> state_;
  const std::atomic<bool>& audit_fails_;
};

class MemoryStore final : public MemoryReads<Store> {
 public:
  MemoryStore() = default;
  // A store that begins where another one stands: what a new process finds.
  explicit MemoryStore(const MemoryState& state) : committed_(std::make_shared<const MemoryState>(state)) {}

  Result<void> write(Work work) override {
    if (writer_ == std::this_thread::get_id()) return fail(ErrorKind::internal, "a write inside of a write");
    std::lock_guard one_at_a_time(write_mutex_);
    ++writes_;
    if (writes_ == fail_at_write_ || broken_) {
      broken_ = stays_broken_;
      return fail(ErrorKind::exhausted, "the disk is full");
    }
    writer_ = std::this_thread::get_id();
    auto next = std::make_shared<MemoryState>(*now());
    MemoryTransaction transaction(next, audit_fails_);
    Result<void> done;
    try {
      done = work(transaction);
    } catch (const std::exception& problem) {
      done = fail(ErrorKind::internal, problem.what());
    }
    writer_ = std::thread::id{};
    MEND_CHECK(done);
    std::lock_guard lock(state_mutex_);
    committed_ = std::move(next);
    return {};
  }
  Result<AuditVerdict> verify_audit() override {
    const auto state = now();
    AuditVerdict verdict;
    std::string before(64, '0');
    for (const AuditRecord& record : state->audit) {
      ++verdict.records;
      if (record.sequence == verdict.records && record.previous_hash == before && record.hash == blake2b_hex(canonical_text(record))) {
        before = record.hash;
        continue;
      }
      verdict.intact = false;
      verdict.first_bad = verdict.records;
      verdict.problem = "record " + std::to_string(verdict.records) + " was changed";
      break;
    }
    return verdict;
  }
  Result<void> backup(const std::string& file) override {
    if (std::filesystem::exists(file)) return fail(ErrorKind::conflict, file + " is there already");
    std::ofstream(file) << description();
    return {};
  }
  Result<void> check_integrity() override { return {}; }
  std::string description() const override { return "memory, schema 1"; }

  // For tests.
  MemoryState state() { return *now(); }
  std::uint64_t writes() const { return writes_; }
  // The write with this number (from 1) fails, and with `stays_broken` every later one too, as when the process dies there.
  void fail_at_write(std::uint64_t number, bool stays_broken) {
    fail_at_write_ = number;
    stays_broken_ = stays_broken;
  }
  void set_audit_fails(bool fails) { audit_fails_ = fails; }

 private:
  std::shared_ptr<const MemoryState> now() override {
    std::lock_guard lock(state_mutex_);
    return committed_;
  }

  std::mutex write_mutex_;               // one write at a time; guards the counters below
  std::atomic<std::thread::id> writer_;  // the thread inside of work, to notice a write in a write
  std::atomic<std::uint64_t> writes_ = 0;
  std::uint64_t fail_at_write_ = 0;
  bool stays_broken_ = false, broken_ = false;
  std::atomic<bool> audit_fails_ = false;
  std::mutex state_mutex_;  // guards the pointer; what it points to never changes
  std::shared_ptr<const MemoryState> committed_ = std::make_shared<const MemoryState>();
};

}  // namespace mend
