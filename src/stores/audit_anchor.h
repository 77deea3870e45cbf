// The audit anchor: how far the hash chain had come, kept outside of the database, so that records cut off its end are missed.
//
// One line in home/audit.anchor, authenticated by a key derived from the home's key. It may lag behind the chain (it is written
// after the commit and not fsynced) but never leads it. Several processes write it: under a file lock, and only ever forward.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/file.h"
#include "base/result.h"
#include "base/sealed.h"

namespace mend {

// A place in the chain. The start, before any record, is sequence 0 with 64 zeros.
struct ChainPoint {
  std::uint64_t sequence = 0;
  std::string hash = std::string(64, '0');
  bool operator==(const ChainPoint&) const = default;
};

// Immutable and thread-safe.
class AuditAnchor {
 public:
  AuditAnchor(std::filesystem::path file, const SecretKey& home_key);
  AuditAnchor(const AuditAnchor&) = delete;
  AuditAnchor& operator=(const AuditAnchor&) = delete;
  ~AuditAnchor();

  // Nothing when there is no anchor; corrupt when it was changed or made with another key.
  Result<std::optional<ChainPoint>> read() const;
  // Makes it, durably, at the start of the chain. Nothing happens when there is one.
  Result<void> create() const;
  // Moves it to `to`. It stays where it is when it is missing or already further, and when `in_chain` says that the point it
  // names is not part of the chain: that is the trace of a cut-off end and must not be painted over.
  Result<void> advance(const ChainPoint& to, const std::function<Result<bool>(const ChainPoint&)>& in_chain) const;
  // Sets it, durably, whatever was there: after a restore.
  Result<void> reset(const ChainPoint& to) const;

 private:
  std::string line_of(const ChainPoint& point) const;
  std::optional<ChainPoint> parse(std::string_view line) const;
  Result<ChainPoint> read_from(int file) const;

  std::filesystem::path file_;
  SecretKey key_;
};

}  // namespace mend
