#include "knowledge/library.h"

#include <algorithm>
#include <mutex>

namespace mend {

KnowledgeLibrary::KnowledgeLibrary(Normalise normalise, std::unique_ptr<VectorSource> source)
    : normalise_(std::move(normalise)), semantic_(source ? std::make_unique<SemanticIndex>(std::move(source)) : nullptr) {}

std::size_t KnowledgeLibrary::shelve(Shelved& shelf, Shelf which, std::string_view words, std::string meaning) {
  const std::size_t document = shelf.words.add(words);
  VectorKey key = 0;
  if (semantic_) {
    key = semantic_->add(which, std::move(meaning));
    shelf.documents[key].push_back(document);
  }
  shelf.keys.push_back(key);
  shelf.gone.push_back(false);
  return document;
}

void KnowledgeLibrary::take_off(Shelved& shelf, Shelf which, std::size_t document) {
  shelf.gone[document] = true;
  if (!semantic_) return;
  const auto sharing = shelf.documents.find(shelf.keys[document]);
  if (sharing == shelf.documents.end()) return;
  std::erase(sharing->second, document);
  if (!sharing->second.empty()) return;
  semantic_->remove(which, sharing->first);
  shelf.documents.erase(sharing);
}

void KnowledgeLibrary::add_case(Case past) {
  std::string meaning = normalise_(past.error_message);
  const std::string words = meaning + " " + past.platform;
  std::unique_lock lock(mutex_);
  const std::size_t document = shelve(case_shelf_, Shelf::cases, words, std::move(meaning));
  const auto [newest, added] = newest_.emplace(past.id.str(), document);
  if (!added) {
    take_off(case_shelf_, Shelf::cases, newest->second);
    newest->second = document;
  }
  cases_.push_back(std::move(past));
}

void KnowledgeLibrary::add_passage(RunbookPassage passage) {
  std::string text = normalise_(passage.title + "\n" + passage.section + "\n" + passage.text);
  std::unique_lock lock(mutex_);
  shelve(passage_shelf_, Shelf::passages, text, text);
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
  for (std::size_t i = 0; i < passages_.size(); ++i)
    if (!passage_shelf_.gone[i] && passages_[i].runbook == runbook && passages_[i].section == section) return passages_[i];
  return std::nullopt;
}

bool KnowledgeLibrary::remove_case(const CaseId& id) {
  std::unique_lock lock(mutex_);
  const auto newest = newest_.find(id.str());
  if (newest == newest_.end()) return false;
  take_off(case_shelf_, Shelf::cases, newest->second);
  newest_.erase(newest);
  return true;
}

bool KnowledgeLibrary::remove_runbook(std::string_view runbook) {
  std::unique_lock lock(mutex_);
  bool found = false;
  for (std::size_t i = 0; i < passages_.size(); ++i) {
    if (passage_shelf_.gone[i] || passages_[i].runbook != runbook) continue;
    take_off(passage_shelf_, Shelf::passages, i);
    found = true;
  }
  return found;
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
  auto hits = case_shelf_.words.search(normalised, most * 4);
  // The same platform's experience counts for more; ties go to the newer case.
  for (auto& hit : hits)
    if (!platform.empty() && cases_[hit.document].platform == platform) hit.score *= 1.25;
  std::ranges::stable_sort(hits, [](const LexicalHit& a, const LexicalHit& b) {
    return a.score != b.score ? a.score > b.score : a.document > b.document;
  });
  for (const auto& hit : hits) {
    if (out.size() == most) break;
    if (case_shelf_.gone[hit.document]) continue;
    out.push_back({cases_[hit.document], hit.similarity, {}});
  }
  return out;
}

std::vector<RetrievedPassage> KnowledgeLibrary::passages(std::string_view normalised, ErrorType type, std::size_t most) const {
  std::shared_lock lock(mutex_);
  auto hits = passage_shelf_.words.search(normalised, most * 6);
  // A runbook that says it is about this type is the likelier help.
  for (auto& hit : hits)
    if (std::ranges::find(passages_[hit.document].error_types, to_string(type)) != passages_[hit.document].error_types.end()) hit.score *= 2;
  std::ranges::stable_sort(hits, std::ranges::greater{}, &LexicalHit::score);
  std::vector<RetrievedPassage> out;
  for (const auto& hit : hits) {
    if (out.size() == most) break;
    if (passage_shelf_.gone[hit.document]) continue;
    out.push_back({passages_[hit.document], hit.similarity, {}});
  }
  return out;
}

}  // namespace mend
