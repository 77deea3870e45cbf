// Signatures: known wordings of errors, as data (catalog/signatures/*.yaml). One scan over the text finds the candidates
// (vectorscan), RE2 confirms each and captures its facts.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/diagnosis.h"

namespace mend {

// How much a hit says. decisive: this text alone settles the type. strong: usually right. hint: tilts.
enum class Strength : unsigned char { hint, strong, decisive };
std::string_view to_string(Strength strength);

struct Signature {
  std::string id;
  std::string platform;
  std::string pattern;      // RE2, case-insensitive, multi-line
  ErrorType type = ErrorType::unknown_error;
  std::string cause;
  Strength strength = Strength::hint;
  bool transient = false;
  std::vector<ErrorType> overrides;  // types whose signatures are silenced when this one hits too
  std::string documented;
  std::vector<std::string> examples, counter_examples;
};

struct SignatureHit {
  std::size_t signature = 0;   // index into signatures()
  std::size_t begin = 0;       // in the text that was matched, bytes
  std::size_t end = 0;
  std::vector<Fact> facts;     // the named captures (see fact_names.h); offsets into the same text
};

// Reads one YAML file of signatures. invalid_input names file, line, signature and what is wrong with it: unknown keys, types and
// causes, duplicate ids, patterns that RE2 refuses or that match nothing at all.
Result<std::vector<Signature>> parse_signatures(std::string_view yaml, std::string_view file_name);

// Immutable after it was made; any thread may match.
class SignatureSet {
 public:
  // Compiles the scanner (seconds for many patterns): done once, at build time.
  static Result<std::unique_ptr<SignatureSet>> compile(std::vector<Signature> signatures);
  // From what serialise() gave: milliseconds. corrupt when it does not fit.
  static Result<std::unique_ptr<SignatureSet>> load(std::vector<Signature> signatures, std::string_view scanner);
  ~SignatureSet();
  SignatureSet(const SignatureSet&) = delete;
  SignatureSet& operator=(const SignatureSet&) = delete;

  Result<std::string> serialise() const;
  const std::vector<Signature>& signatures() const { return signatures_; }

  // Every signature that matches, in the order of the set, each with its first match.
  std::vector<SignatureHit> match(std::string_view text) const;
  // One signature alone; for facts of a diagnosis that is known already.
  bool match_one(std::size_t index, std::string_view text, SignatureHit& hit) const;

 private:
  struct Engine;
  SignatureSet(std::vector<Signature> signatures, std::unique_ptr<Engine> engine);
  std::vector<Signature> signatures_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace mend
