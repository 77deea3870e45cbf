// When is which job due? A value over the jobs file; no threads, no clock of its own.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "main/jobs_file.h"

namespace mend {

class Scheduler {
 public:
  // Jobs without a schedule are never due. Errors cannot occur for a file that was validated.
  static Result<Scheduler> make(const JobsFile& file, WallTime now);

  // The jobs that are due at `now`, each once however many times were missed; their next times move on.
  std::vector<JobId> take_due(WallTime now);
  // Until the next job is due, at most `most`.
  Duration until_next(WallTime now, Duration most) const;
  std::map<std::string, WallTime> next_times() const;

 private:
  struct Entry {
    JobId job;
    std::string schedule;
    std::string time_zone;
    WallTime next;
  };
  std::vector<Entry> entries_;
};

}  // namespace mend
