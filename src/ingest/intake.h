// Takes events in: redacts, journals (idempotent by event id), groups failures into incidents by job and fingerprint, and
// diagnoses each new incident. Everything of a batch is one transaction: acknowledged means durable.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/fail_points.h"
#include "base/random.h"
#include "base/result.h"
#include "model/event.h"
#include "ports/diagnoser.h"
#include "ports/store.h"

namespace mend {

struct IntakeResult {
  std::uint64_t accepted = 0;
  std::uint64_t duplicates = 0;              // event ids that were there already; nothing was changed by them
  std::vector<IncidentId> new_incidents;     // in state diagnosed
};

// An event whose texts are redacted and whose diagnosis (of a failure) is made: what is left is to write it down.
struct PreparedEvent {
  Event event;
  std::optional<Diagnosis> diagnosis;        // of failed events
};

// Thread-safe: prepare may run on several threads, commit on one or more.
class EventIntake {
 public:
  struct Parts {
    Store& store;
    Diagnoser& diagnoser;
    std::function<std::string(std::string_view)> redact;
    std::function<std::string(std::string_view)> redact_id;  // of names: different ones stay different
    Clock& clock;
    Random& random;
    const FailPoints& fail_points;
    std::string owner;   // this process: new incidents are its own until they are decided, so that no other one takes them up
  };
  explicit EventIntake(Parts parts) : parts_(std::move(parts)) {}

  // Redacts and diagnoses: the costly part, without the store.
  PreparedEvent prepare(Event event);
  Result<IntakeResult> commit(std::span<const PreparedEvent> events);

 private:
  void redact_names(Event& event) const;

  Parts parts_;
};

// The job succeeded by itself: its open incidents that nothing is done about are resolved, but for failures that happened after
// this success (a late message about an earlier run).
Result<void> settle_open_incidents(StoreTransaction& tx, const Event& success, WallTime now);

// What a store keeps of an error text.
inline constexpr std::size_t kMostStoredErrorBytes = 16 * 1024;
// Of one value of the context, of its name, and of all of them together.
inline constexpr std::size_t kMostStoredValueBytes = 4 * 1024;
inline constexpr std::size_t kMostStoredNameBytes = 256;
inline constexpr std::size_t kMostStoredContextBytes = 256 * 1024;

}  // namespace mend
