#include "knowledge/library.h"

#include <algorithm>
#include <mutex>

namespace mend {

void KnowledgeLibrary::add_case(Case past) {
  const std::string text = normalise_(past.error_message) + " " + past.platform;
  std::unique_lock lock(mutex_);
  newest_[past.id.str()] = case_index_.add(text);
  cases_.push_back(std::move(past));
}

void KnowledgeLibrary::add_passage(RunbookPassage passage) {
  const std::string text = normalise_(passage.title + "\n" + passage.section + "\n" + passage.text);
  std::unique_lock lock(mutex_);
  passage_index_.add(text);
  passages_.push_back(std::move(passage));
}

std::optional<Case> KnowledgeLibrary::find_case(const CaseId& id) const {
  std::shared_lock lock(mutex_);
  const auto found = newest_.find(id.str());
  if (found == newest_.end()) return std::nullopt;
  return cases_[found->second];
}

std::optional<RunbookPassage> KnowledgeLibrary::find_passage(std::string_view runbook, std::string_view section) const {
  std::shared_lock lock(mutex_);
  for (const RunbookPassage& passage : passages_)
    if (passage.runbook == runbook && passage.section == section) return passage;
  return std::nullopt;
}

std::size_t KnowledgeLibrary::case_count() const {
  std::shared_lock lock(mutex_);
  return cases_.size();
}

std::size_t KnowledgeLibrary::passage_count() const {
  std::shared_lock lock(mutex_);
  return passages_.size();
}

std::vector<RetrievedCase> KnowledgeLibrary::similar_cases(std::string_view normalised, std::string_view platform, std::size_t most) const {
  std::shared_lock lock(mutex_);
  std::vector<RetrievedCase> out;
  auto hits = case_index_.search(normalised, most * 4);
  // The same platform's experience counts for more; ties go to the newer case.
  for (auto& hit : hits)
    if (!platform.empty() && cases_[hit.document].platform == platform) hit.score *= 1.25;
  std::ranges::stable_sort(hits, [](const LexicalHit& a, const LexicalHit& b) {
    return a.score != b.score ? a.score > b.score : a.document > b.document;
  });
  for (const auto& hit : hits) {
    if (out.size() == most) break;
    if (newest_.at(cases_[hit.document].id.str()) != hit.document) continue;
    out.push_back({cases_[hit.document], hit.similarity});
  }
  return out;
}

std::vector<RetrievedPassage> KnowledgeLibrary::passages(std::string_view normalised, ErrorType type, std::size_t most) const {
  std::shared_lock lock(mutex_);
  auto hits = passage_index_.search(normalised, most * 6);
  // A runbook that says it is about this type is the likelier help.
  for (auto& hit : hits)
    if (std::ranges::find(passages_[hit.document].error_types, to_string(type)) != passages_[hit.document].error_types.end()) hit.score *= 2;
  std::ranges::stable_sort(hits, std::ranges::greater{}, &LexicalHit::score);
  std::vector<RetrievedPassage> out;
  for (const auto& hit : hits) {
    if (out.size() == most) break;
    out.push_back({passages_[hit.document], hit.similarity});
  }
  return out;
}

}  // namespace mend
