// Makes the encoder's model file out of the weights as their authors publish them.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace mend {

// The bytes of the model file (model_file.h): `folder` holds model.safetensors (a BERT of six layers, 384 wide, float32) and
// vocab.txt (one entry a line). Weights become signed bytes with one scale an output, the vocabulary's rows with one scale a row;
// norms and biases stay float32. The same input gives the same bytes. not_found, corrupt, or invalid_input naming the tensor.
Result<std::string> quantise_minilm(const std::filesystem::path& folder);

}  // namespace mend
