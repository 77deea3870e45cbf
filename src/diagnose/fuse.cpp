#include "diagnose/fuse.h"

#include <algorithm>
#include <cmath>

#include <csignal>

#include "base/text.h"

namespace mend {
namespace {

double& at(Probabilities& p, ErrorType type) { return p[std::size_t(type)]; }

}  // namespace

std::vector<HitVote> hit_votes(const SignatureSet& set, const HitView& hits, const PreparedText& text) {
  std::vector<HitVote> out;
  for (std::size_t i = 0; i < hits.hits.size(); ++i) {
    if (hits.silenced[i]) continue;
    const SignatureHit& hit = hits.hits[i];
    const Signature& signature = set.signatures()[hit.signature];
    const bool in_root = std::ranges::any_of(text.lines, [&](const TextLine& line) {
      return line.kind == LineKind::root && hit.begin < line.focus_end && hit.end > line.focus_begin;
    });
    out.push_back({signature.type, signature.strength, in_root});
  }
  return out;
}

Probabilities signature_scores(std::span<const HitVote> hits, const FusionNumbers& numbers) {
  std::array<std::vector<double>, kErrorTypeCount> by_type;
  for (const HitVote& hit : hits) {
    double weight = hit.strength == Strength::decisive ? numbers.decisive : hit.strength == Strength::strong ? numbers.strong : numbers.hint;
    if (hit.strength != Strength::hint && hit.in_root) weight += numbers.root_bonus;
    by_type[std::size_t(hit.type)].push_back(weight);
  }
  Probabilities out{};
  for (std::size_t t = 0; t < kErrorTypeCount; ++t) {
    std::ranges::sort(by_type[t], std::greater{});
    double share = 1;
    for (const double weight : by_type[t]) {
      out[t] += weight * share;
      share *= numbers.further_hits;
    }
  }
  return out;
}

Probabilities context_votes(const EventContext& context) {
  // Log-odds set by hand from what the codes mean (error-type borders in docs): strong where the platform states the cause.
  Probabilities out{};
  if (context.oom_killed.value_or(false)) at(out, ErrorType::resource_exhaustion) += 3.0;
  if (context.exit_code == 137 || context.signal == SIGKILL || context.signal == SIGXCPU) at(out, ErrorType::resource_exhaustion) += 1.5;
  if (context.exit_code == 127) at(out, ErrorType::missing_dependency) += 1.5;
  if (context.exit_code == 126) at(out, ErrorType::permission_denied) += 1.0;
  if (context.signal == SIGSEGV || context.signal == SIGABRT) at(out, ErrorType::unknown_error) += 1.0;
  switch (context.http_status.value_or(0)) {
    case 401: at(out, ErrorType::authentication_failure) += 2.0; break;
    case 403: at(out, ErrorType::permission_denied) += 1.0; break;
    case 404: at(out, ErrorType::missing_dependency) += 1.0; break;
    case 429: at(out, ErrorType::quota_exceeded) += 2.0; break;
    case 502: case 503: case 504: at(out, ErrorType::network_timeout) += 1.5; break;
    default: break;
  }
  return out;
}

FusedVerdict fuse(const Votes& votes, const FusionNumbers& numbers) {
  FusedVerdict out;
  out.signatures = signature_scores(votes.hits, numbers);
  out.firm_hit = std::ranges::any_of(votes.hits, [](const HitVote& hit) { return hit.strength != Strength::hint; });
  Probabilities score{};
  double top_score = -1e300;
  const double scale = votes.linear_present ? 1.0 : numbers.no_linear;
  for (std::size_t t = 0; t < kErrorTypeCount; ++t) {
    score[t] = scale * out.signatures[t] + votes.context[t];
    if (votes.linear_present) score[t] += numbers.linear_weight * std::log(std::max(votes.linear[t], 1e-9));
    if (!std::isfinite(score[t])) return out;
    top_score = std::max(top_score, score[t]);
  }
  double sum = 0;
  for (std::size_t t = 0; t < kErrorTypeCount; ++t) sum += out.fused[t] = std::exp(score[t] - top_score);
  for (double& p : out.fused) p /= sum;
  const std::size_t best = index_of_largest(out.fused);
  for (std::size_t t = 0; t < kErrorTypeCount; ++t)
    if (t != best) out.second = std::max(out.second, out.fused[t]);
  out.type = kErrorTypes[best];
  out.agreement = votes.linear_present && out.firm_hit && index_of_largest(votes.linear) == best && index_of_largest(out.signatures) == best;
  out.confidence = calibrated(out, numbers);
  if (std::isnan(out.confidence)) return {};
  return out;
}

double calibrated(const FusedVerdict& verdict, const FusionNumbers& numbers) {
  const auto best = std::size_t(verdict.type);
  const double p = std::clamp(verdict.fused[best], 1e-4, 1 - 1e-4);
  const double z = numbers.offset + numbers.slope * std::log(p / (1 - p)) + numbers.margin * (p - verdict.second) + numbers.by_type[best] +
                   (verdict.agreement ? numbers.agreement : 0.0) + (verdict.firm_hit ? 0.0 : numbers.no_hit);
  return std::clamp(1 / (1 + std::exp(-z)), numbers.least, numbers.most);
}

}  // namespace mend
