#include "diagnose/pattern_scan.h"

#include <fmt/format.h>
#include <hs/hs.h>

#include <algorithm>
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

struct PatternScan::Engine {
  Database database;
  Scratch prototype;
  mutable std::mutex mutex;           // guards `idle`
  mutable std::vector<Scratch> idle;  // scratch spaces between scans

  static Result<std::unique_ptr<Engine>> make(hs_database_t* raw) {
    auto engine = std::make_unique<Engine>();
    engine->database.reset(raw);
    hs_scratch_t* scratch = nullptr;
    if (hs_alloc_scratch(raw, &scratch) != HS_SUCCESS) return fail(ErrorKind::exhausted, "no memory for the pattern scanner");
    engine->prototype.reset(scratch);
    return engine;
  }

  Scratch take() const {
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

  void give_back(Scratch scratch) const {
    std::lock_guard lock(mutex);
    idle.push_back(std::move(scratch));
  }
};

PatternScan::PatternScan(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
PatternScan::PatternScan(PatternScan&&) noexcept = default;
PatternScan& PatternScan::operator=(PatternScan&&) noexcept = default;
PatternScan::~PatternScan() = default;

Result<PatternScan> PatternScan::compile(const std::vector<Pattern>& patterns) {
  std::vector<std::string> texts;
  for (const auto& pattern : patterns) texts.push_back(without_names(pattern.pattern));
  std::vector<const char*> pointers;
  std::vector<unsigned> flags, ids;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    pointers.push_back(texts[i].c_str());
    flags.push_back(HS_FLAG_CASELESS | HS_FLAG_SINGLEMATCH | HS_FLAG_PREFILTER | HS_FLAG_MULTILINE);
    ids.push_back(unsigned(i));
  }
  hs_database_t* raw = nullptr;
  hs_compile_error_t* problem = nullptr;
  if (hs_compile_multi(pointers.data(), flags.data(), ids.data(), unsigned(pointers.size()), HS_MODE_BLOCK, nullptr, &raw, &problem) !=
      HS_SUCCESS) {
    const int index = problem->expression;
    const std::string why = problem->message;
    hs_free_compile_error(problem);
    return fail(ErrorKind::invalid_input,
                fmt::format("{}: {}", index >= 0 ? patterns[std::size_t(index)].name : std::string("(all)"), why));
  }
  MEND_TRY(auto engine, Engine::make(raw));
  return PatternScan(std::move(engine));
}

Result<PatternScan> PatternScan::load(std::string_view bytes, std::string_view what) {
  hs_database_t* raw = nullptr;
  if (hs_deserialize_database(bytes.data(), bytes.size(), &raw) != HS_SUCCESS)
    return fail(ErrorKind::corrupt, fmt::format("{} in the model file does not fit this machine or is damaged", what));
  MEND_TRY(auto engine, Engine::make(raw));
  return PatternScan(std::move(engine));
}

Result<std::string> PatternScan::serialise() const {
  char* bytes = nullptr;
  std::size_t length = 0;
  if (hs_serialize_database(engine_->database.get(), &bytes, &length) != HS_SUCCESS)
    return fail(ErrorKind::internal, "the pattern scanner could not be serialised");
  std::string out(bytes, length);
  std::free(bytes);
  return out;
}

std::vector<unsigned> PatternScan::candidates(std::string_view text) const {
  std::vector<unsigned> out;
  if (text.empty()) return out;
  Scratch scratch = engine_->take();
  if (!scratch) return out;
  const auto on_match = [](unsigned id, unsigned long long, unsigned long long, unsigned, void* context) {
    static_cast<std::vector<unsigned>*>(context)->push_back(id);
    return 0;
  };
  hs_scan(engine_->database.get(), text.data(), unsigned(text.size()), 0, scratch.get(), on_match, &out);
  engine_->give_back(std::move(scratch));
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace mend
