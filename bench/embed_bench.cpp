// The sentence encoder: one text of so many tokens on one thread, for every set of kernels that this processor has; and the way
// from the words to the token ids.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "embed/dispatch.h"
#include "embed/encoder.h"

namespace mend {
namespace {

std::string model_path() { return MEND_BINARY_DIR "/share/mendline/minilm.bin"; }

std::vector<std::uint32_t> some_ids(std::size_t count) {
  std::vector<std::uint32_t> ids{101};
  while (ids.size() + 1 < count) ids.push_back(std::uint32_t(1000 + ids.size() * 397 % 25000));
  ids.push_back(102);
  return ids;
}

void encode_tokens(benchmark::State& state, const char* kernels) {
  const auto encoder = Encoder::open(model_path(), {.most_tokens = 128, .kernels = kernels});
  if (!encoder) return state.SkipWithError(encoder.error().message.c_str());
  const auto ids = some_ids(std::size_t(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize((*encoder)->embed_tokens(ids));
  state.counters["tokens/s"] = benchmark::Counter(double(state.range(0)), benchmark::Counter::kIsIterationInvariantRate);
}

void split_text(benchmark::State& state) {
  const auto encoder = Encoder::open(model_path(), {.most_tokens = 80});
  if (!encoder) return state.SkipWithError(encoder.error().message.c_str());
  std::string text;
  while (text.size() < 4096) text += "psycopg2.errors.InsufficientPrivilege: permission denied for table meter_readings\n";
  for (auto _ : state) benchmark::DoNotOptimize((*encoder)->tokens(text));
}
BENCHMARK(split_text)->Unit(benchmark::kMicrosecond);

void open_model(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Encoder::open(model_path()));
}
BENCHMARK(open_model)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace mend

int main(int argc, char** argv) {
  for (const mend::Kernels* kernels : mend::usable_kernels())
    benchmark::RegisterBenchmark(fmt::format("encode/{}", kernels->name).c_str(), mend::encode_tokens, kernels->name)
        ->Arg(16)
        ->Arg(32)
        ->Arg(48)
        ->Arg(64)
        ->Arg(80)
        ->Unit(benchmark::kMillisecond);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
