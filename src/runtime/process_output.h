// A child's bytes: passed on as they are, their end remembered.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"

namespace mend {

// The last `most` bytes of a stream; never holds more than about twice that.
class Tail {
 public:
  explicit Tail(std::size_t most) : most_(most) {}
  void append(std::string_view bytes);
  std::string take();

 private:
  std::size_t most_;
  std::string text_;
};

// Copies from one descriptor to another for a poll loop, without ever waiting longer than for the 4 KiB a pipe that poll() calls
// writable takes, and holding at most 64 KiB. A sink that fails (its reader went away) is dropped; the source is then read on,
// so that the writing process does not notice. One thread.
class ByteRelay {
 public:
  // `source` is borrowed unless it is owned by `owner`. `sink` < 0: only `seen` gets the bytes.
  ByteRelay(FileHandle owner, int source, int sink, std::function<void(std::string_view)> seen);

  // What to poll for now: the source for reading, the sink for writing; -1 where there is nothing to wait for.
  int readable_wanted() const { return waiting() ? -1 : source_; }
  int writable_wanted() const { return waiting() ? sink_ : -1; }
  void read_some();
  void write_some();

  bool waiting() const { return begin_ < end_; }                      // bytes are read and not yet written
  bool finished() const { return source_ < 0 && !waiting(); }
  int sink_error() const { return sink_error_; }                      // errno of the write that failed, else 0

 private:
  FileHandle owner_;
  int source_, sink_;
  std::function<void(std::string_view)> seen_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0, chunk_;
  int sink_error_ = 0;
};

}  // namespace mend
