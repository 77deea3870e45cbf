// Standard input and files as lines, each bounded: a line that is too long is reported, not kept.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace mend {

class LineReader {
 public:
  static constexpr std::size_t kMostLineBytes = 16U << 20U;

  static Result<std::unique_ptr<LineReader>> open(std::string_view path);  // "-": standard input
  ~LineReader();

  struct Line {
    std::string_view text;      // without the line end; valid until the next call
    bool too_long = false;      // longer than kMostLineBytes: text is empty, the rest of it was read away
  };
  // Nothing at the end of the input.
  Result<std::optional<Line>> next();
  // Whether next() would answer without waiting for more input.
  bool line_waiting() const { return buffer_.find('\n', begin_) != std::string::npos; }
  std::uint64_t number() const { return number_; }  // of the line that next() gave last, from 1
  std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  LineReader(int fd, bool own, std::string name) : fd_(fd), own_(own), name_(std::move(name)) {}
  int fd_;
  bool own_;
  std::string name_;  // for messages
  std::string buffer_;
  std::size_t begin_ = 0;
  bool ended_ = false;
  std::uint64_t number_ = 0;
  std::uint64_t bytes_read_ = 0;
};

// Everything on standard input, at most `most` bytes (what is beyond is dropped: the caller shortens texts anyway).
Result<std::string> read_standard_input(std::size_t most);

}  // namespace mend
