// NDJSON lines to durable events on two threads: one parses, redacts and diagnoses, the other commits batch after batch.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bounded_queue.h"
#include "base/result.h"
#include "ingest/intake.h"
#include "ingest/parse_event.h"

namespace mend {

struct RejectedLine {
  std::uint64_t line = 0;        // from 1
  EventProblem problem;
};

struct PipelineTotals {
  std::uint64_t accepted = 0, duplicates = 0, rejected = 0;
  std::vector<RejectedLine> first_rejected;  // the first ten thousand
  std::vector<IncidentId> new_incidents;
};

// One run at a time.
class EventPipeline {
 public:
  struct Line {
    std::string_view text;     // valid until the next call
    bool too_long = false;     // longer than the reader takes: text is empty
  };
  // Nothing: no more lines.
  using NextLine = std::function<Result<std::optional<Line>>()>;
  // Told now and then, on the reading thread: lines read, events durable, lines rejected.
  using Progress = std::function<void(std::uint64_t, std::uint64_t, std::uint64_t)>;

  explicit EventPipeline(EventIntake& intake) : intake_(intake) {}

  // Reads to the end. An error (of the reader or the store) ends it early: what was committed before stays.
  Result<PipelineTotals> run(const NextLine& next_line, const Progress& progress = {});

 private:
  void commit_all();
  Result<void> read_all(const NextLine& next_line, const Progress& progress);

  static constexpr std::size_t kBatch = 1000;   // events of one transaction
  static constexpr std::size_t kBatchesWaiting = 4;

  EventIntake& intake_;
  BoundedQueue<std::vector<PreparedEvent>> queue_{kBatchesWaiting};
  std::optional<Error> commit_error_;           // of the committer until it has ended
  PipelineTotals totals_;                       // accepted, duplicates, new incidents: of the committer until it has ended
  std::uint64_t rejected_ = 0;
  std::vector<RejectedLine> first_rejected_;
  std::atomic<std::uint64_t> durable_{0};
  std::atomic<bool> failed_{false};
};

}  // namespace mend
