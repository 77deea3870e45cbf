#include "knowledge/bm25.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace mend {
namespace {

bool in_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (static_cast<unsigned char>(c) & 0x80U);
}

struct WordCount {
  std::uint64_t word;
  std::uint32_t count;
};

// Sorted by the words' hashes.
std::vector<WordCount> count_words(std::string_view text) {
  constexpr std::size_t kMostWords = 400;  // the end of a long log says what the rest of it only leads to
  std::vector<std::uint64_t> words;
  char word[64];
  std::size_t length = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && in_word(text[i])) {
      if (length < sizeof word) word[length] = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
      ++length;
    } else {
      if (length > 1 && length <= sizeof word) words.push_back(hash64({word, length}));
      length = 0;
    }
  }
  if (words.size() > kMostWords) words.erase(words.begin(), words.end() - std::ptrdiff_t(kMostWords));
  std::ranges::sort(words);
  std::vector<WordCount> counts;
  for (const std::uint64_t hash : words) {
    if (!counts.empty() && counts.back().word == hash) ++counts.back().count;
    else counts.push_back({hash, 1});
  }
  return counts;
}

}  // namespace

std::size_t Bm25Index::add(std::string_view text) {
  const auto document = std::uint32_t(lengths_.size());
  std::uint32_t length = 0;
  auto& words = words_.emplace_back();
  for (const auto& [word, count] : count_words(text)) {
    Postings& postings = postings_[word];
    postings.push_back({document, count});
    words.push_back(&postings);
    length += count;
  }
  lengths_.push_back(length);
  total_length_ += length;
  // With many documents the table is made anew only when it has become too small: a few percent more hardly change a logarithm.
  constexpr std::size_t kFew = 500;
  if (lengths_.size() <= kFew || idf_.size() <= lengths_.size()) {
    const auto n = double(lengths_.size());
    idf_.resize(lengths_.size() + lengths_.size() / 20 + 64);
    for (std::size_t df = 0; df < idf_.size(); ++df)
      idf_[df] = std::log(1.0 + std::max(0.0, n - double(df) + 0.5) / (double(df) + 0.5));
  }
  return document;
}

std::vector<LexicalHit> Bm25Index::search(std::string_view text, std::size_t most) const {
  if (lengths_.empty()) return {};
  constexpr double k1 = 1.2, b = 0.75;
  const double average = std::max(1.0, double(total_length_) / double(lengths_.size()));
  std::vector<LexicalHit> found(lengths_.size());
  double query_weight = 0;
  for (const auto& [word, unused] : count_words(text)) {
    const auto posting = postings_.find(word);
    const double weight = idf_[posting == postings_.end() ? 0 : posting->second.size()];
    query_weight += weight;
    if (posting == postings_.end()) continue;
    for (const auto& [document, count] : posting->second) {
      const double norm = k1 * (1 - b + b * double(lengths_[document]) / average);
      LexicalHit& hit = found[document];
      hit.document = document;
      hit.score += weight * double(count) * (k1 + 1) / (double(count) + norm);
      hit.similarity += weight;
    }
  }
  std::vector<LexicalHit> hits;
  for (const LexicalHit& hit : found)
    if (hit.score > 0) hits.push_back(hit);
  const auto better = [](const LexicalHit& a, const LexicalHit& other) {
    return a.score != other.score ? a.score > other.score : a.document < other.document;
  };
  const std::size_t keep = std::min(most, hits.size());
  std::partial_sort(hits.begin(), hits.begin() + std::ptrdiff_t(keep), hits.end(), better);
  hits.resize(keep);
  for (LexicalHit& hit : hits) {
    double document_weight = 0;
    for (const Postings* postings : words_[hit.document]) document_weight += idf_[postings->size()];
    const double both = query_weight + document_weight;
    hit.similarity = both > 0 ? std::min(1.0, 2 * hit.similarity / both) : 0;
  }
  return hits;
}

}  // namespace mend
