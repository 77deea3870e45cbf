#include "redact/pattern_scanner.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>

#include "redact/scan_expression.h"
#include "redact/text_shape.h"
#include "scan/pattern_database.h"

namespace mend {

struct PatternScanner::Engine {
  std::optional<PatternDatabase> database;  // empty when no pattern is for the scanner
  std::vector<std::pair<unsigned, SecretPrefilter>> shaped;  // the patterns behind a look at the shape
  unsigned count = 0;

  bool scan(std::string_view text, std::vector<unsigned>& found) const { return !database || database->scan(text, found); }
};

PatternScanner::PatternScanner(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
PatternScanner::~PatternScanner() = default;

Result<std::unique_ptr<PatternScanner>> PatternScanner::compile(std::span<const SecretPattern> patterns) {
  auto engine = std::make_unique<Engine>();
  engine->count = unsigned(patterns.size());
  std::vector<PatternDatabase::Pattern> texts;
  for (unsigned i = 0; i < patterns.size(); ++i) {
    if (patterns[i].prefilter == SecretPrefilter::scanner)
      texts.push_back({scan_expression(patterns[i].anchor.empty() ? patterns[i].match : patterns[i].anchor), i});
    else
      engine->shaped.emplace_back(i, patterns[i].prefilter);
  }
  if (!texts.empty()) {
    auto database = PatternDatabase::compile(texts, {});
    if (!database) {
      const std::string why = fmt::format("the scanner refuses it: {}", database.error().why);
      if (database.error().pattern < 0) return fail(ErrorKind::internal, why);
      const auto& pattern = patterns[texts[std::size_t(database.error().pattern)].id];
      return fail(ErrorKind::invalid_input, fmt::format("{}: {}: {}", pattern.line, pattern.kind, why));
    }
    engine->database = std::move(*database);
  }
  return std::unique_ptr<PatternScanner>(new PatternScanner(std::move(engine)));
}

std::vector<unsigned> PatternScanner::candidates(std::string_view text) const {
  std::vector<unsigned> found;
  if (!engine_->scan(text, found)) {
    found.resize(engine_->count);
    std::iota(found.begin(), found.end(), 0U);
    return found;
  }
  if (!engine_->shaped.empty()) {
    const TextShape shape = shape_of(text);
    for (const auto& [index, prefilter] : engine_->shaped)
      if (shape.allows(prefilter)) found.push_back(index);
  }
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace mend
