// Several rankings made one: reciprocal rank fusion (Cormack, Clarke and Buettcher, SIGIR 2009). Scores of different rankings are
// not comparable, their ranks are.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace mend {

inline constexpr double kFusionConstant = 60;  // the paper's: first places count, but not alone

// What an item gets for standing at this rank, from 1; 0 (it is not in the ranking) gives nothing.
double reciprocal_rank(std::size_t rank);

struct FusedRank {
  std::size_t item = 0;
  double score = 0;                // the sum of its reciprocal ranks
  std::vector<std::size_t> ranks;  // in each of the rankings, from 1; 0: not there
};

// Each ranking best first, its items different ones. Best first; of equals the smaller item.
std::vector<FusedRank> fuse_ranks(std::span<const std::vector<std::size_t>> rankings);

}  // namespace mend
