// Pipes and flags of file descriptors, with errors as values. All made here are close-on-exec.
#pragma once

#include <sys/types.h>

#include "base/file.h"
#include "base/result.h"

namespace mend {

struct Pipe {
  FileHandle reader, writer;
};

// Neither end is below 3, also when our own standard streams are closed: they can be put in a child's place of those.
Result<Pipe> make_pipe();
// The same open file at a number from 3 up; `file` itself when it is there already or not valid (errno stays as it is).
Result<FileHandle> above_standard_streams(FileHandle file);
Result<void> set_nonblocking(int fd);
bool is_open(int fd);
// Readable when the process ended. Not valid (errno says why) when there is none of this number.
FileHandle open_pidfd(pid_t pid);

}  // namespace mend
