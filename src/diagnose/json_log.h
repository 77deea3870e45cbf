// Log lines in JSON: an envelope around the message that a person would read.
#pragma once

#include <string>
#include <string_view>

namespace mend {

// Each line that is a JSON object with a message and nothing else but what a logger adds (level, time, logger, ...) becomes that
// message, with its level before it when it is one of no failure. Everything else stays as it is. Pure; any bytes may come in.
std::string without_json_envelopes(std::string text);

}  // namespace mend
