#include "main/cli/show_diagnosis.h"

#include <fmt/format.h>

#include "main/output.h"

namespace mend {
namespace {

Colour tier_colour(double confidence) {
  switch (tier_of(confidence)) {
    case Tier::automatic: return Colour::green;
    case Tier::assist: return Colour::yellow;
    case Tier::escalate: return Colour::red;
  }
  return Colour::none;
}

}  // namespace

std::string diagnosis_text(const Diagnosis& d, bool colours) {
  std::string out = fmt::format("{}{}  {}  tier {}\n", paint(to_string(d.type), Colour::bold, colours), d.cause.empty() ? "" : "/" + d.cause,
                                paint(fmt::format("confidence {:.2f}", d.confidence), tier_colour(d.confidence), colours),
                                to_string(tier_of(d.confidence)));
  out += fmt::format("  strategy     {}\n", d.strategy);
  if (d.transient) out += "  passing      waiting can help\n";
  for (const auto& fact : d.facts) out += fmt::format("  fact         {} = {}\n", fact.name, one_line(fact.value, 100));
  out += fmt::format("  evidence     {}\n", to_string(d.evidence_status));
  for (const auto& item : d.evidence)
    out += fmt::format("    {:<10} {:.2f}  {}  {}\n", to_string(item.kind), item.score, paint(item.id, Colour::cyan, colours), one_line(item.text, 100));
  for (const auto& gap : d.evidence_gaps) out += fmt::format("  gap          {}\n", gap);
  for (const auto& voter : d.voters) out += fmt::format("  voter        {} says {} ({:.2f})\n", voter.voter, to_string(voter.says), voter.probability);
  for (const auto& note : d.notes) out += fmt::format("  note         {}\n", note);
  out += paint(fmt::format("  fingerprint {}  model {}\n", d.fingerprint.str(), d.model), Colour::dim, colours);
  return out;
}

std::string decision_text(const Decision& decision, bool colours) {
  const Colour colour = decision.verdict == Verdict::automatic  ? Colour::green
                        : decision.verdict == Verdict::escalate ? Colour::red
                                                                : Colour::yellow;
  std::string out = fmt::format("{}  {}\n", paint(to_string(decision.verdict), colour, colours), decision.strategy);
  for (const auto& rule : decision.rules) out += fmt::format("    {:<28} {:<15} {}\n", rule.rule, rule.effect, rule.text);
  return out;
}

}  // namespace mend
