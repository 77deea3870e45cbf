// Authenticated encryption of small files (XChaCha20-Poly1305, libsodium): what has to be kept for an undo but may hold
// secrets, such as a credential file or a configuration, lies on disk only in this form.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mend {

using SecretKey = std::array<unsigned char, 32>;

// A key for one purpose derived from the home's key (BLAKE2b, keyed). Same key and purpose, same result.
SecretKey derive_key(const SecretKey& key, std::string_view purpose);

// Immutable and thread-safe. The key is wiped on destruction.
class Sealer {
 public:
  explicit Sealer(const SecretKey& key);
  ~Sealer();
  Sealer(const Sealer&) = delete;
  Sealer& operator=(const Sealer&) = delete;

  std::string seal(std::string_view plain) const;          // every call gives another text: the nonce is random
  Result<std::string> open(std::string_view sealed) const;  // corrupt: another key or changed bytes

 private:
  SecretKey key_;
};

}  // namespace mend
