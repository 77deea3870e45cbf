// Strict reading of YAML mappings: unknown and duplicate keys, aliases and wrong types are refused with file, line and a suggestion.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "base/clock.h"
#include "base/result.h"

namespace mend {

// Collects problems instead of stopping at the first one: a person fixes them all at once.
class YamlProblems {
 public:
  explicit YamlProblems(std::string file) : file_(std::move(file)) {}
  void add(const YAML::Mark& mark, std::string_view what);
  bool any() const { return !lines_.empty(); }
  std::string text() const;  // one problem a line
  const std::string& file() const { return file_; }

 private:
  std::string file_;
  std::vector<std::string> lines_;
};

// A mapping of which every key must be known. Getters report wrong types and return nothing then.
class YamlMap {
 public:
  YamlMap(const YAML::Node& node, std::string where, std::vector<std::string_view> known_keys, YamlProblems& problems);
  bool valid() const { return valid_; }
  bool has(std::string_view key) const;
  YAML::Node node(std::string_view key) const;
  std::optional<std::string> text(std::string_view key) const;
  std::optional<long> integer(std::string_view key, long least, long most) const;
  std::optional<Duration> duration(std::string_view key) const;
  std::optional<std::uint64_t> size(std::string_view key) const;  // "64MiB", "2GB", "1048576"
  std::vector<std::string> texts(std::string_view key) const;     // a sequence of strings
  const YAML::Mark mark() const { return node_.Mark(); }
  void problem(std::string_view key, std::string_view what) const;

 private:
  YAML::Node node_;
  std::string where_;
  YamlProblems& problems_;
  bool valid_ = false;
};

// Loads a document with the checks that yaml-cpp does not make: valid UTF-8, no duplicate keys, no aliases, bounded size and depth.
Result<YAML::Node> load_yaml(std::string_view text, std::string_view file_name);

// "64MiB" -> bytes; kB/MB/GB are powers of 1000, KiB/MiB/GiB of 1024, a bare number is bytes.
Result<std::uint64_t> parse_size(std::string_view text);

}  // namespace mend
