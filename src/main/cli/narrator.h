// Tells on a terminal what Mendline does about a failure, step by step as it happens.
#pragma once

#include <mutex>
#include <string>

#include "main/engine.h"

namespace mend {

// Thread-safe: what several jobs say is not mixed inside a block.
class Narrator final : public EngineObserver {
 public:
  // `fd`: where to write; `prefix` stands before each line ("mendline: " or "").
  Narrator(int fd, bool colours, std::string prefix, bool quiet = false);
  void diagnosed(const Incident& incident, const Diagnosis& diagnosis) override;
  void decided(const Incident& incident, const Decision& decision, const Plan* plan) override;
  void joined(const Incident& incident) override;
  void incident_moved(const Incident& incident) override;
  void step_moved(const Step& step) override;
  void run_ended(const Run& run) override;
  void say(std::string_view text);  // lines of its own

 private:
  int fd_;
  bool colours_;
  std::string prefix_;
  bool quiet_;
  std::mutex mutex_;
};

}  // namespace mend
