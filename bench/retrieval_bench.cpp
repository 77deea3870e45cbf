// Search by meaning among many synthetic cases: recall against an exact search, the time of a search, memory, and a build that goes on
// where it was interrupted.
//
//   retrieval_bench [COUNT=100000] [FILE]     FILE: the index is saved there every 50,000 vectors and taken up from there
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <random>
#include <set>

#include "base/file.h"
#include "knowledge/vector_graph.h"

namespace mend {
namespace {

constexpr std::size_t kDimension = 384;
constexpr std::size_t kQueries = 1000, kCompared = 200;  // of which so many are compared with an exact search
constexpr std::size_t kSavedEvery = 50'000;
constexpr std::size_t kNearest = 10;
constexpr float kSpread = 0.8F;  // how far texts of one kind lie apart, beside the distance of the kinds: cosines of 0.6 within one

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Of this thread: on a machine that is shared, what a search costs shows here, the waiting for a core does not.
double processor_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return double(now.tv_sec) + double(now.tv_nsec) / 1e9;
}

std::vector<float> noise(std::mt19937_64& random) {
  std::normal_distribution<float> normal;
  std::vector<float> out(kDimension);
  double length = 0;
  for (float& value : out) {
    value = normal(random);
    length += double(value) * double(value);
  }
  for (float& value : out) value = float(double(value) / std::sqrt(length));
  return out;
}

// The vector of this number: the same in every run, so that an interrupted build can go on.
PackedVector synthetic(std::uint64_t number, std::uint64_t kinds) {
  std::mt19937_64 random(number * 0x9e3779b97f4a7c15ULL + 1);
  std::mt19937_64 kind(random() % kinds);
  const auto centre = noise(kind);
  auto out = noise(random);
  double length = 0;
  for (std::size_t i = 0; i < kDimension; ++i) {
    out[i] = centre[i] + kSpread * out[i];
    length += double(out[i]) * double(out[i]);
  }
  for (float& value : out) value = float(double(value) / std::sqrt(length));
  return pack(out);
}

double resident_mib() {
  std::ifstream file("/proc/self/statm");
  std::size_t all = 0, resident = 0;
  file >> all >> resident;
  return double(resident) * double(::sysconf(_SC_PAGESIZE)) / double(1U << 20U);
}

Result<void> run(std::size_t count, const std::string& file) {
  const std::uint64_t kinds = std::max<std::uint64_t>(50, std::uint64_t(std::sqrt(double(count))) * 4);
  auto graph = std::make_unique<VectorGraph>(kDimension);
  if (!file.empty()) {
    constexpr std::size_t kMostFile = std::size_t{8} << 30U;
    if (const auto bytes = read_file(file, kMostFile)) {
      const auto begin = std::chrono::steady_clock::now();
      MEND_TRY(graph, VectorGraph::from_bytes(*bytes, kDimension));
      fmt::print("taken up with {} vectors, read in {:.1f} s\n", graph->size(), seconds_since(begin));
    }
  }
  const std::size_t before = graph->size();
  double adding = 0;
  for (std::size_t i = before; i < count; ++i) {
    const PackedVector vector = synthetic(i, kinds);
    const auto begin = std::chrono::steady_clock::now();
    MEND_CHECK(graph->add(i, vector));
    adding += seconds_since(begin);
    if ((i + 1) % kSavedEvery == 0) {
      fmt::print("{} vectors, {:.0f} a second so far\n", i + 1, double(i + 1 - before) / adding);
      std::fflush(stdout);
      if (!file.empty()) {
        MEND_TRY(const std::string bytes, graph->bytes());
        MEND_CHECK(write_file_durably(file, bytes));
      }
    }
  }
  fmt::print("vectors          {}\nresident memory  {:.0f} MiB\n", graph->size(), resident_mib());
  if (count > before) fmt::print("additions        {:.0f} a second\n", double(count - before) / adding);

  std::vector<double> micros, processor_micros, exact_micros;
  std::size_t found = 0, wanted = 0;
  for (std::size_t q = 0; q < kQueries; ++q) {
    const PackedVector query = synthetic(1'000'000'000 + q, kinds);
    auto begin = std::chrono::steady_clock::now();
    const double processor = processor_seconds();
    const auto hits = graph->search(query, kNearest);
    processor_micros.push_back((processor_seconds() - processor) * 1e6);
    micros.push_back(seconds_since(begin) * 1e6);
    if (q >= kCompared) continue;
    begin = std::chrono::steady_clock::now();
    const auto exact = graph->exact(query, kNearest);
    exact_micros.push_back(seconds_since(begin) * 1e6);
    std::set<VectorKey> keys;
    for (const VectorHit& hit : exact) keys.insert(hit.key);
    wanted += keys.size();
    for (const VectorHit& hit : hits) found += keys.contains(hit.key);
  }
  const auto part = [](std::vector<double>& of, double quantile) {
    std::ranges::sort(of);
    return of[std::min(of.size() - 1, std::size_t(double(of.size()) * quantile))];
  };
  fmt::print("recall@{}        {:.4f} of {} queries\n", kNearest, double(found) / double(wanted), kCompared);
  fmt::print("search           p50 {:.0f} us, p99 {:.0f} us\n", part(micros, 0.5), part(micros, 0.99));
  fmt::print("  processor time p50 {:.0f} us, p99 {:.0f} us\n", part(processor_micros, 0.5), part(processor_micros, 0.99));
  fmt::print("exact search     p50 {:.0f} us\n", part(exact_micros, 0.5));
  return {};
}

}  // namespace
}  // namespace mend

int main(int argc, char** argv) {
  const std::size_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000;
  if (count == 0) {
    fmt::print(stderr, "usage: retrieval_bench [COUNT] [FILE]\n");
    return 2;
  }
  if (auto done = mend::run(count, argc > 2 ? argv[2] : ""); !done) {
    fmt::print(stderr, "retrieval_bench: {}\n", done.error().message);
    return 1;
  }
  return 0;
}
