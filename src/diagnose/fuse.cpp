#include "diagnose/fuse.h"

#include <algorithm>
#include <cmath>

#include <csignal>

namespace mend {
namespace {

double& at(Probabilities& p, ErrorType type) { return p[std::size_t(type)]; }

}  // namespace

Probabilities signature_votes(const SignatureSet& set, const HitView& hits, const PreparedText& text, const FusionNumbers& numbers,
                              bool& any_hit) {
  // Where the root lines stand inside focus, so that a hit there counts more.
  std::vector<std::pair<std::size_t, std::size_t>> roots;
  std::size_t offset = 0;
  for (const TextLine& line : text.lines) {
    if (line.kind == LineKind::frame || line.kind == LineKind::healthy) continue;
    std::string_view trimmed = line.text;
    const auto first = trimmed.find_first_not_of(" \t\r\n\v\f");
    if (first == std::string_view::npos) continue;
    trimmed = trimmed.substr(first, trimmed.find_last_not_of(" \t\r\n\v\f") - first + 1);
    if (line.kind == LineKind::root) roots.emplace_back(offset, offset + trimmed.size());
    offset += trimmed.size() + 1;
  }
  any_hit = false;
  std::array<std::vector<double>, kErrorTypeCount> by_type;
  for (std::size_t i = 0; i < hits.hits.size(); ++i) {
    if (hits.silenced[i]) continue;
    const SignatureHit& hit = hits.hits[i];
    const Signature& signature = set.signatures()[hit.signature];
    double weight = signature.strength == Strength::decisive ? numbers.decisive
                    : signature.strength == Strength::strong ? numbers.strong
                                                             : numbers.hint;
    if (signature.strength != Strength::hint) {
      any_hit = true;
      const bool in_root = std::ranges::any_of(roots, [&](const auto& span) { return hit.begin < span.second && hit.end > span.first; });
      if (in_root) weight += numbers.root_bonus;
    }
    by_type[std::size_t(signature.type)].push_back(weight);
  }
  Probabilities out{};
  for (std::size_t t = 0; t < kErrorTypeCount; ++t) {
    auto& weights = by_type[t];
    std::ranges::sort(weights, std::greater{});
    double share = 1;
    for (const double weight : weights) {
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
  Probabilities score{};
  double top_score = -1e300;
  const double scale = votes.linear_present ? 1.0 : numbers.no_linear;
  for (std::size_t t = 0; t < kErrorTypeCount; ++t) {
    score[t] = scale * votes.signatures[t] + votes.context[t];
    if (votes.linear_present) score[t] += numbers.linear_weight * std::log(std::max(votes.linear[t], 1e-9));
    if (!std::isfinite(score[t])) return out;
    top_score = std::max(top_score, score[t]);
  }
  double sum = 0;
  for (std::size_t t = 0; t < kErrorTypeCount; ++t) sum += out.fused[t] = std::exp(score[t] - top_score);
  for (double& p : out.fused) p /= sum;
  const auto best = std::size_t(std::ranges::max_element(out.fused) - out.fused.begin());
  double second = 0;
  for (std::size_t t = 0; t < kErrorTypeCount; ++t)
    if (t != best) second = std::max(second, out.fused[t]);
  out.type = kErrorTypes[best];
  const double p = std::clamp(out.fused[best], 1e-6, 1 - 1e-6);
  const auto linear_best = std::size_t(std::ranges::max_element(votes.linear) - votes.linear.begin());
  const auto signature_best = std::size_t(std::ranges::max_element(votes.signatures) - votes.signatures.begin());
  const bool agree = votes.linear_present && votes.any_hit && linear_best == best && signature_best == best;
  const double z = numbers.offset + numbers.slope * std::log(p / (1 - p)) + numbers.margin * (p - second) + numbers.by_type[best] +
                   (agree ? numbers.agreement : 0.0);
  if (std::isnan(z)) return {};
  out.confidence = std::clamp(1 / (1 + std::exp(-z)), numbers.least, numbers.most);
  return out;
}

}  // namespace mend
