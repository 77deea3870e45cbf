#include "diagnose/analysis_claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/text.h"

namespace mend {
namespace {

constexpr std::size_t kMostFacts = 4, kMostQuoted = 140;  // quoted: bytes of a text of somebody else

std::string words(std::string_view name) {
  std::string out(name);
  std::ranges::replace(out, '_', ' ');
  return out;
}

// Somebody else's text inside of ours: one line, short, and without what our own sentences are marked up with.
std::string quoted(std::string_view text, std::size_t most = kMostQuoted) {
  const std::string valid = to_valid_utf8(trim(text));
  const std::string_view part = cut_utf8(valid, most);
  std::string out = "\"";
  for (const char c : part) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7f ? ' ' : c == '[' ? '(' : c == ']' ? ')' : c == '"' ? '\'' : c;
  }
  return out + (part.size() < valid.size() ? "...\"" : "\"");
}

// The sentence with its full stop, which a quotation may have brought along.
std::string ended(std::string text) {
  for (const std::string_view end : {".", ".\"", ".\")"})
    if (text.ends_with(end)) return text;
  return text + ".";
}

// A voter and its verb.
std::string voter_says(std::string_view voter) {
  if (voter == "linear") return "the linear model says";
  if (voter == "signatures") return "the signatures say";
  if (voter == "context") return "the context says";
  return std::string(voter) + " says";
}

std::vector<std::string> signatures_of(const Diagnosis& diagnosis) {
  std::vector<std::string> out;
  for (const Evidence& item : diagnosis.evidence)
    if (item.kind == EvidenceKind::signature && out.size() < 3) out.push_back(item.id);
  return out;
}

std::string minutes_text(double minutes) {
  return minutes <= 0    ? std::string()
         : minutes < 120 ? fmt::format(", in {:.0f} min", std::ceil(minutes))
                         : fmt::format(", in {:.0f} h", minutes / 60);
}

// Where a case says otherwise than the recommendation, by its record or by its words; else nothing.
std::string disagreement(const UnderstoodCase& one, const Strategy& recommended) {
  if (one.strategy.empty()) return {};
  if (one.strategy != recommended.name) return fmt::format(" This disagrees with the recommended {}.", recommended.name);
  // That a person took over in the end is no other repair.
  if (!one.read || one.read->strategy == recommended.name || one.read->strategy == "escalate_to_human") return {};
  return fmt::format(" This disagrees in part: it is recorded as {}, but its words read as {}.", one.strategy, one.read->strategy);
}

Statement claim_of_case(const UnderstoodCase& one, const Strategy& recommended) {
  const Case& past = one.found->past;
  std::string text = fmt::format(
      "A {} case{} ({}, similarity {:.2f}) ", one.found->similarity >= kCloseFrom ? "closely similar" : "similar",
      past.platform.empty() ? "" : " on " + quoted(past.platform, 40), words(to_string(past.error_type)), one.found->similarity);
  if (one.strategy.empty())
    text += past.success ? "was solved in a way that fits no known strategy" : "was not solved";
  else if (one.strategy == "escalate_to_human")
    text += past.success ? "was solved by a person" : "went to a person";
  else
    text += fmt::format("{} {}{}", past.success ? "was solved by" : "was tried to be solved by", one.strategy,
                        past.success ? "" : ", which did not help");
  text += past.success ? minutes_text(past.resolution_time_minutes) : "";
  if (!trim(past.resolution).empty()) text += ": " + quoted(past.resolution);
  if (one.read && one.read->strategy == one.strategy && one.strategy == recommended.name && !one.read->parameters.empty()) {
    std::vector<std::string> named;
    for (const auto& [name, value] : one.read->parameters) named.push_back(fmt::format("{} = {}", words(name), quoted(value, 60)));
    text += fmt::format(" ({})", fmt::join(named, ", "));
  }
  return {ended(std::move(text)) + disagreement(one, recommended), {past.id.str()}};
}

// The first lines of a passage that say something.
std::string beginning_of(std::string_view passage) {
  std::string out;
  for (const auto line : split_lines(passage)) {
    if (trim(line).empty() || out.size() > kMostQuoted) continue;
    out += (out.empty() ? "" : " ") + std::string(trim(line));
  }
  return out;
}

}  // namespace

std::vector<Statement> claims_of_failure(const Diagnosis& diagnosis) {
  if (diagnosis.type == ErrorType::unknown_error)
    return {{fmt::format("What has to change for this to succeed cannot be told from the text{}.",
                         diagnosis.cause.empty() ? "" : fmt::format(" (it reads as: {})", words(diagnosis.cause))),
             signatures_of(diagnosis)}};
  std::string text = fmt::format("The failure is of the type {}", words(to_string(diagnosis.type)));
  if (!diagnosis.cause.empty()) text += fmt::format(", its cause: {}", words(diagnosis.cause));
  std::vector<std::string> facts;
  std::set<std::string_view> told;  // one value may be a fact under several names
  for (const Fact& fact : diagnosis.facts)
    if (facts.size() < kMostFacts && told.insert(fact.value).second)
      facts.push_back(fmt::format("{} {}", words(fact.name), quoted(fact.value, 80)));
  if (!facts.empty()) text += fmt::format("; the text names {}", fmt::join(facts, ", "));
  text += ".";
  if (diagnosis.transient) text += " It is of a passing kind: waiting can help.";
  return {{text, signatures_of(diagnosis)}};
}

std::vector<Statement> claims_of_confidence(const Diagnosis& diagnosis) {
  std::string text = fmt::format("Of diagnoses as sure as this one {:.0f} in 100 are right (tier {})", diagnosis.confidence * 100,
                                 to_string(tier_of(diagnosis.confidence)));
  std::vector<std::string> says;
  bool together = true;
  for (const VoterShare& voter : diagnosis.voters) {
    together = together && voter.says == diagnosis.type;
    says.push_back(fmt::format("{} {} ({:.2f})", voter_says(voter.voter), words(to_string(voter.says)), voter.probability));
  }
  if (says.empty())
    text += "; nothing in the model spoke";
  else
    text += fmt::format("; {}{}", fmt::join(says, ", "), says.size() > 1 ? together ? ": they agree" : ": they do not agree" : "");
  text += ".";
  for (const std::string& note : diagnosis.notes) text += fmt::format(" Note: {}.", note);
  return {{text, {}}};
}

std::vector<Statement> claims_of_cases(std::span<const UnderstoodCase> cases, const Strategy& recommended) {
  if (cases.empty()) return {{"No similar past case is known.", {}}};
  std::vector<Statement> out;
  for (const UnderstoodCase& one : cases) out.push_back(claim_of_case(one, recommended));
  std::size_t tried = 0, helped = 0;
  for (const UnderstoodCase& one : cases) {
    tried += one.strategy == recommended.name ? 1 : 0;
    helped += one.strategy == recommended.name && one.found->past.success ? 1 : 0;
  }
  std::vector<std::string> ids;
  for (const UnderstoodCase& one : cases)
    if (one.strategy == recommended.name) ids.push_back(one.found->past.id.str());
  out.push_back({tried > 0
                     ? fmt::format("Of {} such cases {} went by {}, and it helped in {}.", cases.size(), tried, recommended.name, helped)
                     : fmt::format("None of {} such cases went by {}.", cases.size(), recommended.name),
                 std::move(ids)});
  return out;
}

std::vector<Statement> claims_of_runbooks(std::span<const RetrievedPassage> passages, const Diagnosis& diagnosis) {
  // A passage that only shares words with the error is no help for this type.
  const auto fits = [&](const RetrievedPassage& one) {
    return std::ranges::find(one.passage.error_types, to_string(diagnosis.type)) != one.passage.error_types.end();
  };
  const auto says_what_to_do = [&](const RetrievedPassage& one) { return fits(one) && one.passage.section == "Repair"; };
  auto best = std::ranges::find_if(passages, says_what_to_do);
  if (best == passages.end()) best = std::ranges::find_if(passages, fits);
  if (best == passages.end()) return {{"No runbook is about it.", {}}};
  const RunbookPassage& passage = best->passage;
  return {{ended(fmt::format("The runbook {} says under {}: {}", quoted(passage.title, 100), quoted(passage.section, 60),
                             quoted(beginning_of(passage.text), 240))),
           {passage.runbook + "#" + passage.section}}};
}

std::vector<Statement> claims_of_recommendation(const Recommendation& recommendation, const Strategy& strategy,
                                                const AnalysisInput& input) {
  if (strategy.capabilities.empty())
    return {{fmt::format("Recommended: {} ({}); nothing is repaired without a person.", strategy.title, strategy.name),
             recommendation.support}};
  std::vector<std::string> own, seen;
  for (const auto& [name, value] : recommendation.parameters) {
    if (strategy.parameters.contains(name))
      own.push_back(fmt::format("{} = {}", name, value));
    else
      seen.push_back(fmt::format("{} {}", words(name), quoted(value, 80)));
  }
  std::string text = fmt::format("Recommended: {} ({}{}{}); {} risk{}; it is expected to help {:.0f} in 100 times.", strategy.title,
                                 strategy.name, own.empty() ? "" : "; ", fmt::join(own, ", "), to_string(strategy.risk),
                                 strategy.risk == Risk::high ? ", so a person must approve it" : "", recommendation.success_rate * 100);
  if (!seen.empty()) text += fmt::format(" From this text and the nearest case: {}.", fmt::join(seen, ", "));
  for (const StrategyStatistics& one : input.learned)
    if (one.strategy == strategy.name && one.error_type == input.diagnosis.type && one.tried > 0)
      text += fmt::format(" Here it was tried {} times for this type and helped {} times.", one.tried, one.helped);
  if (strategy.name != input.diagnosis.strategy) text += " The diagnosis names a strategy that the registry does not have.";
  return {{text, recommendation.support}};
}

std::vector<Statement> claims_of_evidence(const Diagnosis& diagnosis) {
  std::string text;
  switch (diagnosis.evidence_status) {
    case EvidenceStatus::confirmed: text = "The evidence confirms this"; break;
    case EvidenceStatus::hypothesis: text = "This is a hypothesis: the evidence leans to it"; break;
    case EvidenceStatus::insufficient: text = "The evidence is insufficient"; break;
  }
  if (!diagnosis.evidence_gaps.empty()) text += fmt::format("; still open: {}", fmt::join(diagnosis.evidence_gaps, "; "));
  return {{text + ".", {}}};
}

}  // namespace mend
