// The home's key: 32 random bytes from which the keys of the store, the audit anchor and the sealed files are derived.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/sealed.h"

namespace mend {

// Where the key comes from, the first of these that is set; with neither it is the file `key` in the home.
struct KeySource {
  std::optional<std::string> value;    // MENDLINE_KEY: 64 hex digits
  std::optional<std::string> command;  // MENDLINE_KEY_COMMAND: a shell command that prints them
  Duration command_limit = std::chrono::seconds{30};
};
// Reads the two environment variables; an empty one counts as not set.
KeySource key_source_from_environment();

// The key. Without a source it is read from home/key; at the very first start that file is made (0600), so that several
// processes starting together agree on one key. Refused: a key file that group or others may read (permission), text that is no
// key (invalid_input), a database whose key file is missing (not_found: a new key could never open it), a command that fails
// (unavailable) or does not end (timed_out). Messages never hold the key.
Result<SecretKey> load_home_key(const std::filesystem::path& home, const KeySource& source);

}  // namespace mend
