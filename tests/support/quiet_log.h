// A log that keeps its lines for the test.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "base/log.h"

namespace mend {

class KeptLog final : public Log {
 public:
  void write(LogLevel, std::string_view message) override {
    std::lock_guard lock(mutex_);
    lines_.emplace_back(message);
  }
  std::vector<std::string> lines() const {
    std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

}  // namespace mend
