// An embedder turns a text into a vector: texts of like meaning point in like directions.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mend {

using Embedding = std::vector<float>;  // of length 1, so that the dot product of two is their cosine

class Embedder {
 public:
  virtual ~Embedder() = default;
  virtual std::size_t dimension() const = 0;
  // Names the weights ("all-MiniLM-L6-v2-int8-1f00ab34cd56ef78"): vectors of different models must not be compared.
  virtual std::string_view model() const = 0;
  // Any text, any length, any bytes; the empty text has an embedding too. Takes milliseconds of processor time; any thread may
  // call, each works on its own core. The same text gives the same vector on the same machine.
  virtual Result<Embedding> embed(std::string_view text) const = 0;
};

}  // namespace mend
