// The thorough search: words and meaning.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "knowledge/library.h"
#include "knowledge/rank_fusion.h"

namespace mend {
namespace {

constexpr std::size_t kDeep = 60;           // of each ranking: as many as still matter by the fusion's constant
constexpr std::size_t kFilledASearch = 32;  // texts embedded on the way, a tenth of a second or two

// Neighbouring ranks differ by a sixtieth, so that one of these moves a case over a handful of others, not over all.
constexpr double kSamePlatform = 1.15, kSameJob = 1.25, kDidNotHelp = 0.85;
constexpr double kOldest = 0.85;       // what is left of a case that is many years old
constexpr double kHalfLifeDays = 365;  // after which half of that is lost
constexpr double kUnknownAge = (1 + kOldest) / 2;
constexpr double kTypeOfRunbook = 1.3;

double weight_of_age(WallTime recorded, WallTime now) {
  if (recorded == WallTime{} || now == WallTime{}) return kUnknownAge;
  const double days = std::max(0.0, double((now - recorded).count()) / 86'400e6);
  return kOldest + (1 - kOldest) * std::exp2(-days / kHalfLifeDays);
}

bool is_about(const RunbookPassage& passage, ErrorType type) {
  return std::ranges::find(passage.error_types, to_string(type)) != passage.error_types.end();
}

}  // namespace

KnowledgeLibrary::QueryVector KnowledgeLibrary::vector_of(std::string_view text) const {
  QueryVector out;
  constexpr std::string_view kByWords = "degraded: found by words alone";
  if (!semantic_) {
    out.degraded = fmt::format("{} (no sentence encoder)", kByWords);
    return out;
  }
  const auto left = semantic_->fill(kFilledASearch);
  if (!left) {
    out.degraded = fmt::format("{} ({})", kByWords, left.error().message);
    return out;
  }
  if (*left > 0) out.degraded = fmt::format("degraded: {} texts are found by words alone until `mendline knowledge index` has run", *left);
  if (auto vector = semantic_->embed(text))
    out.vector = std::move(*vector);
  else
    out.degraded = fmt::format("{} ({})", kByWords, vector.error().message);
  return out;
}

std::vector<KnowledgeLibrary::Ranked> KnowledgeLibrary::rank(const Shelved& shelf, Shelf which, std::string_view text,
                                                             const std::optional<PackedVector>& vector, const AcceptDocument& accept,
                                                             const Weight& weight, std::size_t most) const {
  const std::size_t deep = std::max(kDeep, most);
  const auto usable = [&](std::size_t document) { return !shelf.gone[document] && accept(document); };
  std::vector<std::vector<std::size_t>> rankings(2);
  std::unordered_map<std::size_t, double> lexical, cosine;
  for (const LexicalHit& hit : shelf.words.search(text, shelf.words.size())) {
    if (rankings[0].size() == deep) break;
    if (!usable(hit.document)) continue;
    rankings[0].push_back(hit.document);
    lexical[hit.document] = hit.similarity;
  }
  if (vector) {
    const auto live = [&](VectorKey key) {
      const auto found = shelf.documents.find(key);
      return found != shelf.documents.end() && std::ranges::any_of(found->second, usable);
    };
    for (const VectorHit& hit : semantic_->search(which, *vector, deep, live)) {
      const auto& sharing = shelf.documents.at(hit.key);
      for (auto document = sharing.rbegin(); document != sharing.rend(); ++document) {  // the newer first
        if (!usable(*document)) continue;
        rankings[1].push_back(*document);
        cosine[*document] = std::clamp(hit.cosine, 0.0, 1.0);
      }
    }
  }
  std::vector<Ranked> out;
  for (const FusedRank& fused : fuse_ranks(rankings))
    out.push_back({fused.item, fused.score * weight(fused.item), lexical.contains(fused.item) ? lexical[fused.item] : 0,
                   cosine.contains(fused.item) ? cosine[fused.item] : 0, fused.ranks[0], fused.ranks[1]});
  std::ranges::sort(out, [](const Ranked& a, const Ranked& b) { return a.score != b.score ? a.score > b.score : a.document > b.document; });
  if (out.size() > most) out.resize(most);
  return out;
}

KnowledgeAnswer<RetrievedCase> KnowledgeLibrary::find_cases(const KnowledgeQuery& query, std::size_t most) const {
  KnowledgeAnswer<RetrievedCase> out;
  QueryVector vector = vector_of(query.normalised);
  out.degraded = std::move(vector.degraded);
  std::shared_lock lock(mutex_);
  const auto accept = [&](std::size_t document) {
    const Case& past = cases_[document];
    return (!query.only_type || past.error_type == *query.only_type) &&
           (query.only_platform.empty() || past.platform == query.only_platform);
  };
  const auto weight = [&](std::size_t document) {
    const Case& past = cases_[document];
    double out_of = weight_of_age(past.recorded_at, query.now);
    if (!past.success) out_of *= kDidNotHelp;
    if (!query.platform.empty() && past.platform == query.platform) out_of *= kSamePlatform;
    if (!query.job.empty() && past.job.str() == query.job) out_of *= kSameJob;
    return out_of;
  };
  for (const Ranked& one : rank(case_shelf_, Shelf::cases, query.normalised, vector.vector, accept, weight, most))
    out.found.push_back(
        {cases_[one.document], std::max(one.lexical, one.cosine), {one.score, one.lexical, one.cosine, one.lexical_rank, one.vector_rank}});
  return out;
}

KnowledgeAnswer<RetrievedPassage> KnowledgeLibrary::find_passages(const KnowledgeQuery& query, std::size_t most) const {
  KnowledgeAnswer<RetrievedPassage> out;
  QueryVector vector = vector_of(query.normalised);
  out.degraded = std::move(vector.degraded);
  std::shared_lock lock(mutex_);
  const auto accept = [&](std::size_t document) {
    const RunbookPassage& passage = passages_[document];
    return (!query.only_type || is_about(passage, *query.only_type)) &&
           (query.only_platform.empty() || passage.platforms.empty() ||
            std::ranges::find(passage.platforms, query.only_platform) != passage.platforms.end());
  };
  const auto weight = [&](std::size_t document) {
    const RunbookPassage& passage = passages_[document];
    double out_of = kUnknownAge;  // as a case that ships: the two are listed together
    if (query.type && is_about(passage, *query.type)) out_of *= kTypeOfRunbook;
    if (!query.platform.empty() && std::ranges::find(passage.platforms, query.platform) != passage.platforms.end()) out_of *= kSamePlatform;
    return out_of;
  };
  for (const Ranked& one : rank(passage_shelf_, Shelf::passages, query.normalised, vector.vector, accept, weight, most))
    out.found.push_back({passages_[one.document],
                         std::max(one.lexical, one.cosine),
                         {one.score, one.lexical, one.cosine, one.lexical_rank, one.vector_rank}});
  return out;
}

}  // namespace mend
