// What the store does a second on this machine, on the disk of the temporary folder (TMPDIR). Every figure includes the fsync.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "stores/sqlite_store.h"

namespace mend {
namespace {

class Home {
 public:
  Home() {
    std::string name = (std::filesystem::temp_directory_path() / "mend-bench-XXXXXX").string();
    if (::mkdtemp(name.data())) path_ = name;
    SqliteStoreOptions options;
    options.home = path_ / "home";
    options.home_key.fill(7);
    if (auto store = open_sqlite_store(options)) store_ = std::move(*store);
  }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;
  ~Home() {
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Store* store() { return store_.get(); }

 private:
  std::filesystem::path path_;
  std::unique_ptr<Store> store_;
};

Event make_event(std::uint64_t number) {
  // Ids without an order, as sources send them.
  Event event;
  event.id = EventId("evt-" + std::to_string(number * 0x9e3779b97f4a7c15ULL) + "-" + std::to_string(number));
  event.job = JobId("job-" + std::to_string(number % 100));
  event.run = RunId("run-" + std::to_string(number));
  event.platform = "airflow";
  event.error_message =
      "psycopg2.OperationalError: could not connect to server: Connection timed out, is the server running on host db-3? " +
      std::string(180, 'x');
  event.timestamp = event.received = WallTime{std::chrono::seconds{1'780'000'000} + Duration{long(number)}};
  event.context.exit_code = 1;
  return event;
}

AuditRecord make_audit(const Event& event) {
  AuditRecord record;
  record.timestamp = event.received;
  record.actor = "mendline";
  record.action = "event.accepted";
  record.job_id = event.job;
  record.detail = "event " + event.id.str() + " accepted";
  return record;
}

void write(benchmark::State& state, Store& store, std::uint64_t from, std::uint64_t count) {
  const auto done = store.write([&](StoreTransaction& t) -> Result<void> {
    for (std::uint64_t i = from; i < from + count; ++i) {
      const Event event = make_event(i);
      MEND_CHECK(t.add_event(event));
      MEND_CHECK(t.append_audit(make_audit(event)));
    }
    return {};
  });
  if (!done) state.SkipWithError(done.error().message.c_str());
}

// Pairs of one event and one audit record; the argument is how many stand in one piece of work.
void EventAndAudit(benchmark::State& state) {
  Home home;
  std::uint64_t next = 0;
  for (auto _ : state) {
    write(state, *home.store(), next, std::uint64_t(state.range(0)));
    next += std::uint64_t(state.range(0));
  }
  state.SetItemsProcessed(std::int64_t(next));
}
BENCHMARK(EventAndAudit)->Arg(1)->Arg(100)->Arg(1000)->UseRealTime()->Unit(benchmark::kMillisecond);

// Threads with one pair each, which share commits.
std::unique_ptr<Home> shared_home;
void GroupCommit(benchmark::State& state) {
  if (state.thread_index() == 0) shared_home = std::make_unique<Home>();
  std::uint64_t next = std::uint64_t(state.thread_index()) << 40U;
  for (auto _ : state) write(state, *shared_home->store(), next++, 1);
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() == 0) shared_home.reset();
}
BENCHMARK(GroupCommit)->Threads(1)->Threads(8)->Threads(64)->UseRealTime()->Unit(benchmark::kMicrosecond);

void VerifyAudit(benchmark::State& state) {
  Home home;
  write(state, *home.store(), 0, 20'000);
  for (auto _ : state) benchmark::DoNotOptimize(home.store()->verify_audit());
  state.SetItemsProcessed(state.iterations() * 20'000);
}
BENCHMARK(VerifyAudit)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace mend

BENCHMARK_MAIN();
