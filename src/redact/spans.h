// Found parts of a text and how they become one replaced text. All pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mend {

struct SecretSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
  unsigned pattern = 0;  // a lower number is the more specific kind
  bool yields = false;   // dropped where it overlaps one that does not
};

// Placeholders "[redacted:kind]" that stand in a text already: whole units, never cut.
class Placeholders {
 public:
  // `kinds` sorted; any other kind in brackets is ordinary text, so that an event cannot hide a secret in a faked one.
  Placeholders(std::string_view text, const std::vector<std::string>& kinds);
  // Widens the span over placeholders it cuts. False when nothing but placeholders and punctuation is in it.
  bool widen(std::string_view text, SecretSpan& span) const;

 private:
  struct Part {
    std::size_t begin, end;
  };
  std::vector<Part> parts_;
};

// Sorted and without overlaps: overlapping ones become one, named by the longest (the more specific among equals).
std::vector<SecretSpan> merge_spans(std::vector<SecretSpan> spans);

}  // namespace mend
