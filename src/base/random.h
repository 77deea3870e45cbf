// Randomness comes from a Random that is passed in, so that tests are repeatable.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "base/clock.h"

namespace mend {

class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;  // uniform over all 64 bits; any thread may call
  double unit() { return double(next() >> 11) * 0x1.0p-53; }  // uniform in [0, 1)
};

class SystemRandom final : public Random {  // the kernel's, by libsodium
 public:
  std::uint64_t next() override;
};

class SeededRandom final : public Random {  // splitmix64 (Vigna, public domain): for tests and for training
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() override;

 private:
  std::mutex mutex_;
  std::uint64_t state_;
};

// A short sortable id: prefix, milliseconds since 1970 in base 32, then 50 random bits, e.g. "inc-1jh2k3m4n8f3k2m1n0p".
std::string make_id(std::string_view prefix, WallTime now, Random& random);

}  // namespace mend
