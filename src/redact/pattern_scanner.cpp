#include "redact/pattern_scanner.h"

#include <fmt/format.h>
#include <hs/hs.h>

#include <algorithm>
#include <limits>
#include <mutex>
#include <numeric>
#include <string>

#include "redact/scan_expression.h"
#include "redact/text_shape.h"

namespace mend {
namespace {

struct FreeDatabase {
  void operator()(hs_database_t* database) const { hs_free_database(database); }
};
struct FreeScratch {
  void operator()(hs_scratch_t* scratch) const { hs_free_scratch(scratch); }
};
using Database = std::unique_ptr<hs_database_t, FreeDatabase>;
using Scratch = std::unique_ptr<hs_scratch_t, FreeScratch>;

constexpr std::size_t kMostIdle = 16;  // scratch spaces kept between scans

}  // namespace

struct PatternScanner::Engine {
  Database database;  // empty when no pattern is for the scanner
  Scratch prototype;
  std::vector<std::pair<unsigned, SecretPrefilter>> shaped;  // the patterns behind a look at the shape
  unsigned count = 0;
  std::mutex mutex;
  std::vector<Scratch> idle;  // guarded by mutex

  Scratch take() {
    {
      std::lock_guard lock(mutex);
      if (!idle.empty()) {
        Scratch scratch = std::move(idle.back());
        idle.pop_back();
        return scratch;
      }
    }
    hs_scratch_t* copy = nullptr;
    if (hs_clone_scratch(prototype.get(), &copy) != HS_SUCCESS) return nullptr;
    return Scratch(copy);
  }

  void give_back(Scratch scratch) {
    std::lock_guard lock(mutex);
    if (idle.size() < kMostIdle) idle.push_back(std::move(scratch));
  }

  bool scan(std::string_view text, std::vector<unsigned>& found) {
    if (!database) return true;
    if (text.size() > std::numeric_limits<unsigned>::max()) return false;
    Scratch scratch = take();
    if (!scratch) return false;
    const auto on_match = [](unsigned id, unsigned long long, unsigned long long, unsigned, void* context) {
      static_cast<std::vector<unsigned>*>(context)->push_back(id);
      return 0;
    };
    const auto code = hs_scan(database.get(), text.data(), unsigned(text.size()), 0, scratch.get(), on_match, &found);
    give_back(std::move(scratch));
    return code == HS_SUCCESS;
  }
};

PatternScanner::PatternScanner(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
PatternScanner::~PatternScanner() = default;

Result<std::unique_ptr<PatternScanner>> PatternScanner::compile(std::span<const SecretPattern> patterns) {
  auto engine = std::make_unique<Engine>();
  engine->count = unsigned(patterns.size());
  std::vector<std::string> texts;
  std::vector<unsigned> ids;
  for (unsigned i = 0; i < patterns.size(); ++i) {
    if (patterns[i].prefilter == SecretPrefilter::scanner) {
      texts.push_back(scan_expression(patterns[i].anchor.empty() ? patterns[i].match : patterns[i].anchor));
      ids.push_back(i);
    } else {
      engine->shaped.emplace_back(i, patterns[i].prefilter);
    }
  }
  if (texts.empty()) return std::unique_ptr<PatternScanner>(new PatternScanner(std::move(engine)));
  std::vector<const char*> pointers;
  for (const auto& text : texts) pointers.push_back(text.c_str());
  const std::vector<unsigned> flags(texts.size(), HS_FLAG_SINGLEMATCH | HS_FLAG_PREFILTER);
  hs_database_t* raw = nullptr;
  hs_compile_error_t* problem = nullptr;
  if (hs_compile_multi(pointers.data(), flags.data(), ids.data(), unsigned(pointers.size()), HS_MODE_BLOCK, nullptr, &raw, &problem) !=
      HS_SUCCESS) {
    const int index = problem->expression;
    std::string why = fmt::format("the scanner refuses it: {}", problem->message);
    hs_free_compile_error(problem);
    if (index < 0) return fail(ErrorKind::internal, why);
    const auto& pattern = patterns[ids[std::size_t(index)]];
    return fail(ErrorKind::invalid_input, fmt::format("{}: {}: {}", pattern.line, pattern.kind, why));
  }
  engine->database.reset(raw);
  hs_scratch_t* scratch = nullptr;
  if (hs_alloc_scratch(raw, &scratch) != HS_SUCCESS) return fail(ErrorKind::exhausted, "no memory for the scanner of secrets");
  engine->prototype.reset(scratch);
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
