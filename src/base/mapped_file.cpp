#include "base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/file.h"

namespace mend {

Result<std::unique_ptr<MappedFile>> MappedFile::open(const std::filesystem::path& path) {
  const FileHandle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return fail_errno("opening " + path.string(), errno);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return fail_errno("opening " + path.string(), errno);
  if (status.st_size == 0) return fail(ErrorKind::corrupt, path.string() + ": the file is empty");
  void* data = ::mmap(nullptr, std::size_t(status.st_size), PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (data == MAP_FAILED) return fail_errno("mapping " + path.string(), errno);
  return std::unique_ptr<MappedFile>(new MappedFile({static_cast<const char*>(data), std::size_t(status.st_size)}));
}

MappedFile::~MappedFile() { ::munmap(const_cast<char*>(bytes_.data()), bytes_.size()); }

void MappedFile::release_pages() const { ::madvise(const_cast<char*>(bytes_.data()), bytes_.size(), MADV_DONTNEED); }

}  // namespace mend
