// The diagnosis, step by step, on the catalog's messages. The signature scan stands beside RE2::Set doing the same search.
#include <benchmark/benchmark.h>
#include <re2/set.h>

#include "diagnose/diagnoser.h"
#include "diagnose/features.h"
#include "diagnose/prepare.h"
#include "main/app_context.h"
#include "main/diagnosis_engine.h"
#include "main/measure.h"

namespace mend {
namespace {

// Loaded once: the model and two thousand messages. Benchmarks run one after the other on one thread.
struct Material {
  AppContext app;
  DiagnosisEngine engine;
  std::vector<std::string> messages;
  std::string problem;

  Material() {
    app.log = std::make_unique<StderrLog>(LogLevel::error);
    auto data = find_data();
    if (!data) {
      problem = data.error().message;
      return;
    }
    app.data = *data;
    if (auto ready = app.load_redactor(); !ready) problem = ready.error().message;
    engine = make_diagnosis_engine(app);
    auto made = bench_messages(app, 2000);
    if (made) messages = std::move(*made);
    else problem = made.error().message;
    if (!engine.diagnoser->model().degraded.empty()) problem = engine.diagnoser->model().degraded.front();
    // Patterns are compiled at their first hit: that is start-up, not the work that is measured.
    if (problem.empty())
      for (const auto& message : messages) engine.diagnoser->votes({message, "", {}});
  }
};

Material& material() {
  static Material made;
  return made;
}

bool ready(benchmark::State& state) {
  if (material().problem.empty()) return true;
  state.SkipWithError(material().problem.c_str());
  return false;
}

void redact(benchmark::State& state) {
  if (!ready(state)) return;
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(material().app.redactor->redact(material().messages[i++ % material().messages.size()]));
  state.SetItemsProcessed(std::int64_t(state.iterations()));
}
BENCHMARK(redact);

void prepare(benchmark::State& state) {
  if (!ready(state)) return;
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(prepare_text(material().messages[i++ % material().messages.size()]));
  state.SetItemsProcessed(std::int64_t(state.iterations()));
}
BENCHMARK(prepare);

std::vector<std::string> focus_texts() {
  std::vector<std::string> out;
  for (const auto& message : material().messages) out.push_back(prepare_text(message).focus);
  return out;
}

void signatures_vectorscan_re2(benchmark::State& state) {
  if (!ready(state)) return;
  const auto texts = focus_texts();
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(material().engine.diagnoser->model().signatures->match(texts[i++ % texts.size()]));
  state.SetItemsProcessed(std::int64_t(state.iterations()));
}
BENCHMARK(signatures_vectorscan_re2);

// The peer: which patterns match, without facts and places.
void signatures_re2_set(benchmark::State& state) {
  if (!ready(state)) return;
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(512 << 20);
  RE2::Set set(options, RE2::UNANCHORED);
  for (const auto& signature : material().engine.diagnoser->model().signatures->signatures()) set.Add("(?im)" + signature.pattern, nullptr);
  if (!set.Compile()) return state.SkipWithError("RE2::Set does not compile the patterns");
  const auto texts = focus_texts();
  std::size_t i = 0;
  for (auto _ : state) {
    std::vector<int> hits;
    benchmark::DoNotOptimize(set.Match(texts[i++ % texts.size()], &hits));
  }
  state.SetItemsProcessed(std::int64_t(state.iterations()));
}
BENCHMARK(signatures_re2_set);

void voters(benchmark::State& state) {
  if (!ready(state)) return;
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(material().engine.diagnoser->votes({material().messages[i++ % material().messages.size()], "", {}}));
  state.SetItemsProcessed(std::int64_t(state.iterations()));
}
BENCHMARK(voters);

void similar_cases(benchmark::State& state) {
  if (!ready(state)) return;
  const auto texts = focus_texts();
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(material().engine.library->similar_cases(texts[i++ % texts.size()], "", 5));
  state.SetItemsProcessed(std::int64_t(state.iterations()));
}
BENCHMARK(similar_cases);

void diagnose_cached(benchmark::State& state) {
  if (!ready(state)) return;
  for (std::size_t i = 0; i < 500; ++i) material().engine.diagnoser->diagnose({material().messages[i], "", {}});
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(material().engine.diagnoser->diagnose({material().messages[i++ % 500], "", {}}));
  state.SetItemsProcessed(std::int64_t(state.iterations()));
}
BENCHMARK(diagnose_cached);

}  // namespace
}  // namespace mend

BENCHMARK_MAIN();
