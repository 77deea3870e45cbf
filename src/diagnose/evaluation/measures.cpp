#include "diagnose/evaluation/measures.h"

#include <cmath>

namespace mend {
namespace {

double part(std::uint64_t some, std::uint64_t all) { return all > 0 ? double(some) / double(all) : 0; }

// Calls `use` with the first and the behind-last index of each bin that is not empty.
template <class Use>
void for_each_bin(std::size_t count, Use use) {
  for (std::size_t bin = 0; bin < kReliabilityBins; ++bin) {
    const std::size_t begin = bin * count / kReliabilityBins, end = (bin + 1) * count / kReliabilityBins;
    if (begin < end) use(begin, end);
  }
}

}  // namespace

std::array<TypeFigures, kErrorTypeCount> type_figures(const TypeMatrix& counts) {
  std::array<TypeFigures, kErrorTypeCount> out{};
  for (std::size_t truth = 0; truth < kErrorTypeCount; ++truth) {
    for (std::size_t said = 0; said < kErrorTypeCount; ++said) {
      out[truth].count += counts[truth][said];
      out[said].said += counts[truth][said];
    }
    out[truth].hits = counts[truth][truth];
  }
  for (TypeFigures& one : out) {
    one.precision = part(one.hits, one.said);
    one.recall = part(one.hits, one.count);
    one.f1 = one.precision + one.recall > 0 ? 2 * one.precision * one.recall / (one.precision + one.recall) : 0;
  }
  return out;
}

double macro_f1(const std::array<TypeFigures, kErrorTypeCount>& types) {
  double sum = 0;
  std::size_t seen = 0;
  for (const TypeFigures& one : types) {
    if (one.count == 0) continue;
    sum += one.f1;
    ++seen;
  }
  return seen > 0 ? sum / double(seen) : 0;
}

std::vector<ReliabilityBin> reliability_bins(std::span<const Scored> ascending) {
  std::vector<ReliabilityBin> out;
  for_each_bin(ascending.size(), [&](std::size_t begin, std::size_t end) {
    ReliabilityBin bin{end - begin, 0, 0, ascending[begin].confidence, ascending[end - 1].confidence};
    for (const Scored& one : ascending.subspan(begin, bin.count)) {
      bin.confidence += one.confidence;
      bin.accuracy += one.right ? 1 : 0;
    }
    bin.confidence /= double(bin.count);
    bin.accuracy /= double(bin.count);
    out.push_back(bin);
  });
  return out;
}

double calibration_error(std::span<const Scored> ascending) {
  double total = 0;
  for_each_bin(ascending.size(), [&](std::size_t begin, std::size_t end) {
    double difference = 0;
    for (const Scored& one : ascending.subspan(begin, end - begin)) difference += one.confidence - (one.right ? 1.0 : 0.0);
    total += std::abs(difference) / double(ascending.size());
  });
  return total;
}

double coverage_at(std::span<const Scored> descending, double precision, std::size_t of) {
  double good = 0;
  std::size_t best = 0;
  for (std::size_t k = 0; k < descending.size(); ++k) {
    good += descending[k].right ? 1 : 0;
    if (good / double(k + 1) >= precision) best = k + 1;
  }
  return of > 0 ? double(best) / double(of) : 0;
}

}  // namespace mend
