// The knowledge base in memory: seed cases, learned cases and runbook passages, searchable by words and by meaning.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "knowledge/bm25.h"
#include "knowledge/parse.h"
#include "knowledge/semantic_index.h"
#include "model/knowledge.h"
#include "ports/retriever.h"

namespace mend {

// What a thorough search is asked. Everything but the text may be empty.
struct KnowledgeQuery {
  std::string_view normalised;     // as diagnose/prepare.h normalises it
  std::string_view platform;       // experience of the same platform counts for more
  std::string_view job;            // and of the same job
  std::optional<ErrorType> type;   // passages: runbooks about this type come first
  WallTime now;                    // for the age of cases
  std::optional<ErrorType> only_type;  // filters: others are left out
  std::string_view only_platform;
};

template <class Found>
struct KnowledgeAnswer {
  std::vector<Found> found;   // best first
  std::string degraded;       // why meanings were not compared, or not all; empty: they were
};

// Thread-safe: searching, adding and removing may go on at the same time.
class KnowledgeLibrary final : public Retriever {
 public:
  using Normalise = std::function<std::string(std::string_view)>;
  // Without a source of vectors there is lexical search alone. Nothing is read from it before the first thorough search.
  explicit KnowledgeLibrary(Normalise normalise, std::unique_ptr<VectorSource> source = nullptr);

  void add_case(Case past);  // takes the place of a case of the same id
  void add_passage(RunbookPassage passage);
  bool remove_case(const CaseId& id);                // false: there is none
  bool remove_runbook(std::string_view runbook);
  std::optional<Case> find_case(const CaseId& id) const;  // the newer one
  std::optional<RunbookPassage> find_passage(std::string_view runbook, std::string_view section) const;
  std::size_t case_count() const;     // with those that were replaced or removed
  std::size_t passage_count() const;

  // By words alone, microseconds: for every diagnosis.
  std::vector<RetrievedCase> similar_cases(std::string_view normalised, std::string_view platform, std::size_t most) const override;
  std::vector<RetrievedPassage> passages(std::string_view normalised, ErrorType type, std::size_t most) const override;

  // By words and meaning, the two rankings fused (rank_fusion.h) and weighted by outcome, age, platform and job; milliseconds. Without
  // vectors by words alone, and the answer says why.
  KnowledgeAnswer<RetrievedCase> find_cases(const KnowledgeQuery& query, std::size_t most) const;
  KnowledgeAnswer<RetrievedPassage> find_passages(const KnowledgeQuery& query, std::size_t most) const;

  SemanticIndex* semantic() const { return semantic_.get(); }  // null without a source

 private:
  struct Shelved {
    Bm25Index words;
    std::vector<VectorKey> keys;                                       // by document
    std::unordered_map<VectorKey, std::vector<std::size_t>> documents;  // live ones by key, oldest first
    std::vector<bool> gone;                                            // by document: replaced or removed
  };
  struct QueryVector {
    std::optional<PackedVector> vector;
    std::string degraded;
  };
  struct Ranked {
    std::size_t document;
    double score, lexical, cosine;
    std::size_t lexical_rank, vector_rank;
  };
  using Weight = std::function<double(std::size_t document)>;
  using AcceptDocument = std::function<bool(std::size_t document)>;

  std::size_t shelve(Shelved& shelf, Shelf which, std::string_view words, std::string meaning);  // with mutex_ held alone
  void take_off(Shelved& shelf, Shelf which, std::size_t document);
  QueryVector vector_of(std::string_view text) const;
  // With mutex_ held.
  std::vector<Ranked> rank(const Shelved& shelf, Shelf which, std::string_view text, const std::optional<PackedVector>& vector,
                           const AcceptDocument& accept, const Weight& weight, std::size_t most) const;

  Normalise normalise_;
  std::unique_ptr<SemanticIndex> semantic_;
  mutable std::shared_mutex mutex_;
  std::vector<Case> cases_;
  Shelved case_shelf_;
  std::unordered_map<std::string, std::size_t> newest_;  // by case id
  std::vector<RunbookPassage> passages_;
  Shelved passage_shelf_;
};

}  // namespace mend
