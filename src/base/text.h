// Small helpers on text. All pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mend {

std::string_view trim(std::string_view text);
std::string lower_ascii(std::string_view text);
std::vector<std::string_view> split_lines(std::string_view text);  // without the line ends (\n or \r\n)
bool starts_with_ignoring_case(std::string_view text, std::string_view prefix);

// The same text with every byte that is not part of valid UTF-8 replaced by U+FFFD; NUL too.
std::string to_valid_utf8(std::string_view bytes);
bool is_valid_utf8(std::string_view bytes);
// The largest cut not longer than `bytes` that does not split a UTF-8 character.
std::string_view cut_utf8(std::string_view text, std::size_t bytes);
// The whole text, or its first and last parts with "[... N bytes left out ...]" between, at most `bytes` long.
std::string shorten_middle(std::string_view text, std::size_t bytes);

// Levenshtein distance; for "did you mean".
std::size_t edit_distance(std::string_view a, std::string_view b);
// The candidate nearest to `word`, or empty when none is near (more than a third of its letters differ).
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0);  // fast, not for security; stable over versions
std::string hex(std::span<const unsigned char> bytes);
// BLAKE2b (RFC 7693) of 32 bytes, as hex.
std::string blake2b_hex(std::string_view bytes, std::size_t length = 32);

}  // namespace mend
