#include "base/sealed.h"

#include <sodium.h>
#include <sodium/crypto_secretbox_xchacha20poly1305.h>

namespace mend {
namespace {
constexpr std::string_view kMagic = "MENDSEAL1";
}

SecretKey derive_key(const SecretKey& key, std::string_view purpose) {
  SecretKey out{};
  crypto_generichash(out.data(), out.size(), reinterpret_cast<const unsigned char*>(purpose.data()), purpose.size(), key.data(), key.size());
  return out;
}

Sealer::Sealer(const SecretKey& key) : key_(key) {}
Sealer::~Sealer() { sodium_memzero(key_.data(), key_.size()); }

std::string Sealer::seal(std::string_view plain) const {
  std::string out(kMagic);
  out.resize(kMagic.size() + crypto_secretbox_xchacha20poly1305_NONCEBYTES + crypto_secretbox_xchacha20poly1305_MACBYTES + plain.size());
  auto* nonce = reinterpret_cast<unsigned char*>(out.data()) + kMagic.size();
  randombytes_buf(nonce, crypto_secretbox_xchacha20poly1305_NONCEBYTES);
  crypto_secretbox_xchacha20poly1305_easy(nonce + crypto_secretbox_xchacha20poly1305_NONCEBYTES,
                                          reinterpret_cast<const unsigned char*>(plain.data()), plain.size(), nonce, key_.data());
  return out;
}

Result<std::string> Sealer::open(std::string_view sealed) const {
  constexpr std::size_t kOverhead = crypto_secretbox_xchacha20poly1305_NONCEBYTES + crypto_secretbox_xchacha20poly1305_MACBYTES;
  if (!sealed.starts_with(kMagic) || sealed.size() < kMagic.size() + kOverhead)
    return fail(ErrorKind::corrupt, "not a sealed file");
  sealed.remove_prefix(kMagic.size());
  const auto* nonce = reinterpret_cast<const unsigned char*>(sealed.data());
  const auto* box = nonce + crypto_secretbox_xchacha20poly1305_NONCEBYTES;
  const std::size_t box_size = sealed.size() - crypto_secretbox_xchacha20poly1305_NONCEBYTES;
  std::string plain(sealed.size() - kOverhead, '\0');
  if (crypto_secretbox_xchacha20poly1305_open_easy(reinterpret_cast<unsigned char*>(plain.data()), box, box_size, nonce, key_.data()) != 0)
    return fail(ErrorKind::corrupt, "the sealed file was made with another key or was changed");
  return plain;
}

}  // namespace mend
