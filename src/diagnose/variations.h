// The same failure as other tools would print it: deterministic variations of a message for training and for tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace mend {

// A few variations, each with another wrapper, log format or cut. The meaning stays the same.
std::vector<std::string> make_variations(std::string_view message, Random& random);

// The single ones, for the tests that say which of them must not change a diagnosis.
std::string with_log_prefixes(std::string_view message, Random& random);
std::string with_healthy_lines(std::string_view message, Random& random);  // another tool's INFO lines around it
std::string with_frames(std::string_view message, Random& random);         // a stack frame or three before the end
std::string without_beginning(std::string_view message, Random& random);   // the front cut away; the last lines stay
std::string json_escaped(std::string_view message);                        // as one string of a JSON log line
std::string with_colours(std::string_view message);                        // ANSI colours around lines
std::string with_crlf(std::string_view message);

}  // namespace mend
