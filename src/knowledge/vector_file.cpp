#include "knowledge/vector_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/text.h"

namespace mend {
namespace {

constexpr std::string_view kMagic = "MENDVEC1";
constexpr std::size_t kChecksum = 64;
constexpr std::size_t kMostDimension = 8192;

void put_number(std::string& out, std::uint64_t number, int bytes) {
  for (int i = 0; i < bytes; ++i) out += char((number >> (8 * i)) & 0xFFU);
}

// Takes a number off the front; the caller has checked the length.
std::uint64_t take_number(std::string_view& in, std::size_t bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < bytes; ++i) number |= std::uint64_t(static_cast<unsigned char>(in[i])) << (8 * i);
  in.remove_prefix(bytes);
  return number;
}

}  // namespace

std::string vector_bytes(const PackedVector& vector) {
  std::string out;
  out.reserve(vector.size() * 2);
  for (const std::uint16_t value : vector) put_number(out, value, 2);
  return out;
}

Result<PackedVector> vector_from_bytes(std::string_view bytes, std::size_t dimension) {
  if (bytes.size() != dimension * 2) return fail(ErrorKind::corrupt, "a vector of another length");
  PackedVector out(dimension);
  for (auto& value : out) value = std::uint16_t(take_number(bytes, 2));
  return out;
}

std::string write_vectors(const VectorFile& file) {
  std::vector<const KeptVector*> sorted;
  for (const auto& one : file.vectors) sorted.push_back(&one);
  std::ranges::sort(sorted, {}, [](const KeptVector* one) { return one->key; });
  std::string body;
  put_number(body, file.model.size(), 4);
  body += file.model;
  put_number(body, file.dimension, 4);
  put_number(body, sorted.size(), 8);
  for (const KeptVector* one : sorted) {
    put_number(body, one->key, 8);
    body += vector_bytes(one->vector);
  }
  return std::string(kMagic) + blake2b_hex(body) + body;
}

Result<VectorFile> parse_vectors(std::string_view bytes) {
  const auto corrupt = [](std::string_view why) { return fail(ErrorKind::corrupt, fmt::format("the vectors are damaged: {}", why)); };
  if (!bytes.starts_with(kMagic) || bytes.size() < kMagic.size() + kChecksum + 16) return corrupt("the head is not right");
  std::string_view body = bytes.substr(kMagic.size() + kChecksum);
  if (blake2b_hex(body) != bytes.substr(kMagic.size(), kChecksum)) return corrupt("the checksum is not right");
  VectorFile out;
  const std::uint64_t name = take_number(body, 4);
  if (name > body.size() || body.size() - name < 12) return corrupt("it is cut off");
  out.model = body.substr(0, name);
  body.remove_prefix(name);
  out.dimension = take_number(body, 4);
  const std::uint64_t count = take_number(body, 8);
  const std::size_t each = 8 + out.dimension * 2;
  if (out.dimension == 0 || out.dimension > kMostDimension || body.size() % each != 0 || body.size() / each != count)
    return corrupt("its length is not right");
  for (std::uint64_t i = 0; i < count; ++i) {
    KeptVector one;
    one.key = take_number(body, 8);
    MEND_TRY(one.vector, vector_from_bytes(body.substr(0, out.dimension * 2), out.dimension));
    body.remove_prefix(out.dimension * 2);
    out.vectors.push_back(std::move(one));
  }
  return out;
}

Result<VectorFile> read_vectors(const std::filesystem::path& path) {
  MEND_TRY(const std::string bytes, read_file(path));
  auto file = parse_vectors(bytes);
  if (!file) return std::unexpected(file.error().in(path.string()));
  return file;
}

}  // namespace mend
