#include "embed/safetensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/json.hpp>
#include <cstring>

#include "model/json.h"

namespace mend {

Result<std::unique_ptr<Safetensors>> Safetensors::open(const std::filesystem::path& path) {
  auto made = std::make_unique<Safetensors>();
  MEND_TRY(made->file_, MappedFile::open(path));
  const std::string_view bytes = made->file_->bytes();
  const auto damaged = [&](std::string_view why) { return fail(ErrorKind::corrupt, fmt::format("{}: {}", path.string(), why)); };
  std::uint64_t size = 0;
  if (bytes.size() < sizeof size) return damaged("cut off");
  std::memcpy(&size, bytes.data(), sizeof size);
  if (size > bytes.size() - sizeof size) return damaged("not a safetensors file, or cut off");
  if (size % sizeof(float) != 0) return damaged("its numbers are not aligned");
  const auto header = parse_json(bytes.substr(sizeof size, size));
  if (!header || !header->is_object()) return damaged("its header is not a JSON object");
  const std::string_view data = bytes.substr(sizeof size + size);
  try {
    for (const auto& [name, item] : header->get_object()) {
      if (name == "__metadata__") continue;
      Tensor tensor{std::string(item.at("dtype").as_string()), {}, {}};
      for (const auto& length : item.at("shape").as_array()) tensor.shape.push_back(length.to_number<std::uint64_t>());
      const auto from = item.at("data_offsets").at(0).to_number<std::size_t>(), to = item.at("data_offsets").at(1).to_number<std::size_t>();
      if (from > to || to > data.size()) return damaged(fmt::format("tensor {} lies outside of the file", std::string_view(name)));
      tensor.bytes = data.substr(from, to - from);
      made->tensors_.emplace(name, std::move(tensor));
    }
  } catch (const std::exception&) {
    return damaged("its header does not describe tensors");
  }
  return made;
}

Result<std::span<const float>> Safetensors::floats(std::string_view name, const std::vector<std::uint64_t>& shape) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) return fail(ErrorKind::invalid_input, fmt::format("tensor {} is missing", name));
  const Tensor& tensor = found->second;
  std::uint64_t count = 1;
  for (const std::uint64_t length : shape) count *= length;
  if (tensor.type != "F32" || tensor.shape != shape || tensor.bytes.size() != count * sizeof(float) ||
      reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) % alignof(float) != 0)
    return fail(ErrorKind::invalid_input, fmt::format("tensor {} is {} [{}], not F32 [{}]", name, tensor.type,
                                                      fmt::join(tensor.shape, ", "), fmt::join(shape, ", ")));
  return std::span(reinterpret_cast<const float*>(tensor.bytes.data()), count);
}

}  // namespace mend
