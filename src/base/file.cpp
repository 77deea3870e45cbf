#include "base/file.h"

#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mend {

FileHandle& FileHandle::operator=(FileHandle&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

void FileHandle::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Result<std::string> read_file(const std::filesystem::path& path, std::size_t most) {
  const FileHandle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return fail_errno("reading " + path.string(), errno);
  std::string content;
  char buffer[65536];
  for (;;) {
    const ssize_t count = ::read(file.get(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno("reading " + path.string(), errno);
    if (count == 0) return content;
    if (content.size() + std::size_t(count) > most)
      return fail(ErrorKind::exhausted, fmt::format("reading {}: larger than {} bytes", path.string(), most));
    content.append(buffer, std::size_t(count));
  }
}

Result<void> write_file_durably(const std::filesystem::path& path, std::string_view content, unsigned mode) {
  std::string scratch = path.string() + ".tmp-XXXXXX";
  FileHandle file(::mkostemp(scratch.data(), O_CLOEXEC));
  if (!file.valid()) return fail_errno("writing " + path.string(), errno);
  const auto give_up = [&](int number) {
    ::unlink(scratch.c_str());
    return fail_errno("writing " + path.string(), number);
  };
  for (std::string_view rest = content; !rest.empty();) {
    const ssize_t count = ::write(file.get(), rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return give_up(errno);
    rest.remove_prefix(std::size_t(count));
  }
  if (::fchmod(file.get(), mode) != 0 || ::fsync(file.get()) != 0) return give_up(errno);
  if (::rename(scratch.c_str(), path.c_str()) != 0) return give_up(errno);
  const std::filesystem::path parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const FileHandle folder(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.valid()) ::fsync(folder.get());
  return {};
}

Result<void> make_folder(const std::filesystem::path& path, unsigned mode) {
  std::filesystem::path so_far;
  for (const auto& part : path) {
    so_far /= part;
    if (::mkdir(so_far.c_str(), mode) != 0 && errno != EEXIST) {
      const int number = errno;
      struct stat status {};
      if (::stat(so_far.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) continue;
      return fail_errno("making folder " + path.string(), number);
    }
  }
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return fail_errno("making folder " + path.string(), errno);
  if (!S_ISDIR(status.st_mode)) return fail_errno("making folder " + path.string(), ENOTDIR);
  return {};
}

}  // namespace mend
