#include "main/event_pipeline.h"

#include <algorithm>
#include <thread>

namespace mend {
namespace {
constexpr std::size_t kMostRejectedKept = 10'000;
}

void EventPipeline::commit_all() {
  while (auto batch = queue_.pop()) {
    auto done = intake_.commit(*batch);
    if (!done) {
      commit_error_ = done.error();
      failed_ = true;
      queue_.close();
      return;
    }
    totals_.accepted += done->accepted;
    totals_.duplicates += done->duplicates;
    std::ranges::move(done->new_incidents, std::back_inserter(totals_.new_incidents));
    durable_ = totals_.accepted + totals_.duplicates;
  }
}

Result<void> EventPipeline::read_all(const NextLine& next_line, const Progress& progress) {
  EventParser parser;
  std::vector<PreparedEvent> batch;
  std::uint64_t number = 0, rejected = 0;
  std::vector<RejectedLine> kept;
  Result<void> outcome;
  while (!failed_) {
    auto line = next_line();
    if (!line) {
      outcome = std::unexpected(line.error());
      break;
    }
    if (!*line) break;
    ++number;
    if (progress && number % 1000 == 0) progress(number, durable_, rejected);
    const bool blank = (*line)->text.find_first_not_of(" \t\r") == std::string_view::npos;
    if (blank && !(*line)->too_long) continue;
    auto event = (*line)->too_long ? std::unexpected(EventProblem{"", "the line is longer than 16 MiB"}) : parser.parse((*line)->text);
    if (!event) {
      ++rejected;
      if (kept.size() < kMostRejectedKept) kept.push_back({number, std::move(event.error())});
      continue;
    }
    batch.push_back(intake_.prepare(std::move(*event)));
    if (batch.size() == kBatch) {
      if (!queue_.push(std::move(batch))) break;
      batch = {};
    }
  }
  if (!batch.empty()) queue_.push(std::move(batch));
  queue_.close();
  rejected_ = rejected;
  first_rejected_ = std::move(kept);
  return outcome;
}

Result<PipelineTotals> EventPipeline::run(const NextLine& next_line, const Progress& progress) {
  Result<void> read;
  {
    std::jthread committer([this] { commit_all(); });
    read = read_all(next_line, progress);
  }
  if (commit_error_) return std::unexpected(*commit_error_);
  if (!read) return std::unexpected(read.error());
  totals_.rejected = rejected_;
  totals_.first_rejected = std::move(first_rejected_);
  return std::move(totals_);
}

}  // namespace mend
