#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "diagnose/prepare.h"
#include "main/diagnosis_engine.h"

namespace mend {
namespace {

constexpr std::size_t kCases = 5, kPassages = 3;
constexpr std::size_t kMostText = 160;  // bytes of a resolution
constexpr std::string_view kNoCaseGap = "no past case resembles this error closely";
constexpr double kAlike = 0.7;  // cosine or shared words from which that is not said

}  // namespace

void deepen(Diagnosis& diagnosis, const DiagnosisRequest& request, const JobId& job, const KnowledgeLibrary& library, WallTime now) {
  const PreparedText text = prepare_text(request.text);
  KnowledgeQuery query;
  query.normalised = text.normal_roots.empty() ? text.normal : text.normal_roots;
  if (trim(query.normalised).empty()) return;
  query.platform = request.platform;
  query.job = job.str();
  query.type = diagnosis.type;
  query.now = now;
  const auto cases = library.find_cases(query, kCases);
  const auto passages = library.find_passages(query, kPassages);
  std::erase_if(diagnosis.evidence,
                [](const Evidence& one) { return one.kind == EvidenceKind::similar_case || one.kind == EvidenceKind::runbook; });
  bool case_agrees = false;
  for (const RetrievedCase& found : cases.found) {
    case_agrees = case_agrees || (found.similarity >= kAlike && found.past.error_type == diagnosis.type);
    diagnosis.evidence.push_back({EvidenceKind::similar_case, found.past.id.str(),
                                  fmt::format("{} -> {}: {}", to_string(found.past.error_type), found.past.resolution_strategy,
                                              cut_utf8(found.past.resolution, kMostText)),
                                  found.similarity});
  }
  for (const RetrievedPassage& found : passages.found)
    diagnosis.evidence.push_back({EvidenceKind::runbook, found.passage.runbook + "#" + found.passage.section,
                                  found.passage.title + ": " + found.passage.section, found.similarity});
  if (case_agrees) std::erase(diagnosis.evidence_gaps, kNoCaseGap);
  if (!cases.degraded.empty()) diagnosis.notes.push_back(cases.degraded);
}

}  // namespace mend
