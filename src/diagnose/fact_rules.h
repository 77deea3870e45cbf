// Fact rules: what stands in many errors whoever prints them ("user=x", "s3://bucket/key", "Status Code: 403"), as data
// (catalog/facts.yaml). Signatures capture what is particular to their wording, these rules the rest.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "diagnose/prepare.h"
#include "model/diagnosis.h"

namespace mend {

struct FactRule {
  std::string pattern;            // RE2, case-insensitive, multi-line; its named groups are the facts
  bool frames = false;            // looks at stack frames and the source lines under them too
  std::vector<std::string> near;  // one of these words must stand in the text, in lower case; empty: no condition
  std::string refuse;             // RE2 for a whole value that is none; empty: any value will do
  std::size_t line = 0;           // of the file, for messages
  // Texts in which the values are marked by « and »; and texts in which the rule finds nothing.
  std::vector<std::string> examples, counter_examples;
};

// Reads catalog/facts.yaml ("{{name}}" in a pattern stands for the pattern of that name under `parts`). invalid_input names file, line and
// what is wrong: unknown keys and fact names, patterns that RE2 refuses, that match the empty text or capture nothing, rules without an
// example.
Result<std::vector<FactRule>> parse_fact_rules(std::string_view yaml, std::string_view file_name);

// The rules as the model file keeps them (without examples), and back. corrupt when it is not that.
std::string fact_rules_to_json(std::span<const FactRule> rules);
Result<std::vector<FactRule>> fact_rules_from_json(std::string_view json);

// Immutable after it was made; any thread may find.
class FactRules {
 public:
  // Compiles the scanner: done once, at build time.
  static Result<std::unique_ptr<FactRules>> compile(std::vector<FactRule> rules);
  // From what serialise() gave: milliseconds. corrupt when it does not fit.
  static Result<std::unique_ptr<FactRules>> load(std::vector<FactRule> rules, std::string_view scanner);
  ~FactRules();
  FactRules(const FactRules&) = delete;
  FactRules& operator=(const FactRules&) = delete;

  Result<std::string> serialise() const;
  const std::vector<FactRule>& rules() const { return rules_; }

  // One fact for each name that `known` does not have yet; offsets into text.clean. The rule that stands first in the file wins, then
  // a root line over other lines, then the earlier place. Of long texts the beginning, the end and root lines are read. Pure.
  std::vector<Fact> find(const PreparedText& text, std::span<const Fact> known) const;
  // What one rule finds in the whole of a text, for its examples.
  std::vector<Fact> find_by(std::size_t rule, const PreparedText& text) const;

 private:
  struct Engine;
  FactRules(std::vector<FactRule> rules, std::unique_ptr<Engine> engine);
  std::vector<FactRule> rules_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace mend
