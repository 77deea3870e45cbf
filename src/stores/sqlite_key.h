// The database's key, given to a connection.
#pragma once

#include <sqlite3.h>

#include "base/result.h"
#include "base/sealed.h"

namespace mend {

// The key of the database, derived from the home's key.
SecretKey store_key(const SecretKey& home_key);
// Chooses ChaCha20-Poly1305 and gives the 32 bytes as they are: no slow derivation, the key is random already. A key that does
// not fit shows only at the first statement.
Result<void> give_key(sqlite3* connection, const unsigned char* key);

}  // namespace mend
