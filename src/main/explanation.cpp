#include "main/explanation.h"

#include <boost/json.hpp>

#include "base/file.h"
#include "main/output.h"
#include "main/session.h"
#include "model/json.h"

namespace mend {
namespace {

namespace js = boost::json;

constexpr std::size_t kMostCases = 20'000;  // as the engine reads

std::vector<RetrievedCase> cases_of(const Diagnosis& diagnosis, const KnowledgeLibrary& library) {
  std::vector<RetrievedCase> out;
  for (const Evidence& item : diagnosis.evidence) {
    if (item.kind != EvidenceKind::similar_case) continue;
    if (auto past = library.find_case(CaseId(item.id))) out.push_back({std::move(*past), item.score, {}});
  }
  return out;
}

// The passages found, each followed by what its runbook says to do: a search finds symptoms more easily than repairs.
std::vector<RetrievedPassage> passages_of(const Diagnosis& diagnosis, const KnowledgeLibrary& library) {
  std::vector<RetrievedPassage> out;
  for (const Evidence& item : diagnosis.evidence) {
    if (item.kind != EvidenceKind::runbook) continue;
    const auto hash = item.id.find('#');
    if (hash == std::string::npos) continue;
    const std::string runbook = item.id.substr(0, hash);
    if (auto passage = library.find_passage(runbook, item.id.substr(hash + 1))) out.push_back({std::move(*passage), item.score, {}});
    if (auto repair = library.find_passage(runbook, "Repair")) out.push_back({std::move(*repair), item.score, {}});
  }
  return out;
}

js::array texts(const std::vector<std::string>& values) {
  js::array out;
  for (const std::string& value : values) out.emplace_back(value);
  return out;
}

}  // namespace

Result<LearnedHere> read_learned(StoreReader& store) {
  LearnedHere out;
  MEND_TRY(out.cases, store.cases(kMostCases));
  MEND_TRY(out.statistics, store.strategy_statistics());
  return out;
}

void add_learned(DiagnosisEngine& engine, const LearnedHere& learned) {
  for (auto past = learned.cases.rbegin(); past != learned.cases.rend(); ++past) engine.library->add_case(*past);
}

Result<Analysis> explain(const AppContext& app, const DiagnosisEngine& engine, const Diagnosis& diagnosis, const LearnedHere& learned) {
  MEND_TRY(const StrategyRegistry registry, load_registry(app));
  MEND_TRY(const std::string yaml, read_file(app.data / "catalog/resolutions.yaml"));
  MEND_TRY(const ResolutionRules rules, ResolutionRules::parse(yaml, "resolutions.yaml", registry.all()));
  const auto cases = cases_of(diagnosis, *engine.library);
  const auto passages = passages_of(diagnosis, *engine.library);
  return analyse({diagnosis, cases, passages, registry.all(), learned.statistics, rules});
}

js::object to_json(const Analysis& analysis) {
  js::array claims;
  for (const Statement& claim : analysis.claims) claims.push_back({{"text", claim.text}, {"citations", texts(claim.citations)}});
  const Recommendation& recommendation = analysis.recommendation;
  return {{"paragraph", analysis.paragraph},
          {"claims", claims},
          {"recommendation",
           {{"strategy", recommendation.strategy},
            {"parameters", to_json(recommendation.parameters)},
            {"success_rate", recommendation.success_rate},
            {"support", texts(recommendation.support)}}},
          {"evidence_status", to_string(analysis.evidence_status)},
          {"evidence_gaps", texts(analysis.evidence_gaps)}};
}

std::string explanation_text(const Analysis& analysis, std::size_t width) {
  const std::string text = printable(analysis.paragraph);
  std::string out;
  std::size_t line = 0;  // bytes in the line so far
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    if (line > 0 && line + 1 + (end - begin) > width) {
      out += '\n';
      line = 0;
    } else if (line > 0) {
      out += ' ';
      ++line;
    }
    out.append(text, begin, end - begin);
    line += end - begin;
    begin = end + 1;
  }
  return out + "\n";
}

}  // namespace mend
