#include "knowledge/bm25.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace mend {
namespace {

bool in_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (static_cast<unsigned char>(c) & 0x80U);
}

std::map<std::string, std::uint32_t> count_words(std::string_view text) {
  constexpr std::size_t kMostWords = 400;  // the end of a long log says what the rest of it only leads to
  std::vector<std::string> words;
  std::string word;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && in_word(text[i])) {
      word += text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    } else if (!word.empty()) {
      if (word.size() > 1 && word.size() < 60) words.push_back(word);
      word.clear();
    }
  }
  std::map<std::string, std::uint32_t> counts;
  for (std::size_t i = words.size() > kMostWords ? words.size() - kMostWords : 0; i < words.size(); ++i) ++counts[words[i]];
  return counts;
}

}  // namespace

double Bm25Index::idf(std::size_t documents_with_it) const {
  const auto n = double(lengths_.size()), df = double(documents_with_it);
  return std::log(1.0 + (n - df + 0.5) / (df + 0.5));
}

std::size_t Bm25Index::add(std::string_view text) {
  const auto document = std::uint32_t(lengths_.size());
  std::uint32_t length = 0;
  auto& words = words_.emplace_back();
  for (const auto& [word, count] : count_words(text)) {
    postings_[word].push_back({document, count});
    words.push_back(word);
    length += count;
  }
  lengths_.push_back(length);
  total_length_ += length;
  return document;
}

std::vector<LexicalHit> Bm25Index::search(std::string_view text, std::size_t most) const {
  if (lengths_.empty()) return {};
  constexpr double k1 = 1.2, b = 0.75;
  const double average = std::max(1.0, double(total_length_) / double(lengths_.size()));
  std::unordered_map<std::uint32_t, LexicalHit> found;
  double query_weight = 0;
  for (const auto& [word, unused] : count_words(text)) {
    const auto posting = postings_.find(word);
    const double weight = idf(posting == postings_.end() ? 0 : posting->second.size());
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
  for (const auto& [document, hit] : found) hits.push_back(hit);
  const auto better = [](const LexicalHit& a, const LexicalHit& other) {
    return a.score != other.score ? a.score > other.score : a.document < other.document;
  };
  const std::size_t keep = std::min(most, hits.size());
  std::partial_sort(hits.begin(), hits.begin() + std::ptrdiff_t(keep), hits.end(), better);
  hits.resize(keep);
  for (LexicalHit& hit : hits) {
    double document_weight = 0;
    for (const auto& word : words_[hit.document]) document_weight += idf(postings_.at(word).size());
    const double both = query_weight + document_weight;
    hit.similarity = both > 0 ? std::min(1.0, 2 * hit.similarity / both) : 0;
  }
  return hits;
}

}  // namespace mend
