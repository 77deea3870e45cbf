// Vectors of known texts as a file: those of what ships are made in the build, so that a start need not make them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "knowledge/packed_vector.h"

namespace mend {

struct KeptVector {
  VectorKey key = 0;
  PackedVector vector;
};

struct VectorFile {
  std::string model;  // Embedder::model() of what made them
  std::size_t dimension = 0;
  std::vector<KeptVector> vectors;
};

// Deterministic: sorted by key, with a checksum.
std::string write_vectors(const VectorFile& file);
// corrupt: these are not the bytes that write_vectors gave.
Result<VectorFile> parse_vectors(std::string_view bytes);
// The same from a file; not_found when there is none.
Result<VectorFile> read_vectors(const std::filesystem::path& path);

// One vector as bytes, little-endian on every machine, and back; corrupt when the length is not the dimension's.
std::string vector_bytes(const PackedVector& vector);
Result<PackedVector> vector_from_bytes(std::string_view bytes, std::size_t dimension);

}  // namespace mend
