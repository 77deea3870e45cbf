// The store in one SQLite file inside the home, encrypted (ChaCha20-Poly1305), shared by the processes of one machine.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>

#include "base/clock.h"
#include "base/fail_points.h"
#include "base/result.h"
#include "base/sealed.h"
#include "ports/store.h"

namespace mend {

struct SqliteStoreOptions {
  std::filesystem::path home;                      // made (0700) when it is not there
  SecretKey home_key{};                            // stores/home_key.h load_home_key
  const FailPoints* fail_points = nullptr;         // must outlive the store
  std::size_t readers = 4;                         // reading connections
  std::size_t waiting = 4096;                      // pieces of work that may wait for the writer
  std::size_t together = 512;                      // pieces of work in one commit
  Duration busy_limit = std::chrono::seconds{10};  // how long a write waits for other processes
};

// Opens home/mendline.db, or makes it. Errors: corrupt (another key, damaged, not Mendline's), invalid_input (made by a newer
// Mendline), conflict (a restore is running), permission and exhausted (with the path).
// The home may be given up only when no thread is inside a call; what was accepted is finished first.
Result<std::unique_ptr<Store>> open_sqlite_store(const SqliteStoreOptions& options);

}  // namespace mend
