// Doubts (catalog/doubts.yaml): wordings that say an error is only mentioned - in a comment, a test report, a manual, a tale of
// success - and not reported. They never change the type of a diagnosis; they keep it from being acted on without a person.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "diagnose/prepare.h"

namespace mend {

enum class DoubtScope : unsigned char {
  line,     // what this line says is only mentioned
  text,     // the whole text reports nothing
  success,  // what was said up to this line is over
  failure,  // and this takes a success back
};

struct Doubt {
  std::string id;
  DoubtScope scope = DoubtScope::line;
  std::string note;     // why, as the second half of a sentence
  std::string pattern;  // RE2, case-insensitive, multi-line
  std::vector<std::string> examples, counter_examples;
};

// invalid_input names file, line and what is wrong: unknown keys and scopes, duplicate ids, patterns that RE2 refuses.
Result<std::vector<Doubt>> parse_doubts(std::string_view yaml, std::string_view file_name);

// Where in PreparedText::focus a sign of the diagnosed type stands (a claim), in bytes.
struct TextSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Immutable after it was made; any thread may ask.
class DoubtSet {
 public:
  static Result<std::unique_ptr<DoubtSet>> compile(std::vector<Doubt> doubts);
  ~DoubtSet();
  DoubtSet(const DoubtSet&) = delete;
  DoubtSet& operator=(const DoubtSet&) = delete;

  const std::vector<Doubt>& doubts() const { return doubts_; }
  // Why nothing should be done on the strength of these claims alone; empty when one of them at least stands free of doubt.
  // Without claims every line that could tell the cause is one.
  std::string judge(const PreparedText& text, std::span<const TextSpan> claims) const;

 private:
  struct Engine;
  DoubtSet(std::vector<Doubt> doubts, std::unique_ptr<Engine> engine);
  std::vector<Doubt> doubts_;
  std::unique_ptr<Engine> engine_;
};

// The same few words again and again, or next to no words at all: too little to act on. `firm`: a known wording was found, which
// may be short.
std::string judge_substance(const PreparedText& text, bool firm);

}  // namespace mend
