// Reads the tensors of a .safetensors file: a length, a JSON header of names, types, shapes and places, then the numbers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "base/result.h"

namespace mend {

// Immutable; spans into it live as long as it does.
class Safetensors {
 public:
  // not_found, or corrupt naming what is wrong.
  static Result<std::unique_ptr<Safetensors>> open(const std::filesystem::path& path);
  // The float32 numbers of a tensor, row by row; invalid_input when it is missing or has another type or shape.
  Result<std::span<const float>> floats(std::string_view name, const std::vector<std::uint64_t>& shape) const;

 private:
  struct Tensor {
    std::string type;
    std::vector<std::uint64_t> shape;
    std::string_view bytes;
  };
  std::unique_ptr<MappedFile> file_;
  std::map<std::string, Tensor, std::less<>> tensors_;
};

}  // namespace mend
