// Plans re-runs. The runs themselves are made by the reconciler through run_job, which verifies each of them.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "base/time_text.h"
#include "connectors/local_handler.h"

namespace mend {
namespace {

constexpr double kLongestWaitMs = 10 * 60 * 1000.0;
constexpr double kLongestRetryAfterS = 300;
constexpr int kMostRetries = 20;

// A number among the strategy's parameters. invalid_input naming it when it is there but is no number in the range.
Result<double> number(const Strategy& strategy, const std::string& name, double otherwise, double least, double most) {
  const auto found = strategy.parameters.find(name);
  if (found == strategy.parameters.end()) return otherwise;
  double value = 0;
  const std::string_view text = trim(found->second);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value) || value < least || value > most)
    return fail(ErrorKind::invalid_input,
                fmt::format("strategy {}: {} is '{}', expected a number from {} to {}", strategy.name, name, found->second, least, most));
  return value;
}

double milliseconds(Duration length) { return double(length.count()) / 1000.0; }

// What the peer asked for ("Retry-After: 30"), when it is within reason.
double asked_wait_ms(const Diagnosis& diagnosis) {
  for (const Fact& fact : diagnosis.facts) {
    if (fact.name != "retry_after") continue;
    std::string_view text = trim(fact.value);
    double seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    text.remove_prefix(std::size_t(end - text.data()));
    text = trim(text);
    const bool whole = text.empty() || text == "s" || text == "sec" || text == "second" || text == "seconds";
    if (error == std::errc{} && whole && seconds > 0 && seconds <= kLongestRetryAfterS) return seconds * 1000;
  }
  return 0;
}

Step make_step(int attempt, int attempts, double delay_ms) {
  const auto rounded = static_cast<long long>(std::llround(std::clamp(delay_ms, 0.0, kLongestWaitMs)));
  Step step;
  step.ordinal = attempt - 1;
  step.capability = Capability::retry;
  step.parameters = {{"attempt", std::to_string(attempt)}, {"delay_ms", std::to_string(rounded)}};
  step.text = rounded == 0 ? std::string("run the job again")
                           : fmt::format("run the job again after {}", format_duration(std::chrono::milliseconds(rounded)));
  if (attempts > 1) step.text += fmt::format(" (attempt {} of {})", attempt, attempts);
  step.undo_text = "nothing to undo: a run changes only what the job itself changes, and the job is marked as safe to run again";
  step.risk = Risk::low;
  step.reversible = true;
  return step;
}

class RetryHandler final : public CapabilityHandler {
 public:
  Capability capability() const override { return Capability::retry; }
  bool offered(const JobSpec& job) const override { return job.rerun == Rerun::safe; }

  Result<std::vector<Step>> plan(const PlanRequest& request, CallContext&) override {
    const JobSpec& job = request.job;
    const Strategy& strategy = request.strategy;
    const double asked = asked_wait_ms(request.diagnosis);
    const bool backs_off = strategy.name == "retry_with_exponential_backoff" || strategy.parameters.contains("backoff_multiplier");
    std::vector<Step> steps;
    if (!backs_off) {
      MEND_TRY(const double delay, single_delay_ms(job, strategy));
      steps.push_back(make_step(1, 1, std::max(delay, asked)));
      return steps;
    }
    MEND_TRY(const double most, number(strategy, "max_retries", 3, 0, kMostRetries));
    MEND_TRY(const double initial, number(strategy, "initial_delay_ms", 1000, 0, kLongestWaitMs));
    MEND_TRY(const double multiplier, number(strategy, "backoff_multiplier", 2, 1, 10));
    const int attempts = std::min(job.max_retries, int(most));
    if (attempts < 1) return fail(ErrorKind::invalid_input, fmt::format("job {} allows no retries (max_retries is 0)", job.id.str()));
    // The job's own delay wins over the strategy's, unless it was left at its default.
    double delay = job.retry_delay == JobSpec{}.retry_delay ? initial : milliseconds(job.retry_delay);
    for (int attempt = 1; attempt <= attempts; ++attempt) {
      steps.push_back(make_step(attempt, attempts, std::max(delay, asked)));
      delay = std::min(delay * multiplier, kLongestWaitMs);
    }
    return steps;
  }

  Result<std::string> capture(const JobSpec&, const Step&, CallContext&) override { return "{}"; }
  Result<StepCheck> check(const JobSpec&, const Step&, CallContext&) override { return StepCheck::not_applied; }
  Result<std::string> apply(const JobSpec&, const Step&, CallContext&) override {
    return fail(ErrorKind::internal, "a retry step is carried out by run_job, not by apply");
  }
  Result<std::string> undo(const JobSpec&, const Step&, CallContext&) override {
    return fail(ErrorKind::internal, "a retry step has nothing to undo");
  }

 private:
  static Result<double> single_delay_ms(const JobSpec& job, const Strategy& strategy) {
    MEND_TRY(const double restart, number(strategy, "restart_delay_ms", 0, 0, kLongestWaitMs));
    MEND_TRY(const double retry, number(strategy, "retry_delay_ms", 0, 0, kLongestWaitMs));
    const bool refreshes = std::ranges::find(strategy.capabilities, Capability::refresh_credentials) != strategy.capabilities.end();
    if (refreshes && job.credentials && (job.credentials->retry_delay != Credentials{}.retry_delay || retry == 0))
      return milliseconds(job.credentials->retry_delay);
    return std::max(restart, retry);
  }
};

}  // namespace

std::unique_ptr<CapabilityHandler> make_retry_handler() { return std::make_unique<RetryHandler>(); }

}  // namespace mend
