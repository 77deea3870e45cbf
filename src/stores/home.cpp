#include "stores/home.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

namespace mend {

static_assert(LOCK_SH == 1 && LOCK_EX == 2, "HomeLock::for_opening names them by number");

Result<void> make_home(const HomePaths& paths) { return make_folder(paths.home, 0700); }

Result<bool> path_exists(const std::filesystem::path& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) == 0) return true;
  if (errno == ENOENT) return false;
  return fail_errno("looking for " + path.string(), errno);
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  const FileHandle handle(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!handle.valid() || ::fsync(handle.get()) != 0) return fail_errno("making durable " + folder.string(), errno);
  return {};
}

Result<void> sync_file(const std::filesystem::path& file) {
  const FileHandle handle(::open(file.c_str(), O_RDWR | O_CLOEXEC));
  if (!handle.valid() || ::fsync(handle.get()) != 0) return fail_errno("making durable " + file.string(), errno);
  return {};
}

Result<HomeLock> HomeLock::open(const HomePaths& paths) {
  FileHandle file(::open(paths.lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file.valid()) return fail_errno("opening " + paths.lock().string(), errno);
  return HomeLock(std::move(file));
}

// flock gives up a lock that is held before it takes another one, so a failed try leaves nothing: two processes that both want
// to go from shared to alone cannot block each other for ever.
Result<bool> HomeLock::try_lock(int how) {
  if (::flock(file_.get(), how | LOCK_NB) == 0) return true;
  if (errno == EWOULDBLOCK || errno == EINTR) {
    ::flock(file_.get(), LOCK_UN);
    return false;
  }
  return fail_errno("locking the home", errno);
}

void HomeLock::pause_between_tries() { std::this_thread::sleep_for(kHomeLockTry); }

Result<HomeLock> HomeLock::shared(const HomePaths& paths, Duration most) {
  MEND_TRY(HomeLock lock, open(paths));
  for (Duration waited{0}; waited <= most; waited += kHomeLockTry) {
    MEND_TRY(const bool locked, lock.try_lock(LOCK_SH));
    if (locked) return lock;
    pause_between_tries();
  }
  return fail(ErrorKind::conflict,
              paths.home.string() + " is held by another process that replaces its database; try again when it is done");
}

Result<HomeLock> HomeLock::exclusive(const HomePaths& paths, Duration most) {
  MEND_TRY(HomeLock lock, open(paths));
  for (Duration waited{0}; waited <= most; waited += kHomeLockTry) {
    MEND_TRY(const bool locked, lock.try_lock(LOCK_EX));
    if (locked) return lock;
    pause_between_tries();
  }
  return fail(ErrorKind::conflict,
              paths.home.string() + " is in use by a running Mendline; stop it first, its database is not replaced under it");
}

}  // namespace mend
