#include "diagnose/analysis.h"

#include <fmt/format.h>

#include <algorithm>

#include "diagnose/analysis_claims.h"

namespace mend {
namespace {

const Strategy* find(std::span<const Strategy> strategies, std::string_view name) {
  const auto found = std::ranges::find(strategies, name, &Strategy::name);
  return found == strategies.end() ? nullptr : &*found;
}

Recommendation recommend(const Strategy& strategy, std::span<const UnderstoodCase> cases, const Diagnosis& diagnosis) {
  Recommendation out;
  out.strategy = strategy.name;
  out.parameters = strategy.parameters;
  out.success_rate = success_rate(strategy, cases);
  const MappedResolution* example = nullptr;  // of the most similar case that names something
  for (const UnderstoodCase& one : cases) {
    if (one.strategy != strategy.name || !one.found->past.success) continue;
    out.support.push_back(one.found->past.id.str());
    if (!example && one.read && one.read->strategy == strategy.name && !one.read->parameters.empty()) example = &*one.read;
  }
  if (!example) return out;
  for (const auto& [name, value] : example->parameters) {
    const auto fact = std::ranges::find(diagnosis.facts, name, &Fact::name);
    out.parameters.emplace(name, fact == diagnosis.facts.end() ? value : fact->value);
  }
  return out;
}

std::string paragraph_of(const std::vector<Statement>& claims) {
  std::string out;
  for (const Statement& claim : claims) {
    if (!out.empty()) out += ' ';
    out += claim.text;
    if (!claim.citations.empty()) out += fmt::format(" [{}]", fmt::join(claim.citations, "] ["));
  }
  return out;
}

}  // namespace

UnderstoodCase understand(const RetrievedCase& found, std::span<const Strategy> strategies, const ResolutionRules& rules) {
  UnderstoodCase out{&found, {}, rules.map(found.past.resolution)};
  if (find(strategies, found.past.resolution_strategy))
    out.strategy = found.past.resolution_strategy;
  else if (out.read && find(strategies, out.read->strategy))
    out.strategy = out.read->strategy;
  return out;
}

double success_rate(const Strategy& strategy, std::span<const UnderstoodCase> cases) {
  double weight = 1, helped = strategy.prior_success;
  for (const UnderstoodCase& one : cases) {
    if (one.strategy != strategy.name) continue;
    weight += one.found->similarity;
    if (one.found->past.success) helped += one.found->similarity;
  }
  return helped / weight;
}

Analysis analyse(const AnalysisInput& input) {
  const Diagnosis& diagnosis = input.diagnosis;
  // Also without a registry at all nothing but a person is recommended.
  Strategy person;
  person.name = "escalate_to_human";
  person.title = "Hand over to a person";
  person.prior_success = 1;
  const Strategy* strategy = find(input.strategies, diagnosis.strategy);
  if (!strategy) strategy = find(input.strategies, person.name);
  if (!strategy) strategy = &person;

  std::vector<UnderstoodCase> cases;
  for (const RetrievedCase& one : input.cases)
    if (one.similarity >= (one.past.error_type == diagnosis.type ? kSimilarFrom : kCloseFrom))
      cases.push_back(understand(one, input.strategies, input.rules));
  std::ranges::stable_sort(cases, std::ranges::greater{}, [](const UnderstoodCase& one) { return one.found->similarity; });

  Analysis out;
  out.recommendation = recommend(*strategy, cases, diagnosis);
  out.evidence_status = diagnosis.evidence_status;
  out.evidence_gaps = diagnosis.evidence_gaps;
  const auto add = [&](std::vector<Statement> claims) { std::ranges::move(claims, std::back_inserter(out.claims)); };
  add(claims_of_failure(diagnosis));
  add(claims_of_confidence(diagnosis));
  add(claims_of_cases(cases, *strategy));
  add(claims_of_runbooks(input.passages, diagnosis));
  add(claims_of_recommendation(out.recommendation, *strategy, input));
  add(claims_of_evidence(diagnosis));
  out.paragraph = paragraph_of(out.claims);
  return out;
}

}  // namespace mend
