// Finds past cases and runbook passages that resemble an error text.
#pragma once

#include <string_view>
#include <vector>

#include "model/knowledge.h"

namespace mend {

struct RetrievedCase {
  Case past;
  double similarity = 0;  // in [0, 1]
};

struct RetrievedPassage {
  RunbookPassage passage;
  double similarity = 0;
};

class Retriever {
 public:
  virtual ~Retriever() = default;
  // Best first, at most `most`. `normalised` is the text as diagnose/prepare.h normalises it. Any thread may call.
  virtual std::vector<RetrievedCase> similar_cases(std::string_view normalised, std::string_view platform, std::size_t most) const = 0;
  virtual std::vector<RetrievedPassage> passages(std::string_view normalised, ErrorType type, std::size_t most) const = 0;
};

}  // namespace mend
