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

#include "base/mapped_file.h"
#include "base/result.h"

namespace mend {

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
