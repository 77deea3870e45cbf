#include "diagnose/signatures.h"

#include <mutex>

#include <re2/re2.h>

#include "diagnose/fact_names.h"
#include "diagnose/pattern_scan.h"

namespace mend {

std::string_view to_string(Strength strength) {
  switch (strength) {
    case Strength::hint: return "hint";
    case Strength::strong: return "strong";
    case Strength::decisive: return "decisive";
  }
  return "hint";
}

struct SignatureSet::Engine {
  explicit Engine(PatternScan made) : scan(std::move(made)) {}

  PatternScan scan;
  mutable std::mutex mutex;                                  // guards `compiled`
  mutable std::vector<std::shared_ptr<const RE2>> compiled;  // by signature; made at its first hit

  std::shared_ptr<const RE2> pattern(std::size_t index, const Signature& signature) const {
    {
      std::lock_guard lock(mutex);
      if (compiled[index]) return compiled[index];
    }
    RE2::Options options;
    options.set_log_errors(false);
    auto made = std::make_shared<const RE2>("(?im)" + signature.pattern, options);
    std::lock_guard lock(mutex);
    if (!compiled[index]) compiled[index] = std::move(made);
    return compiled[index];
  }
};

SignatureSet::SignatureSet(std::vector<Signature> signatures, std::unique_ptr<Engine> engine)
    : signatures_(std::move(signatures)), engine_(std::move(engine)) {
  engine_->compiled.resize(signatures_.size());
}
SignatureSet::~SignatureSet() = default;

Result<std::unique_ptr<SignatureSet>> SignatureSet::compile(std::vector<Signature> signatures) {
  std::vector<PatternScan::Pattern> patterns;
  for (const auto& signature : signatures) patterns.push_back({"signature " + signature.id, signature.pattern});
  MEND_TRY(auto scan, PatternScan::compile(patterns));
  return std::unique_ptr<SignatureSet>(new SignatureSet(std::move(signatures), std::make_unique<Engine>(std::move(scan))));
}

Result<std::unique_ptr<SignatureSet>> SignatureSet::load(std::vector<Signature> signatures, std::string_view scanner) {
  MEND_TRY(auto scan, PatternScan::load(scanner, "the signature scanner"));
  return std::unique_ptr<SignatureSet>(new SignatureSet(std::move(signatures), std::make_unique<Engine>(std::move(scan))));
}

Result<std::string> SignatureSet::serialise() const { return engine_->scan.serialise(); }

bool SignatureSet::match_one(std::size_t index, std::string_view text, SignatureHit& hit) const {
  const auto pattern = engine_->pattern(index, signatures_[index]);
  if (!pattern->ok()) return false;
  const int groups = pattern->NumberOfCapturingGroups();
  std::vector<re2::StringPiece> found(std::size_t(groups) + 1);
  const re2::StringPiece piece(text.data(), text.size());
  if (!pattern->Match(piece, 0, text.size(), RE2::UNANCHORED, found.data(), groups + 1)) return false;
  hit.signature = index;
  hit.begin = std::size_t(found[0].data() - text.data());
  hit.end = hit.begin + found[0].size();
  hit.facts.clear();
  for (const auto& [number, name] : pattern->CapturingGroupNames()) {
    const auto& value = found[std::size_t(number)];
    if (value.data() == nullptr || value.empty() || value.size() > kMostFactBytes) continue;
    hit.facts.push_back({std::string(fact_name_of_group(name)), std::string(value.data(), value.size()), std::size_t(value.data() - text.data())});
  }
  return true;
}

std::vector<SignatureHit> SignatureSet::match(std::string_view text) const {
  std::vector<SignatureHit> hits;
  if (text.empty() || signatures_.empty()) return hits;
  for (const unsigned id : engine_->scan.candidates(text)) {
    if (id >= signatures_.size()) break;  // a scanner that was made of more signatures than these
    SignatureHit hit;
    if (match_one(id, text, hit)) hits.push_back(std::move(hit));
  }
  return hits;
}

}  // namespace mend
