#include "runtime/process_output.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

namespace mend {
namespace {

constexpr std::size_t kBuffer = 64 * 1024;

// A write of at most PIPE_BUF bytes does not wait once poll() says "writable"; a file never waits.
std::size_t chunk_for(int sink) {
  struct stat status {};
  const bool never_waits =
      sink >= 0 && ::fstat(sink, &status) == 0 && (S_ISREG(status.st_mode) || (S_ISCHR(status.st_mode) && ::isatty(sink) == 0));
  return never_waits ? kBuffer : PIPE_BUF;
}

}  // namespace

void Tail::append(std::string_view bytes) {
  if (bytes.size() >= most_) {
    text_.assign(bytes.substr(bytes.size() - most_));
    return;
  }
  if (text_.size() + bytes.size() > 2 * most_) text_.erase(0, text_.size() + bytes.size() - most_);
  text_.append(bytes);
}

std::string Tail::take() {
  if (text_.size() > most_) text_.erase(0, text_.size() - most_);
  return std::exchange(text_, {});
}

ByteRelay::ByteRelay(FileHandle owner, int source, int sink, std::function<void(std::string_view)> seen)
    : owner_(std::move(owner)), source_(source), sink_(sink), seen_(std::move(seen)), buffer_(kBuffer), chunk_(chunk_for(sink)) {}

void ByteRelay::read_some() {
  if (source_ < 0 || waiting()) return;
  const ssize_t count = ::read(source_, buffer_.data(), buffer_.size());
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (count <= 0) {  // the end, or EIO: the other side of a terminal is gone
    source_ = -1;
    owner_.reset();
    return;
  }
  if (seen_) seen_(std::string_view(buffer_.data(), std::size_t(count)));
  if (sink_ < 0) return;
  begin_ = 0;
  end_ = std::size_t(count);
}

void ByteRelay::write_some() {
  if (!waiting()) return;
  const ssize_t count = ::write(sink_, buffer_.data() + begin_, std::min(end_ - begin_, chunk_));
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (count < 0) {
    sink_error_ = errno;
    sink_ = -1;
    begin_ = end_ = 0;
    return;
  }
  begin_ += std::size_t(count);
}

}  // namespace mend
