// Log lines on standard error: one wrapper, so that no other file pays for the logging library's headers.
// Thread-safe. Nothing unredacted may be passed in: texts of events, commands and output go through redact first.
#pragma once

#include <memory>
#include <string_view>

#include <fmt/format.h>

namespace mend {

enum class LogLevel : unsigned char { debug, info, warning, error, off };

class Log {
 public:
  virtual ~Log() = default;
  virtual void write(LogLevel level, std::string_view message) = 0;

  template <class... Args>
  void debug(fmt::format_string<Args...> format, Args&&... args) { say(LogLevel::debug, format, fmt::make_format_args(args...)); }
  template <class... Args>
  void info(fmt::format_string<Args...> format, Args&&... args) { say(LogLevel::info, format, fmt::make_format_args(args...)); }
  template <class... Args>
  void warning(fmt::format_string<Args...> format, Args&&... args) { say(LogLevel::warning, format, fmt::make_format_args(args...)); }
  template <class... Args>
  void error(fmt::format_string<Args...> format, Args&&... args) { say(LogLevel::error, format, fmt::make_format_args(args...)); }

 private:
  void say(LogLevel level, fmt::string_view format, fmt::format_args args) { write(level, fmt::vformat(format, args)); }
};

// Lines "2026-11-24T17:49:17.123Z warning message" on standard error from `least` up.
class StderrLog final : public Log {
 public:
  explicit StderrLog(LogLevel least);
  ~StderrLog() override;
  void write(LogLevel level, std::string_view message) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mend
