// Lexical search: Okapi BM25 (Robertson and Zaragoza 2009, k1 = 1.2, b = 0.75) over short documents.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mend {

struct LexicalHit {
  std::size_t document = 0;
  double score = 0;       // BM25
  double similarity = 0;  // shared weight of words over all of both (weighted Dice), in [0, 1]: comparable between queries
};

// Not thread-safe while adding; any number of threads may search.
class Bm25Index {
 public:
  // Returns the document's number, from 0.
  std::size_t add(std::string_view text);
  std::size_t size() const { return lengths_.size(); }
  std::vector<LexicalHit> search(std::string_view text, std::size_t most) const;

 private:
  struct Posting {
    std::uint32_t document;
    std::uint32_t count;
  };
  using Postings = std::vector<Posting>;

  std::unordered_map<std::uint64_t, Postings> postings_;  // by the word's hash; nodes stay where they are
  std::vector<std::uint32_t> lengths_;
  std::vector<std::vector<const Postings*>> words_;       // of each document, each once
  std::vector<double> idf_;                               // inverse document frequency by the number of documents with the word
  std::uint64_t total_length_ = 0;
};

}  // namespace mend
