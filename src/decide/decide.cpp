#include "decide/decide.h"

#include <algorithm>

#include <fmt/format.h>

namespace mend {
namespace {

class Rules {
 public:
  explicit Rules(Decision& decision) : decision_(decision) {}
  void allow(std::string rule, std::string text) { decision_.rules.push_back({std::move(rule), "allows", std::move(text)}); }
  void need_approval(std::string rule, std::string text) {
    decision_.rules.push_back({std::move(rule), "needs_approval", std::move(text)});
    needs_approval_ = true;
  }
  void observe(std::string rule, std::string text) {
    decision_.rules.push_back({std::move(rule), "observes", std::move(text)});
    observes_ = true;
  }
  void forbid(std::string rule, std::string text) {
    decision_.rules.push_back({std::move(rule), "forbids", std::move(text)});
    forbids_ = true;
  }
  // The strictest rule wins.
  Verdict verdict() const {
    if (forbids_) return Verdict::escalate;
    if (observes_) return Verdict::observe;
    return needs_approval_ ? Verdict::assist : Verdict::automatic;
  }

 private:
  Decision& decision_;
  bool needs_approval_ = false, observes_ = false, forbids_ = false;
};

void judge_controls(const DecisionInput& in, Rules& rules) {
  const auto say = [](const Pause& pause, std::string_view what) {
    return fmt::format("{} is paused by {}{}", what, pause.by, pause.reason.empty() ? "" : ": " + pause.reason);
  };
  if (const Pause* pause = in.controls.find("global")) rules.forbid("override.kill_switch", say(*pause, "everything"));
  if (in.job)
    if (const Pause* pause = in.controls.find("job", in.job->id.str())) rules.forbid("override.job_paused", say(*pause, "this job"));
  if (in.strategy)
    if (const Pause* pause = in.controls.find("strategy", in.strategy->name)) rules.forbid("override.strategy_paused", say(*pause, "this strategy"));
}

void judge_confidence(const DecisionInput& in, Rules& rules) {
  const Diagnosis& d = in.diagnosis;
  if (d.type == ErrorType::unknown_error) {
    rules.forbid("type.unknown", "the cause is not known: a person looks at it");
    return;
  }
  switch (tier_of(d.confidence)) {
    case Tier::automatic:
      rules.allow("tier.auto", fmt::format("confidence {:.2f} is at least {:.2f}", d.confidence, kAutoFrom));
      break;
    case Tier::assist:
      rules.need_approval("tier.assist", fmt::format("confidence {:.2f} lies between {:.2f} and {:.2f}", d.confidence, kAssistFrom, kAutoFrom));
      break;
    case Tier::escalate:
      rules.forbid("tier.escalate", fmt::format("confidence {:.2f} is below {:.2f}", d.confidence, kAssistFrom));
      break;
  }
}

void judge_ability(const DecisionInput& in, Rules& rules) {
  if (!in.strategy) {
    rules.forbid("strategy.missing", fmt::format("the registry has no strategy '{}'", in.diagnosis.strategy));
    return;
  }
  if (in.strategy->capabilities.empty()) {
    rules.forbid("strategy.hands_over", "this strategy hands over to a person");
    return;
  }
  if (!in.job) {
    rules.forbid("job.not_supervised", "Mendline only hears of this job and has no connector to it");
    return;
  }
  for (const Capability capability : in.strategy->capabilities)
    if (std::ranges::find(in.offered, capability) == in.offered.end())
      rules.forbid("capability.missing", fmt::format("the {} connector offers no {} for this job as it is configured", in.job->connector,
                                                     to_string(capability)));
  if (in.job->retry_only && std::ranges::any_of(in.strategy->capabilities, [](Capability c) { return c != Capability::retry; }))
    rules.forbid("job.retry_only", "a wrapped command without configuration may only be run again");
  if (in.job->rerun == Rerun::unsafe) rules.forbid("job.rerun_unsafe", "the job says that running it again is not safe");
  if (!in.job->allowed_strategies.empty() && std::ranges::find(in.job->allowed_strategies, in.strategy->name) == in.job->allowed_strategies.end())
    rules.forbid("job.strategy_not_allowed", "the job's list of allowed strategies does not name this one");
}

void judge_risk(const DecisionInput& in, Rules& rules) {
  if (!in.strategy) return;
  const Risk risk = in.plan ? std::max(in.plan->risk, in.strategy->risk) : in.strategy->risk;
  if (risk == Risk::high)
    rules.need_approval("risk.high_needs_approval", "high risk always needs a person's approval");
  else if (risk == Risk::medium && in.job && in.job->criticality == Criticality::high)
    rules.need_approval("risk.medium_on_critical_job", "medium risk on a job of high criticality needs a person's approval");
  if (in.plan && std::ranges::any_of(in.plan->steps, [](const Step& step) { return !step.reversible && step.capability != Capability::retry; }))
    rules.need_approval("risk.not_reversible", "a step of the plan cannot be undone");
}

void judge_mode(const DecisionInput& in, Rules& rules) {
  const auto apply = [&](Mode mode, std::string_view rule, std::string_view whose) {
    if (mode == Mode::observe) rules.observe(fmt::format("mode.{}_observe", rule), fmt::format("{} mode is observe: decide and record only", whose));
    if (mode == Mode::assist) rules.need_approval(fmt::format("mode.{}_assist", rule), fmt::format("{} mode is assist: every action needs approval", whose));
  };
  apply(in.policy.mode, "global", "the global");
  if (in.strategy)
    if (const auto mode = in.policy.strategy_modes.find(in.strategy->name); mode != in.policy.strategy_modes.end())
      apply(mode->second, "strategy", "the strategy's");
  if (in.job) apply(in.job->mode, "job", "the job's");
}

void judge_budget(const DecisionInput& in, Rules& rules) {
  if (in.plans_in_last_hour >= std::uint64_t(in.policy.most_per_job_and_hour))
    rules.forbid("budget.job_hour", fmt::format("{} remediations of this job within the hour: the limit is {}", in.plans_in_last_hour,
                                                in.policy.most_per_job_and_hour));
  if (in.strategies_tried.size() >= std::size_t(in.policy.most_strategies_per_incident))
    rules.forbid("budget.strategies", fmt::format("{} strategies were tried on this incident already", in.strategies_tried.size()));
  if (in.strategy && std::ranges::find(in.strategies_tried, in.strategy->name) != in.strategies_tried.end())
    rules.forbid("strategy.tried", "this strategy was tried on this incident and did not help");
}

}  // namespace

Decision decide(const DecisionInput& in) {
  Decision out;
  out.incident = in.diagnosis.incident;
  out.strategy = in.strategy ? in.strategy->name : in.diagnosis.strategy;
  out.decided_at = in.now;
  Rules rules(out);
  judge_controls(in, rules);
  judge_confidence(in, rules);
  judge_ability(in, rules);
  judge_risk(in, rules);
  judge_mode(in, rules);
  judge_budget(in, rules);
  out.verdict = rules.verdict();
  if (out.verdict == Verdict::assist && in.approved) {
    rules.allow("approval.given", "a person approved exactly this plan");
    out.verdict = Verdict::automatic;
  }
  if (out.verdict == Verdict::escalate) out.strategy = "escalate_to_human";
  return out;
}

}  // namespace mend
