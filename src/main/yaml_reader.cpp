#include "main/yaml_reader.h"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "base/time_text.h"

namespace mend {
namespace {

constexpr int kMostDepth = 32;
constexpr std::size_t kMostBytes = 4U << 20U;

// Depth before loading: yaml-cpp throws only after it has recursed deeply. Flow brackets are what nests fast.
int flow_depth(std::string_view text) {
  int depth = 0, most = 0;
  for (const char c : text) {
    if (c == '[' || c == '{') most = std::max(most, ++depth);
    if ((c == ']' || c == '}') && depth > 0) --depth;
  }
  return most;
}

void check_duplicates(const YAML::Node& node, const std::string& file, int depth, std::string& problem) {
  if (!problem.empty()) return;
  if (depth > kMostDepth) {
    problem = fmt::format("{}:{}: nested too deeply", file, node.Mark().line + 1);
    return;
  }
  if (node.IsMap()) {
    std::set<std::string> seen;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) {
        problem = fmt::format("{}:{}: a key that is not a plain text", file, entry.first.Mark().line + 1);
        return;
      }
      if (!seen.insert(entry.first.Scalar()).second) {
        problem = fmt::format("{}:{}: key '{}' stands here twice", file, entry.first.Mark().line + 1, entry.first.Scalar());
        return;
      }
      check_duplicates(entry.second, file, depth + 1, problem);
    }
  } else if (node.IsSequence()) {
    for (const auto& item : node) check_duplicates(item, file, depth + 1, problem);
  }
}

// An alias is a "*name" where a value may stand; a jobs file has no use for one, and they can refer to themselves.
bool holds_alias(std::string_view text) {
  for (const auto line : split_lines(text)) {
    const std::string_view t = trim(line);
    if (t.starts_with('#')) continue;
    for (const std::string_view before : {": *", "- *", "[*", ", *", "[ *"}) {
      const auto at = line.find(before);
      if (at == std::string_view::npos) continue;
      const auto next = at + before.size();
      if (next < line.size() && (std::isalnum(static_cast<unsigned char>(line[next])) || line[next] == '_')) return true;
    }
  }
  return false;
}

}  // namespace

void YamlProblems::add(const YAML::Mark& mark, std::string_view what) {
  lines_.push_back(fmt::format("{}:{}: {}", file_, mark.is_null() ? 1 : mark.line + 1, what));
}

std::string YamlProblems::text() const { return fmt::format("{}", fmt::join(lines_, "\n")); }

YamlMap::YamlMap(const YAML::Node& node, std::string where, std::vector<std::string_view> known_keys, YamlProblems& problems)
    : node_(node), where_(std::move(where)), problems_(problems) {
  if (!node_.IsMap()) {
    problems_.add(node_.Mark(), fmt::format("{} must be a mapping", where_));
    return;
  }
  valid_ = true;
  for (const auto& entry : node_) {
    const std::string& key = entry.first.Scalar();
    if (std::ranges::find(known_keys, key) != known_keys.end()) continue;
    const std::string_view near = nearest(key, known_keys);
    problems_.add(entry.first.Mark(), fmt::format("{}: unknown key '{}'{}", where_, key,
                                                  near.empty() ? fmt::format("; known are {}", fmt::join(known_keys, ", "))
                                                               : fmt::format("; did you mean '{}'?", near)));
  }
}

bool YamlMap::has(std::string_view key) const { return valid_ && node_[std::string(key)].IsDefined() && !node_[std::string(key)].IsNull(); }
YAML::Node YamlMap::node(std::string_view key) const { return node_[std::string(key)]; }

void YamlMap::problem(std::string_view key, std::string_view what) const {
  const YAML::Node at = valid_ ? node_[std::string(key)] : YAML::Node();
  problems_.add(at.IsDefined() ? at.Mark() : node_.Mark(), fmt::format("{}.{}: {}", where_, key, what));
}

std::optional<std::string> YamlMap::text(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  if (!node(key).IsScalar()) {
    problem(key, "must be a text");
    return std::nullopt;
  }
  return node(key).Scalar();
}

std::optional<long> YamlMap::integer(std::string_view key, long least, long most) const {
  const auto raw = text(key);
  if (!raw) return std::nullopt;
  long value = 0;
  const auto [end, error] = std::from_chars(raw->data(), raw->data() + raw->size(), value);
  if (error != std::errc{} || end != raw->data() + raw->size() || value < least || value > most) {
    problem(key, fmt::format("must be a whole number from {} to {}, not '{}'", least, most, *raw));
    return std::nullopt;
  }
  return value;
}

std::optional<Duration> YamlMap::duration(std::string_view key) const {
  const auto raw = text(key);
  if (!raw) return std::nullopt;
  auto parsed = parse_duration(*raw);
  if (!parsed) {
    problem(key, parsed.error().message);
    return std::nullopt;
  }
  return *parsed;
}

std::optional<std::uint64_t> YamlMap::size(std::string_view key) const {
  const auto raw = text(key);
  if (!raw) return std::nullopt;
  auto parsed = parse_size(*raw);
  if (!parsed) {
    problem(key, parsed.error().message);
    return std::nullopt;
  }
  return *parsed;
}

std::vector<std::string> YamlMap::texts(std::string_view key) const {
  std::vector<std::string> out;
  if (!has(key)) return out;
  if (!node(key).IsSequence()) {
    problem(key, "must be a list of texts");
    return out;
  }
  for (const auto& item : node(key)) {
    if (!item.IsScalar()) {
      problem(key, "must be a list of texts");
      return {};
    }
    out.push_back(item.Scalar());
  }
  return out;
}

Result<YAML::Node> load_yaml(std::string_view text, std::string_view file_name) {
  const std::string file(file_name);
  if (text.size() > kMostBytes) return fail(ErrorKind::invalid_input, file + ": larger than 4 MiB");
  if (!is_valid_utf8(text)) return fail(ErrorKind::invalid_input, file + ": not valid UTF-8");
  if (flow_depth(text) > kMostDepth) return fail(ErrorKind::invalid_input, file + ": nested too deeply");
  if (holds_alias(text)) return fail(ErrorKind::invalid_input, file + ": aliases (*name) are not allowed here; write the value out");
  try {
    YAML::Node root = YAML::Load(std::string(text));
    std::string problem;
    check_duplicates(root, file, 0, problem);
    if (!problem.empty()) return fail(ErrorKind::invalid_input, problem);
    return root;
  } catch (const YAML::Exception& wrong) {
    return fail(ErrorKind::invalid_input, fmt::format("{}:{}: {}", file, wrong.mark.is_null() ? 1 : wrong.mark.line + 1, wrong.msg));
  }
}

Result<std::uint64_t> parse_size(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string unit = lower_ascii(trim(text.substr(std::size_t(end - text.data()))));
  double factor = 0;
  if (unit.empty() || unit == "b") factor = 1;
  else if (unit == "kb") factor = 1e3;
  else if (unit == "mb") factor = 1e6;
  else if (unit == "gb") factor = 1e9;
  else if (unit == "k" || unit == "kib") factor = 1024;
  else if (unit == "m" || unit == "mib") factor = 1024.0 * 1024;
  else if (unit == "g" || unit == "gib") factor = 1024.0 * 1024 * 1024;
  if (error != std::errc{} || factor == 0 || !(value > 0) || value * factor > 1e15)
    return fail(ErrorKind::invalid_input, fmt::format("'{}' is not a size; write it like 64MiB or 2GiB", text.substr(0, 40)));
  return static_cast<std::uint64_t>(value * factor);
}

}  // namespace mend
