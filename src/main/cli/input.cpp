#include "main/cli/input.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace mend {

Result<std::unique_ptr<LineReader>> LineReader::open(std::string_view path) {
  if (path.empty() || path == "-") return std::unique_ptr<LineReader>(new LineReader(STDIN_FILENO, false, "standard input"));
  const std::string name(path);
  const int fd = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail_errno("opening " + name, errno);
  return std::unique_ptr<LineReader>(new LineReader(fd, true, name));
}

LineReader::~LineReader() {
  if (own_) ::close(fd_);
}

Result<std::optional<LineReader::Line>> LineReader::next() {
  bool dropping = false;
  std::size_t searched = begin_;
  for (;;) {
    const auto end = buffer_.find('\n', searched);
    if (end != std::string::npos) {
      ++number_;
      std::string_view text(buffer_.data() + begin_, end - begin_);
      begin_ = end + 1;
      if (dropping) return Line{{}, true};
      if (text.ends_with('\r')) text.remove_suffix(1);
      return Line{text, false};
    }
    if (ended_) {
      if (begin_ == buffer_.size() && !dropping) return std::nullopt;
      ++number_;
      const std::string_view text(buffer_.data() + begin_, buffer_.size() - begin_);
      begin_ = buffer_.size();
      return dropping ? Line{{}, true} : Line{text, false};
    }
    if (buffer_.size() - begin_ > kMostLineBytes) {
      dropping = true;
      buffer_.clear();
      begin_ = 0;
    }
    buffer_.erase(0, begin_);
    begin_ = 0;
    searched = buffer_.size();
    const std::size_t old = buffer_.size();
    constexpr std::size_t kChunk = 1U << 18U;
    buffer_.resize(old + kChunk);
    ssize_t count = -1;
    do count = ::read(fd_, buffer_.data() + old, kChunk);
    while (count < 0 && errno == EINTR);
    if (count < 0) {
      buffer_.resize(old);
      return fail_errno("reading " + name_, errno);
    }
    buffer_.resize(old + std::size_t(count));
    bytes_read_ += std::uint64_t(count);
    if (count == 0) ended_ = true;
  }
}

Result<std::string> read_standard_input(std::size_t most) {
  std::string out;
  char buffer[65536];
  for (;;) {
    const ssize_t count = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno("reading standard input", errno);
    if (count == 0) return out;
    if (out.size() < most) out.append(buffer, std::size_t(count));
  }
}

}  // namespace mend
