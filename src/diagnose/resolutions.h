// What a free text about a past repair means in the words of the strategy registry. The rules are data: catalog/resolutions.yaml.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/strategy.h"

namespace mend {

struct ResolutionExample {
  std::string text;
  std::map<std::string, std::string> parameters;  // that must be read from it, at least
};

struct ResolutionRule {
  std::string id;
  std::string strategy;  // one of the registry
  std::string pattern;   // RE2, case-insensitive; its named captures are parameters
  std::vector<ResolutionExample> examples;
  std::vector<std::string> counter_examples;
};

struct MappedResolution {
  std::string rule;  // id
  std::string strategy;
  std::map<std::string, std::string> parameters;  // short, on one line; as the text has them
};

// Immutable after parsing; any thread may map.
class ResolutionRules {
 public:
  // Every rule's strategy must be one of `strategies`, and no capture may have the name of one of its parameters: what a text
  // says can describe a repair, never set how far one goes. invalid_input names file, line and rule.
  static Result<ResolutionRules> parse(std::string_view yaml, std::string_view file_name, std::span<const Strategy> strategies);
  ResolutionRules(ResolutionRules&&) noexcept;
  ResolutionRules& operator=(ResolutionRules&&) noexcept;
  ~ResolutionRules();

  const std::vector<ResolutionRule>& rules() const { return rules_; }

  // The first rule in the file's order that a sentence of the text fits without being negated; the other fitting rules of its
  // strategy add parameters that are still missing. Nothing when none fits. Only the first 4 KiB are read.
  std::optional<MappedResolution> map(std::string_view text) const;

 private:
  struct Engine;
  ResolutionRules(std::vector<ResolutionRule> rules, std::unique_ptr<Engine> engine);
  std::vector<ResolutionRule> rules_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace mend
