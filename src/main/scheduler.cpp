#include "main/scheduler.h"

#include <algorithm>

#include "runtime/cron.h"

namespace mend {
namespace {

Result<WallTime> next_time(const std::string& schedule, const std::string& zone, WallTime after) {
  MEND_TRY(const CronSchedule cron, CronSchedule::parse(schedule));
  return cron.next_after(after, zone);
}

}  // namespace

Result<Scheduler> Scheduler::make(const JobsFile& file, WallTime now) {
  Scheduler out;
  for (const JobSpec& job : file.jobs) {
    if (job.schedule.empty()) continue;
    MEND_TRY(const WallTime next, next_time(job.schedule, job.time_zone, now));
    out.entries_.push_back({job.id, job.schedule, job.time_zone, next});
  }
  return out;
}

std::vector<JobId> Scheduler::take_due(WallTime now) {
  std::vector<JobId> due;
  for (Entry& entry : entries_) {
    if (entry.next > now) continue;
    due.push_back(entry.job);
    if (auto next = next_time(entry.schedule, entry.time_zone, now)) entry.next = *next;
    else entry.next = WallTime::max();
  }
  return due;
}

Duration Scheduler::until_next(WallTime now, Duration most) const {
  Duration least = most;
  for (const Entry& entry : entries_) least = std::min(least, std::max(Duration{0}, entry.next - now));
  return least;
}

std::map<std::string, WallTime> Scheduler::next_times() const {
  std::map<std::string, WallTime> out;
  for (const Entry& entry : entries_) out[entry.job.str()] = entry.next;
  return out;
}

}  // namespace mend
