#include "diagnose/pattern_scan.h"

#include <fmt/format.h>

#include <algorithm>

namespace mend {
namespace {

// vectorscan has no named groups with our spelling in every version; as a prefilter it needs none.
std::string without_names(std::string_view pattern) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      out += pattern[i];
      out += pattern[++i];
    } else if (pattern.substr(i, 4) == "(?P<") {
      out += "(?:";
      while (i < pattern.size() && pattern[i] != '>') ++i;
    } else {
      out += pattern[i];
    }
  }
  return out;
}

}  // namespace

PatternScan::PatternScan(PatternDatabase database) : database_(std::move(database)) {}

Result<PatternScan> PatternScan::compile(const std::vector<Pattern>& patterns) {
  std::vector<PatternDatabase::Pattern> texts;
  for (unsigned i = 0; i < patterns.size(); ++i) texts.push_back({without_names(patterns[i].pattern), i});
  auto database = PatternDatabase::compile(texts, {.ignore_case = true, .lines = true});
  if (database) return PatternScan(std::move(*database));
  const auto& [pattern, why] = database.error();
  return fail(ErrorKind::invalid_input, fmt::format("{}: {}", pattern >= 0 ? patterns[std::size_t(pattern)].name : std::string("(all)"), why));
}

Result<PatternScan> PatternScan::load(std::string_view bytes, std::string_view what) {
  auto database = PatternDatabase::load(bytes);
  if (database) return PatternScan(std::move(*database));
  return std::unexpected(database.error().in(fmt::format("{} in the model file", what)));
}

Result<std::string> PatternScan::serialise() const { return database_.serialise(); }

std::vector<unsigned> PatternScan::candidates(std::string_view text) const {
  std::vector<unsigned> out;
  if (text.empty()) return out;
  database_.scan(text, out);
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace mend
