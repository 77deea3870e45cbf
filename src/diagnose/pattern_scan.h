// One scan over a text that tells which of many patterns can match in it: the cheap step before RE2 (signatures, fact rules).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scan/pattern_database.h"

namespace mend {

// Immutable after it was made; any thread may scan.
class PatternScan {
 public:
  struct Pattern {
    std::string name;     // for messages
    std::string pattern;  // RE2 with named groups
  };

  // Compiles for this processor family (seconds for thousands of patterns). invalid_input names the pattern that is refused.
  static Result<PatternScan> compile(const std::vector<Pattern>& patterns);
  // From what serialise() gave: milliseconds. corrupt, naming `what`, when it does not fit.
  static Result<PatternScan> load(std::string_view bytes, std::string_view what);

  Result<std::string> serialise() const;
  // Indices of the patterns that may match, without case and with ^ and $ at lines, ascending, each once. It may name one that does
  // not match after all, it never leaves out one that does.
  std::vector<unsigned> candidates(std::string_view text) const;

 private:
  explicit PatternScan(PatternDatabase database);
  PatternDatabase database_;
};

}  // namespace mend
