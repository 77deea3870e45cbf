#include "runtime/descriptors.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace mend {

Result<FileHandle> above_standard_streams(FileHandle file) {
  if (!file.valid() || file.get() > STDERR_FILENO) return file;
  FileHandle moved(::fcntl(file.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!moved.valid()) return fail_errno("moving a file descriptor", errno);
  return moved;
}

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno("making a pipe", errno);
  FileHandle reader(ends[0]), writer(ends[1]);
  Pipe pipe;
  MEND_TRY(pipe.reader, above_standard_streams(std::move(reader)));
  MEND_TRY(pipe.writer, above_standard_streams(std::move(writer)));
  return pipe;
}

Result<void> set_nonblocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) return fail_errno("setting a file descriptor to not wait", errno);
  return {};
}

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

// By number: the declaration of this C library (2.36) cannot be used from C++.
FileHandle open_pidfd(pid_t pid) { return FileHandle(int(::syscall(SYS_pidfd_open, pid, 0U))); }

}  // namespace mend
