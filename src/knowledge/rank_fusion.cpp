#include "knowledge/rank_fusion.h"

#include <algorithm>
#include <unordered_map>

namespace mend {

double reciprocal_rank(std::size_t rank) { return rank == 0 ? 0 : 1 / (kFusionConstant + double(rank)); }

std::vector<FusedRank> fuse_ranks(std::span<const std::vector<std::size_t>> rankings) {
  std::vector<FusedRank> out;
  std::unordered_map<std::size_t, std::size_t> places;
  for (std::size_t r = 0; r < rankings.size(); ++r)
    for (std::size_t i = 0; i < rankings[r].size(); ++i) {
      const auto [place, added] = places.emplace(rankings[r][i], out.size());
      if (added) out.push_back({rankings[r][i], 0, std::vector<std::size_t>(rankings.size())});
      FusedRank& fused = out[place->second];
      if (fused.ranks[r] != 0) continue;  // it stood higher already
      fused.ranks[r] = i + 1;
      fused.score += reciprocal_rank(i + 1);
    }
  std::ranges::sort(out, [](const FusedRank& a, const FusedRank& b) { return a.score != b.score ? a.score > b.score : a.item < b.item; });
  return out;
}

}  // namespace mend
