// A whole file mapped read-only: pages are read when they are touched, and shared by every process that maps the file.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "base/result.h"

namespace mend {

// Immutable; views into it live as long as it does. Any thread may read.
class MappedFile {
 public:
  // not_found, permission, or corrupt when the file is empty.
  static Result<std::unique_ptr<MappedFile>> open(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  std::string_view bytes() const { return bytes_; }
  // Gives the pages back to the system until they are touched again: after a check that had to read them all.
  void release_pages() const;

 private:
  explicit MappedFile(std::string_view bytes) : bytes_(bytes) {}
  std::string_view bytes_;
};

}  // namespace mend
