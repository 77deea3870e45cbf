// Values after "password=", "token: " and the like: where they end, and whether they are a secret at all.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "redact/secret_pattern.h"

namespace mend {

struct FoundValue {
  std::size_t begin = 0;  // in the text; quotes are outside
  std::size_t end = 0;
  bool quoted = false;
};

// The value whose first byte (it may be a quote, a backslash before one, or a brace) is at `at`. A quoted value ends at its quote or
// the end of the line; a bare one at a blank, a quote, an escaped line end, or where the next "name=value" of a list begins.
// Looks a bounded way ahead, so that a list of n values costs O(n).
FoundValue take_value(std::string_view text, std::size_t at);

// Words that are values of no secret ("null", "expired"). Immutable after it was made.
class HarmlessWords {
 public:
  explicit HarmlessWords(const std::vector<std::string>& words) : words_(words.begin(), words.end()) {}
  bool holds(std::string_view lower) const { return words_.contains(lower); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_set<std::string, Hash, std::equal_to<>> words_;
};

// Whether the check of a value (password ... basic_pair) takes it for a secret.
bool is_secret_value(SecretCheck check, std::string_view text, const FoundValue& value, const HarmlessWords& harmless);

}  // namespace mend
