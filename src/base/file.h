// Files by value, with errors that name the path. Blocking.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mend {

// The whole file; exhausted when it is larger than `most` bytes.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t most = 256U << 20U);

// Writes beside the target, fsyncs, renames over it and fsyncs the folder: after a crash the old or the new content is there,
// whole. `mode` is the new file's permission bits.
Result<void> write_file_durably(const std::filesystem::path& path, std::string_view content, unsigned mode = 0600);

// Makes the folder and its parents; new folders get `mode`.
Result<void> make_folder(const std::filesystem::path& path, unsigned mode = 0700);

// An open file descriptor that closes itself.
class FileHandle {
 public:
  FileHandle() = default;
  explicit FileHandle(int fd) : fd_(fd) {}
  FileHandle(FileHandle&& other) noexcept : fd_(other.release()) {}
  FileHandle& operator=(FileHandle&& other) noexcept;
  FileHandle(const FileHandle&) = delete;
  FileHandle& operator=(const FileHandle&) = delete;
  ~FileHandle() { reset(); }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int release() { int fd = fd_; fd_ = -1; return fd; }
  void reset();

 private:
  int fd_ = -1;
};

}  // namespace mend
