// Many patterns in one pass over a text (vectorscan), as a prefilter: it tells which of them may match, RE2 decides.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mend {

// Immutable after it was made; any thread may scan.
class PatternDatabase {
 public:
  struct Pattern {
    std::string text;  // as vectorscan reads it
    unsigned id = 0;   // what scan() tells of it
  };
  struct Options {
    bool ignore_case = false;
    bool lines = false;  // ^ and $ match at lines
  };
  struct Refusal {
    int pattern = -1;  // index of the one that is refused; -1: no single one is
    std::string why;
  };

  // Compiles for this processor family (seconds for thousands of patterns). At least one pattern.
  static std::expected<PatternDatabase, Refusal> compile(std::span<const Pattern> patterns, Options options);
  // From what serialise() gave: milliseconds. corrupt when it does not fit.
  static Result<PatternDatabase> load(std::string_view bytes);
  PatternDatabase(PatternDatabase&&) noexcept;
  PatternDatabase& operator=(PatternDatabase&&) noexcept;
  ~PatternDatabase();

  Result<std::string> serialise() const;
  // Appends the id of every pattern that may match, in no order, some perhaps twice. False when the text could not be looked
  // through (no memory, more than 4 GB): then nothing is known of it.
  bool scan(std::string_view text, std::vector<unsigned>& found) const;

 private:
  struct Engine;
  explicit PatternDatabase(std::unique_ptr<Engine> engine);
  std::unique_ptr<Engine> engine_;
};

}  // namespace mend
