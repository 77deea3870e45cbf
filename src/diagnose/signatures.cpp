#include "diagnose/signatures.h"

#include <algorithm>
#include <mutex>

#include <fmt/format.h>
#include <hs/hs.h>
#include <re2/re2.h>

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

constexpr std::size_t kMostFactBytes = 200;

}  // namespace

std::string_view to_string(Strength strength) {
  switch (strength) {
    case Strength::hint: return "hint";
    case Strength::strong: return "strong";
    case Strength::decisive: return "decisive";
  }
  return "hint";
}

struct SignatureSet::Engine {
  Database database;
  Scratch prototype;
  mutable std::mutex mutex;                          // guards the two below
  mutable std::vector<Scratch> idle;                 // scratch spaces between scans
  mutable std::vector<std::shared_ptr<const RE2>> compiled;  // by signature; made at its first hit

  std::shared_ptr<const RE2> pattern(std::size_t index, const Signature& signature) const {
    {
      std::lock_guard lock(mutex);
      if (compiled[index]) return compiled[index];
    }
    RE2::Options options;
    options.set_log_errors(false);
    auto made = std::make_shared<const RE2>("(?im)" + signature.pattern, options);
    std::lock_guard lock(mutex);
    if (!compiled[index]) compiled[index] = std::move(made);
    return compiled[index];
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

SignatureSet::SignatureSet(std::vector<Signature> signatures, std::unique_ptr<Engine> engine)
    : signatures_(std::move(signatures)), engine_(std::move(engine)) {
  engine_->compiled.resize(signatures_.size());
}
SignatureSet::~SignatureSet() = default;

Result<std::unique_ptr<SignatureSet>> SignatureSet::compile(std::vector<Signature> signatures) {
  std::vector<std::string> texts;
  for (const auto& signature : signatures) texts.push_back(without_names(signature.pattern));
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
                fmt::format("signature {}: {}", index >= 0 ? signatures[std::size_t(index)].id : std::string("(all)"), why));
  }
  auto engine = std::make_unique<Engine>();
  engine->database.reset(raw);
  hs_scratch_t* scratch = nullptr;
  if (hs_alloc_scratch(raw, &scratch) != HS_SUCCESS) return fail(ErrorKind::exhausted, "no memory for the signature scanner");
  engine->prototype.reset(scratch);
  return std::unique_ptr<SignatureSet>(new SignatureSet(std::move(signatures), std::move(engine)));
}

Result<std::unique_ptr<SignatureSet>> SignatureSet::load(std::vector<Signature> signatures, std::string_view scanner) {
  hs_database_t* raw = nullptr;
  if (hs_deserialize_database(scanner.data(), scanner.size(), &raw) != HS_SUCCESS)
    return fail(ErrorKind::corrupt, "the signature scanner in the model file does not fit this machine or is damaged");
  auto engine = std::make_unique<Engine>();
  engine->database.reset(raw);
  hs_scratch_t* scratch = nullptr;
  if (hs_alloc_scratch(raw, &scratch) != HS_SUCCESS) return fail(ErrorKind::exhausted, "no memory for the signature scanner");
  engine->prototype.reset(scratch);
  return std::unique_ptr<SignatureSet>(new SignatureSet(std::move(signatures), std::move(engine)));
}

Result<std::string> SignatureSet::serialise() const {
  char* bytes = nullptr;
  std::size_t length = 0;
  if (hs_serialize_database(engine_->database.get(), &bytes, &length) != HS_SUCCESS)
    return fail(ErrorKind::internal, "the signature scanner could not be serialised");
  std::string out(bytes, length);
  std::free(bytes);
  return out;
}

bool SignatureSet::match_one(std::size_t index, std::string_view text, SignatureHit& hit) const {
  const auto pattern = engine_->pattern(index, signatures_[index]);
  if (!pattern->ok()) return false;
  const int groups = pattern->NumberOfCapturingGroups();
  std::vector<re2::StringPiece> found(std::size_t(groups) + 1);
  const re2::StringPiece piece(text.data(), text.size());
  if (!pattern->Match(piece, 0, text.size(), RE2::UNANCHORED, found.data(), groups + 1)) return false;
  hit.signature = index;
  hit.begin = std::size_t(found[0].data() - text.data());
  hit.end = hit.begin + found[0].size();
  hit.facts.clear();
  for (const auto& [number, name] : pattern->CapturingGroupNames()) {
    const auto& value = found[std::size_t(number)];
    if (value.data() == nullptr || value.empty() || value.size() > kMostFactBytes) continue;
    hit.facts.push_back({name, std::string(value.data(), value.size()), std::size_t(value.data() - text.data())});
  }
  return true;
}

std::vector<SignatureHit> SignatureSet::match(std::string_view text) const {
  std::vector<SignatureHit> hits;
  if (text.empty() || signatures_.empty()) return hits;
  Scratch scratch = engine_->take();
  if (!scratch) return hits;
  std::vector<unsigned> candidates;
  const auto on_match = [](unsigned id, unsigned long long, unsigned long long, unsigned, void* context) {
    static_cast<std::vector<unsigned>*>(context)->push_back(id);
    return 0;
  };
  hs_scan(engine_->database.get(), text.data(), unsigned(text.size()), 0, scratch.get(), on_match, &candidates);
  engine_->give_back(std::move(scratch));
  std::ranges::sort(candidates);
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  for (const unsigned id : candidates) {
    if (id >= signatures_.size()) break;  // a scanner that was made of more signatures than these
    SignatureHit hit;
    if (match_one(id, text, hit)) hits.push_back(std::move(hit));
  }
  return hits;
}

}  // namespace mend
