// One pass over a text that says which patterns may occur in it: vectorscan for those with a literal, a look at the shape of
// the bytes for the others.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "redact/secret_pattern.h"

namespace mend {

// Immutable after it was made; any thread may scan.
class PatternScanner {
 public:
  // invalid_input when vectorscan refuses a pattern; the message starts with its kind.
  static Result<std::unique_ptr<PatternScanner>> compile(std::span<const SecretPattern> patterns);
  ~PatternScanner();
  PatternScanner(const PatternScanner&) = delete;
  PatternScanner& operator=(const PatternScanner&) = delete;

  // The indices of the patterns that may match, in ascending order; never leaves one out that does. When the scan itself cannot be
  // done (no memory, a text of 4 GiB or more), that is all of them.
  std::vector<unsigned> candidates(std::string_view text) const;

 private:
  struct Engine;
  explicit PatternScanner(std::unique_ptr<Engine> engine);
  std::unique_ptr<Engine> engine_;
};

}  // namespace mend
