#include "base/random.h"

#include <sodium.h>

namespace mend {

std::uint64_t SystemRandom::next() {
  std::uint64_t value = 0;
  randombytes_buf(&value, sizeof value);
  return value;
}

std::uint64_t SeededRandom::next() {
  std::lock_guard lock(mutex_);
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

std::string make_id(std::string_view prefix, WallTime now, Random& random) {
  constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";  // Crockford's base 32: no i, l, o, u
  const auto append = [&](std::string& out, std::uint64_t value, int digits) {
    for (int i = digits - 1; i >= 0; --i) out += kDigits[(value >> (5 * i)) & 31];
  };
  std::string out(prefix);
  out += '-';
  append(out, std::uint64_t(now.time_since_epoch().count() / 1000), 9);
  append(out, random.next(), 10);
  return out;
}

}  // namespace mend
