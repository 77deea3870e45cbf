#include "scan/pattern_database.h"

#include <hs/hs.h>

#include <cstdlib>
#include <limits>
#include <mutex>

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

struct PatternDatabase::Engine {
  Database database;
  Scratch prototype;
  std::mutex mutex;
  std::vector<Scratch> idle;  // guarded by mutex

  // Null when there is no memory for it.
  static std::unique_ptr<Engine> make(hs_database_t* raw) {
    auto engine = std::make_unique<Engine>();
    engine->database.reset(raw);
    hs_scratch_t* scratch = nullptr;
    if (hs_alloc_scratch(raw, &scratch) != HS_SUCCESS) return nullptr;
    engine->prototype.reset(scratch);
    return engine;
  }

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
};

PatternDatabase::PatternDatabase(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
PatternDatabase::PatternDatabase(PatternDatabase&&) noexcept = default;
PatternDatabase& PatternDatabase::operator=(PatternDatabase&&) noexcept = default;
PatternDatabase::~PatternDatabase() = default;

std::expected<PatternDatabase, PatternDatabase::Refusal> PatternDatabase::compile(std::span<const Pattern> patterns, Options options) {
  std::vector<const char*> texts;
  std::vector<unsigned> ids;
  for (const Pattern& pattern : patterns) {
    texts.push_back(pattern.text.c_str());
    ids.push_back(pattern.id);
  }
  const unsigned flag =
      HS_FLAG_SINGLEMATCH | HS_FLAG_PREFILTER | (options.ignore_case ? HS_FLAG_CASELESS : 0U) | (options.lines ? HS_FLAG_MULTILINE : 0U);
  const std::vector<unsigned> flags(patterns.size(), flag);
  hs_database_t* raw = nullptr;
  hs_compile_error_t* problem = nullptr;
  if (hs_compile_multi(texts.data(), flags.data(), ids.data(), unsigned(texts.size()), HS_MODE_BLOCK, nullptr, &raw, &problem) !=
      HS_SUCCESS) {
    Refusal refusal{problem->expression, problem->message};
    hs_free_compile_error(problem);
    return std::unexpected(std::move(refusal));
  }
  auto engine = Engine::make(raw);
  if (!engine) return std::unexpected(Refusal{-1, "no memory for the pattern scanner"});
  return PatternDatabase(std::move(engine));
}

Result<PatternDatabase> PatternDatabase::load(std::string_view bytes) {
  hs_database_t* raw = nullptr;
  if (hs_deserialize_database(bytes.data(), bytes.size(), &raw) != HS_SUCCESS)
    return fail(ErrorKind::corrupt, "the compiled patterns do not fit this machine or are damaged");
  auto engine = Engine::make(raw);
  if (!engine) return fail(ErrorKind::exhausted, "no memory for the pattern scanner");
  return PatternDatabase(std::move(engine));
}

Result<std::string> PatternDatabase::serialise() const {
  char* bytes = nullptr;
  std::size_t length = 0;
  if (hs_serialize_database(engine_->database.get(), &bytes, &length) != HS_SUCCESS)
    return fail(ErrorKind::internal, "the pattern scanner could not be serialised");
  std::string out(bytes, length);
  std::free(bytes);
  return out;
}

bool PatternDatabase::scan(std::string_view text, std::vector<unsigned>& found) const {
  if (text.size() > std::numeric_limits<unsigned>::max()) return false;
  Scratch scratch = engine_->take();
  if (!scratch) return false;
  const auto on_match = [](unsigned id, unsigned long long, unsigned long long, unsigned, void* context) {
    static_cast<std::vector<unsigned>*>(context)->push_back(id);
    return 0;
  };
  const auto code = hs_scan(engine_->database.get(), text.data(), unsigned(text.size()), 0, scratch.get(), on_match, &found);
  engine_->give_back(std::move(scratch));
  return code == HS_SUCCESS;
}

}  // namespace mend
