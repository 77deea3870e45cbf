// RapidCheck for our tests: the same cases every time (RC_PARAMS in the environment overrides that), and text generators.
#pragma once

#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace mend {

// RapidCheck reads the variable at its first property, which is after this.
inline const bool kSeedFixed = [] { return ::setenv("RC_PARAMS", "seed=20261124", 0) == 0; }();

namespace any {

// Any bytes at all.
inline rc::Gen<std::string> bytes() { return rc::gen::container<std::string>(rc::gen::arbitrary<char>()); }
// Valid UTF-8 with quotes, controls, several scripts and separators of our own formats.
inline rc::Gen<std::string> text() {
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(
                          std::vector<std::string>{"a", "Z", "0", "9",    " ",    "\n", "\t", "\"", "\\", ":",    ";",  "{",   "}",
                                                   "=", ",", "-", "\x01", "\x7f", "é",  "ß",  "日", "😀", "null", "1:", "true"})),
                      [](const std::vector<std::string>& parts) {
                        std::string out;
                        for (const auto& part : parts) out += part;
                        return out;
                      });
}
inline rc::Gen<std::vector<std::string>> texts() { return rc::gen::resize(12, rc::gen::container<std::vector<std::string>>(text())); }
inline rc::Gen<std::map<std::string, std::string>> text_map() {
  return rc::gen::resize(12, rc::gen::container<std::map<std::string, std::string>>(text(), text()));
}

}  // namespace any
}  // namespace mend
