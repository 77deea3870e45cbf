// Vectors as they are kept and compared: bfloat16, the upper half of a float. Half the memory and, since a search waits for memory,
// nearly twice the speed; of a cosine it changes less than one in ten thousand.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace mend {

using PackedVector = std::vector<std::uint16_t>;

// Names a text: BLAKE2b of it, shortened. Equal texts share one vector; a changed text has another key, so that no vector is ever
// stale by its text.
using VectorKey = std::uint64_t;
VectorKey vector_key(std::string_view text);

PackedVector pack(std::span<const float> values);  // rounded to nearest even
std::vector<float> unpack(std::span<const std::uint16_t> values);

// Dot product of two vectors of the same length: their cosine when both have length 1. The instruction set is chosen on the machine.
float dot(const std::uint16_t* a, const std::uint16_t* b, std::size_t count);

}  // namespace mend
