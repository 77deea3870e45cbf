#include "main/measure.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/file.h"
#include "base/time_text.h"
#include "diagnose/train.h"
#include "ingest/parse_event.h"
#include "main/diagnosis_engine.h"
#include "main/event_pipeline.h"
#include "main/session.h"
#include "model/json.h"

namespace mend {
namespace {

double since(const AppContext& app, SteadyTime begin) { return double((app.clock.steady() - begin).count()) / 1e6; }

// A home of its own that goes away with this.
class ScratchHome {
 public:
  explicit ScratchHome(AppContext& app) : app_(app), old_(app.home) {
    app_.home = std::filesystem::temp_directory_path() / make_id("mendline-bench", app.clock.now(), app.random);
  }
  ~ScratchHome() {
    std::error_code ignored;
    std::filesystem::remove_all(app_.home, ignored);
    app_.home = old_;
  }
  ScratchHome(const ScratchHome&) = delete;
  ScratchHome& operator=(const ScratchHome&) = delete;

 private:
  AppContext& app_;
  std::filesystem::path old_;
};

}  // namespace

Result<std::vector<std::string>> bench_messages(const AppContext& app, std::size_t count) {
  std::vector<std::string> texts;
  std::error_code problem;
  for (std::filesystem::recursive_directory_iterator it(app.data / "catalog/corpus", problem), end; !problem && it != end; it.increment(problem)) {
    if (it->path().extension() != ".jsonl") continue;
    MEND_TRY(const std::string content, read_file(it->path()));
    MEND_TRY(const auto rows, parse_corpus(content, it->path().filename().string()));
    for (const auto& row : rows) texts.push_back(row.message);
  }
  if (texts.empty()) return fail(ErrorKind::not_found, (app.data / "catalog/corpus").string() + " holds no messages to measure with");
  std::vector<std::string> out;
  SeededRandom random(7);
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";
  for (std::size_t i = 0; i < count; ++i) {
    // A word of its own, so that no two are the same after normalising.
    std::string word;
    for (int k = 0; k < 9; ++k) word += kLetters[random.next() % kLetters.size()];
    out.push_back(texts[i % texts.size()] + "\nin step " + word);
  }
  return out;
}

Result<Measurement> measure_classify(AppContext& app, double seconds) {
  MEND_CHECK(app.load_redactor());
  const DiagnosisEngine engine = make_diagnosis_engine(app);
  MEND_TRY(const auto messages, bench_messages(app, 60'000));
  Measurement out{"classify_distinct", "messages/s", 0, 0, 0};
  std::size_t bytes = 0;
  // Once through the corpus: patterns are compiled at their first hit, which is start-up and not throughput.
  constexpr std::size_t kWarm = 3000;
  for (std::size_t i = 0; i < kWarm; ++i) bytes += engine.diagnoser->votes({messages[messages.size() - 1 - i], "", {}}).hits.size();
  const SteadyTime begin = app.clock.steady();
  while (since(app, begin) < seconds && out.count < messages.size() - kWarm) {
    const std::string text = app.redactor->redact(messages[out.count++]);
    bytes += to_line(to_json(engine.diagnoser->diagnose({text, "", {}}))).size();
  }
  out.seconds = since(app, begin);
  out.value = double(out.count) / out.seconds;
  if (bytes == 0) return fail(ErrorKind::internal, "nothing was measured");
  return out;
}

Result<Measurement> measure_cached(AppContext& app, double seconds) {
  const DiagnosisEngine engine = make_diagnosis_engine(app);
  MEND_TRY(const auto messages, bench_messages(app, 100));
  for (const auto& message : messages) engine.diagnoser->diagnose({message, "", {}});
  Measurement out{"classify_cached", "us", 0, 0, 0};
  const SteadyTime begin = app.clock.steady();
  while (since(app, begin) < seconds) {
    const Diagnosis d = engine.diagnoser->diagnose({messages[out.count++ % messages.size()], "", {}});
    if (d.path != "cached") return fail(ErrorKind::internal, "a known message was not found in the cache");
  }
  out.seconds = since(app, begin);
  out.value = out.seconds / double(out.count) * 1e6;
  return out;
}

Result<Measurement> measure_ingest(AppContext& app, double seconds) {
  const ScratchHome scratch(app);
  MEND_TRY(const auto session, Session::open(app, {}));
  MEND_TRY(const auto messages, bench_messages(app, 200));
  std::vector<std::string> lines;
  const auto count = static_cast<std::size_t>(std::max(1.0, seconds) * 25'000);
  for (std::size_t i = 0; i < count; ++i)
    lines.push_back(to_line(boost::json::object{{"event_id", fmt::format("bench-{}", i)}, {"job_id", fmt::format("job-{}", i % 50)},
                                                {"run_id", fmt::format("run-{}", i)}, {"status", "failed"}, {"platform", "airflow"},
                                                {"error_message", messages[i % messages.size()]}, {"timestamp", "2026-11-24T02:00:00Z"}}));
  Measurement out{"ingest_durable", "events/s", 0, 0, 0};
  EventPipeline pipeline(session->engine().intake());
  std::size_t next = 0;
  const SteadyTime begin = app.clock.steady();
  MEND_TRY(const PipelineTotals totals, pipeline.run([&]() -> Result<std::optional<EventPipeline::Line>> {
    if (next == lines.size() || since(app, begin) > seconds) return std::nullopt;
    return EventPipeline::Line{lines[next++]};
  }));
  out.seconds = since(app, begin);
  out.count = totals.accepted;
  out.value = double(out.count) / out.seconds;
  if (totals.accepted != next) return fail(ErrorKind::internal, "not every event was accepted");
  return out;
}

}  // namespace mend
