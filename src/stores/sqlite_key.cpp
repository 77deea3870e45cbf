#include "stores/sqlite_key.h"

#include <sodium.h>

#include <span>
#include <string>

#include "base/text.h"
#include "stores/sqlite_db.h"

namespace mend {

SecretKey store_key(const SecretKey& home_key) { return derive_key(home_key, "store"); }

Result<void> give_key(sqlite3* connection, const unsigned char* key) {
  if (sqlite3mc_config(connection, "cipher", CODEC_TYPE_CHACHA20) != CODEC_TYPE_CHACHA20)
    return fail(ErrorKind::internal, "this SQLite has no ChaCha20-Poly1305");
  std::string text = "raw:" + hex({key, sizeof(SecretKey)});
  const int code = sqlite3_key(connection, text.data(), int(text.size()));
  sodium_memzero(text.data(), text.size());
  if (code != SQLITE_OK) return fail_sqlite(connection, "giving the key");
  return {};
}

}  // namespace mend
