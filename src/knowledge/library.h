// The knowledge base in memory: seed cases, learned cases and runbook passages, searchable.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "knowledge/bm25.h"
#include "model/knowledge.h"
#include "ports/retriever.h"

namespace mend {

// Cases as one JSON object a line. invalid_input names file, line and field.
Result<std::vector<Case>> parse_cases(std::string_view ndjson, std::string_view file_name);
// A Markdown runbook with YAML front matter (id, title, error_types, platforms, strategies), cut at its "## " headings.
Result<std::vector<RunbookPassage>> parse_runbook(std::string_view markdown, std::string_view file_name);

// Thread-safe: searching and adding may go on at the same time.
class KnowledgeLibrary final : public Retriever {
 public:
  using Normalise = std::function<std::string(std::string_view)>;
  explicit KnowledgeLibrary(Normalise normalise) : normalise_(std::move(normalise)) {}

  void add_case(Case past);  // a case of the same id is kept beside it; the newer one wins in a search
  void add_passage(RunbookPassage passage);
  std::optional<Case> find_case(const CaseId& id) const;  // the newer one
  std::optional<RunbookPassage> find_passage(std::string_view runbook, std::string_view section) const;
  std::size_t case_count() const;
  std::size_t passage_count() const;

  std::vector<RetrievedCase> similar_cases(std::string_view normalised, std::string_view platform, std::size_t most) const override;
  std::vector<RetrievedPassage> passages(std::string_view normalised, ErrorType type, std::size_t most) const override;

 private:
  Normalise normalise_;
  mutable std::shared_mutex mutex_;
  std::vector<Case> cases_;
  Bm25Index case_index_;
  std::unordered_map<std::string, std::size_t> newest_;  // by case id
  std::vector<RunbookPassage> passages_;
  Bm25Index passage_index_;
};

}  // namespace mend
