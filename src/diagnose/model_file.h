// One file that holds everything learned at build time, as named sections: written once, mapped read-only afterwards.
//
// Layout: "MENDMODEL1\n", then a line of JSON {"sections":[{"name","offset","size","hash64"}…]}, padded with blanks to a multiple
// of 64 bytes, then the sections, each beginning at a multiple of 64.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mend {

// A whole file mapped read-only. Immutable; views into it live as long as it does.
class MappedFile {
 public:
  static Result<std::unique_ptr<MappedFile>> open(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  std::string_view bytes() const { return bytes_; }

 private:
  explicit MappedFile(std::string_view bytes) : bytes_(bytes) {}
  std::string_view bytes_;
};

class ModelFile {
 public:
  // not_found, or corrupt naming the section whose hash differs.
  static Result<std::unique_ptr<ModelFile>> open(const std::filesystem::path& path);
  // Empty when there is no such section.
  std::string_view section(std::string_view name) const;
  // Short hash over all sections: names the model in diagnoses.
  const std::string& version() const { return version_; }

  static Result<void> write(const std::filesystem::path& path, const std::map<std::string, std::string>& sections);

 private:
  std::unique_ptr<MappedFile> file_;
  std::map<std::string, std::string_view, std::less<>> sections_;
  std::string version_;
};

}  // namespace mend
