// The catalog's files, as the diagnosis tests read them.
#pragma once

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/file.h"
#include "diagnose/signatures.h"
#include "diagnose/train.h"

namespace mend {

inline std::vector<std::filesystem::path> catalog_files(const char* folder, const char* extension) {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(std::filesystem::path(MEND_SOURCE_DIR) / "catalog" / folder))
    if (entry.is_regular_file() && entry.path().extension() == extension) out.push_back(entry.path());
  std::ranges::sort(out);
  return out;
}

inline std::vector<Signature> signatures_of(const std::filesystem::path& file) {
  auto signatures = parse_signatures(read_file(file).value(), file.filename().string());
  if (!signatures) throw std::runtime_error(signatures.error().message);
  return std::move(*signatures);
}

inline std::vector<LabelledText> corpus() {
  std::vector<LabelledText> out;
  for (const auto& file : catalog_files("corpus", ".jsonl")) {
    auto rows = parse_corpus(read_file(file).value(), file.filename().string());
    if (!rows) throw std::runtime_error(rows.error().message);
    std::ranges::move(*rows, std::back_inserter(out));
  }
  return out;
}

inline Signature signature(std::string id, std::string pattern, ErrorType type, Strength strength = Strength::strong,
                           std::vector<ErrorType> overrides = {}) {
  Signature s;
  s.id = std::move(id);
  s.platform = "test";
  s.pattern = std::move(pattern);
  s.type = type;
  s.cause = "cause_of_" + s.id;
  s.strength = strength;
  s.overrides = std::move(overrides);
  return s;
}

}  // namespace mend
