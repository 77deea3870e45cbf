// Opening a home for reading: a reader never makes one.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "main/app_context.h"
#include "model/knowledge.h"
#include "ports/store.h"

namespace mend {

// The store of the home, or null when there never was one. Nothing is made; corrupt when the database was lost.
Result<std::unique_ptr<Store>> open_existing_store(AppContext& app);

// For lists: the home is not there yet, which is no error. Prints that, or an empty list with --json.
ExitStatus nothing_here(const AppContext& app, bool json);
// The same for commands that need something to work on: not_found.
Error no_home_error(const AppContext& app);

// Prints a list as it was cut: one of `limit` + 1 entries is shortened, and standard error says so.
template <class Entry>
void cut_to_limit(std::vector<Entry>& entries, std::size_t limit, std::string_view what);
void say_cut(std::size_t limit, std::string_view what);

// "42 s", "7 min", "3 h", "12 d": how long ago, in one unit; "-" for a time that was never set.
std::string age_text(WallTime then, WallTime now);

// What the catalogue's model file brings along.
Result<std::vector<Case>> seed_cases(const AppContext& app);

// A text that a person typed: a secret pasted into a reason is taken out before it is stored.
Result<std::string> redacted_text(AppContext& app, std::string_view text);

template <class Entry>
void cut_to_limit(std::vector<Entry>& entries, std::size_t limit, std::string_view what) {
  if (entries.size() <= limit) return;
  entries.resize(limit);
  say_cut(limit, what);
}

}  // namespace mend
