#include "base/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace mend {
namespace {

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warning: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
    case LogLevel::off: return spdlog::level::off;
  }
  return spdlog::level::info;
}

}  // namespace

struct StderrLog::Impl {
  spdlog::logger logger{"mendline", std::make_shared<spdlog::sinks::stderr_sink_mt>()};
};

StderrLog::StderrLog(LogLevel least) : impl_(std::make_unique<Impl>()) {
  impl_->logger.set_formatter(
      std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc));
  impl_->logger.set_level(level_of(least));
  impl_->logger.flush_on(spdlog::level::debug);
}

StderrLog::~StderrLog() = default;

void StderrLog::write(LogLevel level, std::string_view message) {
  impl_->logger.log(level_of(level), spdlog::string_view_t(message.data(), message.size()));
}

}  // namespace mend
