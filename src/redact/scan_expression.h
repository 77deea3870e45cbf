// What the scanner looks for in place of a pattern.
#pragma once

#include <string>
#include <string_view>

namespace mend {

// An expression for vectorscan that is found in every text in which the RE2 pattern matches: the pattern's beginning up to its first
// unbounded repeat, without captures' names and without ^ and $. No loops: vectorscan 5.4.9 leaves out matches of some of them
// (of "K-(?:[^-]|-[^-])*--E", depending on where the text lies in memory), and they take most of the time to compile.
// "(?:)" when the pattern begins with a loop: give it an anchor. The pattern must be one that RE2 accepts, without \Q.
std::string scan_expression(std::string_view pattern);

}  // namespace mend
