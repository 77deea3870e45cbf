#include "diagnose/features.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace mend {
namespace {

// Text longer than this adds nothing to the n-grams (the end of it is kept: there the failure is told).
constexpr std::size_t kMostNgramBytes = 6000;
constexpr float kHitWeight = 0.6F;  // of one decisive hit, beside n-grams of length 1 together

bool in_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '#' || c == '<' || c == '>' || (static_cast<unsigned char>(c) & 0x80U);
}

std::uint32_t bucket(std::string_view text, std::uint64_t kind) { return std::uint32_t(hash64(text, kind) >> (64 - kFeatureBits)); }

class Bag {
 public:
  void add(std::uint32_t index, float value) { items_.push_back({index, value}); }
  // Counts become 1 + log(count), then the length becomes `length`.
  std::vector<Feature> counted(float length) {
    std::ranges::sort(items_, {}, &Feature::index);
    std::vector<Feature> out;
    for (const Feature& item : items_) {
      if (!out.empty() && out.back().index == item.index) out.back().value += item.value;
      else out.push_back(item);
    }
    double square = 0;
    for (Feature& feature : out) {
      feature.value = 1.0F + std::log(feature.value);
      square += double(feature.value) * feature.value;
    }
    const float scale = square > 0 ? length / float(std::sqrt(square)) : 0.0F;
    for (Feature& feature : out) feature.value *= scale;
    return out;
  }

 private:
  std::vector<Feature> items_;
};

void add_words(Bag& bag, std::string_view text, std::uint64_t one, std::uint64_t two) {
  std::string_view previous;
  std::string pair;
  std::size_t at = 0;
  while (at < text.size()) {
    while (at < text.size() && !in_word(text[at])) {
      if (text[at] == '\n') previous = {};
      ++at;
    }
    std::size_t end = at;
    while (end < text.size() && in_word(text[end])) ++end;
    if (end == at) break;
    const std::string_view word = text.substr(at, end - at);
    bag.add(bucket(word, one), 1);
    if (!previous.empty()) {
      pair.assign(previous);
      pair += ' ';
      pair += word;
      bag.add(bucket(pair, two), 1);
    }
    previous = word;
    at = end;
  }
}

void add_characters(Bag& bag, std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\n') continue;
    for (std::size_t length = 3; length <= 5 && at + length <= text.size(); ++length) {
      if (text[at + length - 1] == '\n') break;
      bag.add(bucket(text.substr(at, length), 10 + length), 1);
    }
  }
}

}  // namespace

HitView judge_hits(const SignatureSet& set, std::span<const SignatureHit> hits) {
  HitView view{hits, std::vector<bool>(hits.size(), false)};
  for (const SignatureHit& winner : hits) {
    const Signature& root = set.signatures()[winner.signature];
    for (const ErrorType type : root.overrides)
      for (std::size_t i = 0; i < hits.size(); ++i) {
        const Signature& other = set.signatures()[hits[i].signature];
        // A weaker wording does not silence a stronger one.
        if (other.type == type && type != root.type && other.strength <= root.strength) view.silenced[i] = true;
      }
  }
  return view;
}

std::vector<Feature> make_features(const PreparedText& text, std::string_view platform, const SignatureSet& set, const HitView& hits) {
  Bag ngrams;
  std::string_view all = text.normal;
  if (all.size() > kMostNgramBytes) all.remove_prefix(all.size() - kMostNgramBytes);
  std::string_view roots = text.normal_roots;
  if (roots.size() > kMostNgramBytes) roots.remove_prefix(roots.size() - kMostNgramBytes);
  add_words(ngrams, all, 1, 2);
  add_words(ngrams, roots, 3, 4);
  add_characters(ngrams, roots.empty() ? all : roots);
  std::vector<Feature> out = ngrams.counted(1.0F);

  if (!platform.empty()) out.push_back({bucket(platform, 20), 0.1F});
  for (std::size_t i = 0; i < hits.hits.size(); ++i) {
    if (hits.silenced[i]) continue;
    const Signature& signature = set.signatures()[hits.hits[i].signature];
    const float weight = kHitWeight * (signature.strength == Strength::decisive ? 1.0F : signature.strength == Strength::strong ? 0.7F : 0.4F);
    out.push_back({bucket(signature.id, 21), weight * 0.5F});
    out.push_back({bucket(signature.cause, 22), weight * 0.7F});
    std::string kind(to_string(signature.type));
    kind += ':';
    kind += to_string(signature.strength);
    out.push_back({bucket(kind, 23), weight});
  }
  std::ranges::sort(out, {}, &Feature::index);
  std::vector<Feature> merged;
  for (const Feature& feature : out) {
    if (!merged.empty() && merged.back().index == feature.index) merged.back().value = std::max(merged.back().value, feature.value);
    else merged.push_back(feature);
  }
  return merged;
}

}  // namespace mend
