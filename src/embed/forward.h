// The encoder's forward pass: token ids to one vector.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "embed/kernels.h"
#include "embed/model_file.h"

namespace mend {

// The memory of one pass over at most `most_tokens` tokens; for one thread at a time.
class Workspace {
 public:
  Workspace(const EncoderShape& shape, std::size_t most_tokens);
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  float* state;         // tokens * hidden: what the layers hand on
  float* added;         // tokens * hidden: what a layer adds to it
  float* wide;          // tokens * max(4 * hidden, inner): query, key, value and what attention makes of them; or the feed-forward
  float* scratch;       // attention_scratch(tokens)
  QuantisedRows bytes;  // tokens * max(hidden, inner)

 private:
  std::vector<std::byte> memory_;
};

// `out` gets the mean of the tokens' vectors, scaled to length 1. Every id is below shape.words, their number at least 1 and at
// most what the workspace was made for. False when the result is not finite.
bool encode(const EncoderView& model, const Kernels& kernels, std::span<const std::uint32_t> ids, Workspace& work, std::span<float> out);

}  // namespace mend
