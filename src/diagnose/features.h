// Text as numbers: hashed word and character n-grams, signature hits, platform. The same code for training and for use.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "diagnose/prepare.h"
#include "diagnose/signatures.h"

namespace mend {

inline constexpr unsigned kFeatureBits = 18;
inline constexpr std::uint32_t kFeatureCount = 1U << kFeatureBits;

struct Feature {
  std::uint32_t index;
  float value;
};

// What a set of hits says together: silenced ones (see Signature::overrides) are left out.
struct HitView {
  std::span<const SignatureHit> hits;
  std::vector<bool> silenced;  // as long as hits
};
HitView judge_hits(const SignatureSet& set, std::span<const SignatureHit> hits);

// In no particular order, for the same input always the same. The n-grams together have length 1, the hits are added beside them with their own weight.
std::vector<Feature> make_features(const PreparedText& text, std::string_view platform, const SignatureSet& set, const HitView& hits);

}  // namespace mend
