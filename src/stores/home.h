// The home: the folder with everything that Mendline keeps. Who may use it, and the names inside it.
#pragma once

#include <filesystem>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"

namespace mend {

struct HomePaths {
  explicit HomePaths(std::filesystem::path folder) : home(std::move(folder)) {}
  std::filesystem::path home;
  std::filesystem::path database() const { return home / "mendline.db"; }
  std::filesystem::path key() const { return home / "key"; }
  std::filesystem::path anchor() const { return home / "audit.anchor"; }
  std::filesystem::path lock() const { return home / "lock"; }
};

// Makes the folder (0700) when it is not there.
Result<void> make_home(const HomePaths& paths);

// The lock file: everyone who has the store open holds it shared, whoever replaces the database holds it alone. It ends with
// the object, and with the process whatever ends that. Not for passing between threads.
class HomeLock {
 public:
  // Waits up to `most`; conflict when somebody else still has it then.
  static Result<HomeLock> shared(const HomePaths& paths, Duration most);
  static Result<HomeLock> exclusive(const HomePaths& paths, Duration most);
  // Shared as soon as the database exists. When it does not, `create` makes it while this process holds the lock alone.
  template <class Create>
  static Result<HomeLock> for_opening(const HomePaths& paths, Duration most, Create create);

 private:
  explicit HomeLock(FileHandle file) : file_(std::move(file)) {}
  static Result<HomeLock> open(const HomePaths& paths);
  Result<bool> try_lock(int how);
  static void pause_between_tries();

  FileHandle file_;
};

// Whether there is something at this path; permission and the like are errors.
Result<bool> path_exists(const std::filesystem::path& path);
// fsync of a folder, so that a new or renamed name in it survives a power cut.
Result<void> sync_folder(const std::filesystem::path& folder);
Result<void> sync_file(const std::filesystem::path& file);

inline constexpr Duration kHomeLockTry = std::chrono::milliseconds{10};

template <class Create>
Result<HomeLock> HomeLock::for_opening(const HomePaths& paths, Duration most, Create create) {
  MEND_TRY(HomeLock lock, open(paths));
  constexpr int kShared = 1, kExclusive = 2;  // LOCK_SH, LOCK_EX
  for (Duration waited{0}; waited <= most; waited += kHomeLockTry) {
    MEND_TRY(const bool before, path_exists(paths.database()));
    MEND_TRY(const bool locked, lock.try_lock(before ? kShared : kExclusive));
    if (locked) {
      MEND_TRY(const bool now, path_exists(paths.database()));  // it may have been made or moved until we had the lock
      if (!before && !now) {
        MEND_CHECK(create());
        MEND_TRY(const bool kept, lock.try_lock(kShared));
        if (kept) return lock;
      } else if (before && now) {
        return lock;
      }
    }
    pause_between_tries();
  }
  return fail(ErrorKind::conflict,
              paths.home.string() + " is held by another process that restores or creates its database; try again when it is done");
}

}  // namespace mend
