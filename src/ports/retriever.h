// Finds past cases and runbook passages that resemble an error text.
#pragma once

#include <string_view>
#include <vector>

#include "model/knowledge.h"

namespace mend {

// How it was found, for people who ask why; all 0 where only words were compared, in the order of their weight.
struct RetrievalRanks {
  double score = 0;              // what the order is by
  double lexical = 0;            // similarity of words, in [0, 1]
  double cosine = 0;             // similarity of meaning, in [0, 1]
  std::size_t lexical_rank = 0;  // from 1; 0: not found by its words
  std::size_t vector_rank = 0;   // from 1; 0: not found by its meaning
};

struct RetrievedCase {
  Case past;
  double similarity = 0;  // in [0, 1]
  RetrievalRanks ranks;
};

struct RetrievedPassage {
  RunbookPassage passage;
  double similarity = 0;
  RetrievalRanks ranks;
};

class Retriever {
 public:
  virtual ~Retriever() = default;
  // Best first, at most `most`. `normalised` is the text as diagnose/prepare.h normalises it. Any thread may call.
  virtual std::vector<RetrievedCase> similar_cases(std::string_view normalised, std::string_view platform, std::size_t most) const = 0;
  virtual std::vector<RetrievedPassage> passages(std::string_view normalised, ErrorType type, std::size_t most) const = 0;
};

}  // namespace mend
