#include "diagnose/features.h"

#include <algorithm>
#include <bit>
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

// Counts features by index: an open-addressing table, since sorting thousands of n-grams would cost more than all the rest.
class Bag {
 public:
  explicit Bag(std::size_t expected) : slots_(std::bit_ceil(std::max<std::size_t>(2 * expected, 64)), kEmpty), counts_(slots_.size()) {}

  void add(std::uint32_t index) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = index * 2654435761U & mask;
    while (slots_[at] != kEmpty && slots_[at] != index) at = (at + 1) & mask;
    if (slots_[at] == kEmpty) {
      slots_[at] = index;
      order_.push_back(std::uint32_t(at));
    }
    ++counts_[at];
  }

  // Counts become 1 + log(count), then the length becomes `length`. In the order in which they were added first.
  std::vector<Feature> counted(float length) const {
    std::vector<Feature> out;
    out.reserve(order_.size() + 64);
    double square = 0;
    for (const std::uint32_t at : order_) {
      const float value = counts_[at] == 1 ? 1.0F : 1.0F + std::log(float(counts_[at]));
      square += double(value) * value;
      out.push_back({slots_[at], value});
    }
    const float scale = square > 0 ? length / float(std::sqrt(square)) : 0.0F;
    for (Feature& feature : out) feature.value *= scale;
    return out;
  }

 private:
  static constexpr std::uint32_t kEmpty = 0xFFFFFFFFU;
  std::vector<std::uint32_t> slots_;
  std::vector<std::uint32_t> counts_;
  std::vector<std::uint32_t> order_;
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
    bag.add(bucket(word, one));
    if (!previous.empty()) {
      pair.assign(previous);
      pair += ' ';
      pair += word;
      bag.add(bucket(pair, two));
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
      bag.add(bucket(text.substr(at, length), 10 + length));
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
  std::string_view all = text.normal;
  if (all.size() > kMostNgramBytes) all.remove_prefix(all.size() - kMostNgramBytes);
  std::string_view roots = text.normal_roots;
  if (roots.size() > kMostNgramBytes) roots.remove_prefix(roots.size() - kMostNgramBytes);
  // At most two word features and three character features a byte of a root line.
  Bag ngrams(all.size() / 2 + 4 * (roots.empty() ? all.size() : roots.size()));
  add_words(ngrams, all, 1, 2);
  add_words(ngrams, roots, 3, 4);
  add_characters(ngrams, roots.empty() ? all : roots);
  std::vector<Feature> out = ngrams.counted(1.0F);

  // Hits and platform stand beside the n-grams; an index that two of them share is rare and harmless.
  std::vector<Feature> rest;
  const auto add = [&](std::uint32_t index, float value) {
    for (Feature& feature : rest)
      if (feature.index == index) {
        feature.value = std::max(feature.value, value);
        return;
      }
    rest.push_back({index, value});
  };
  if (!platform.empty()) add(bucket(platform, 20), 0.1F);
  for (std::size_t i = 0; i < hits.hits.size(); ++i) {
    if (hits.silenced[i]) continue;
    const Signature& signature = set.signatures()[hits.hits[i].signature];
    const float weight = kHitWeight * (signature.strength == Strength::decisive ? 1.0F : signature.strength == Strength::strong ? 0.7F : 0.4F);
    add(bucket(signature.id, 21), weight * 0.5F);
    add(bucket(signature.cause, 22), weight * 0.7F);
    std::string kind(to_string(signature.type));
    kind += ':';
    kind += to_string(signature.strength);
    add(bucket(kind, 23), weight);
  }
  std::ranges::move(rest, std::back_inserter(out));
  return out;
}

}  // namespace mend
