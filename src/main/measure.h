// Measurements of this machine, shared by `mendline bench` and the programs in bench/.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "main/app_context.h"

namespace mend {

struct Measurement {
  std::string name;      // "classify_distinct"
  std::string unit;      // "messages/s", "us"
  double value = 0;
  std::uint64_t count = 0;
  double seconds = 0;
};

// Messages of the catalog's corpus, each made distinct; deterministic.
Result<std::vector<std::string>> bench_messages(const AppContext& app, std::size_t count);

// Redaction, diagnosis and the answer as JSON of messages that all differ: one thread.
Result<Measurement> measure_classify(AppContext& app, double seconds);
// The same message again: from the cache.
Result<Measurement> measure_cached(AppContext& app, double seconds);
// Events from NDJSON text to durable, of 200 different failures that repeat, in a store of its own: two threads.
Result<Measurement> measure_ingest(AppContext& app, double seconds);

}  // namespace mend
