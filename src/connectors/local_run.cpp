// Runs a job's command and tells how it ended.
#include <fmt/format.h>

#include <array>
#include <csignal>
#include <cstring>

#include "base/text.h"
#include "base/time_text.h"
#include "connectors/data_check.h"
#include "connectors/local_handler.h"
#include "connectors/local_limits.h"
#include "connectors/local_state.h"
#include "runtime/process.h"

namespace mend {
namespace {

constexpr std::size_t kTailBytes = 64 * 1024;
constexpr std::size_t kErrorText = 16 * 1024;
constexpr std::size_t kShortStderr = 200;  // below: standard output may tell more
constexpr std::size_t kStdoutWithIt = 4 * 1024;
constexpr int kNotFound = 127, kNotExecutable = 126;  // as shells say it

// A full tail begins in the middle of a line; half a secret would not be recognised as one.
std::string_view whole_lines(std::string_view tail, std::size_t full) {
  if (tail.size() < full) return tail;
  const auto end = tail.find('\n');
  return end == std::string_view::npos ? tail.substr(std::min<std::size_t>(tail.size(), 512)) : tail.substr(end + 1);
}

std::string signal_text(int number) {
  const char* name = sigabbrev_np(number);
  return name == nullptr ? fmt::format("killed by signal {}", number) : fmt::format("killed by signal {} (SIG{})", number, name);
}

std::string ending_text(const JobSpec& job, const ProcessResult& result) {
  if (result.timed_out)
    return job.timeout.count() > 0 ? fmt::format("timed out after {}", format_duration(job.timeout))
                                   : std::string("timed out: the deadline of the call passed");
  if (result.stopped)
    return result.forwarded_signal != 0 ? fmt::format("stopped by signal {} passed on to it", result.forwarded_signal)
                                        : std::string("stopped on request");
  if (result.oom_killed.value_or(false)) return "killed by the kernel: out of memory (memory limit reached)";
  if (result.signal) return signal_text(*result.signal);
  return {};
}

std::string printed_text(const ProcessResult& result, const std::function<std::string(std::string_view)>& redact) {
  std::string text(trim(whole_lines(result.err_tail, kTailBytes)));
  if (text.size() < kShortStderr) {
    std::string_view out = whole_lines(result.out_tail, kTailBytes);
    out = trim(out);
    if (out.size() > kStdoutWithIt) {
      out.remove_prefix(out.size() - kStdoutWithIt);
      out = whole_lines(out, kStdoutWithIt);
    }
    if (!out.empty()) text += (text.empty() ? "" : "\n") + std::string(out);
  }
  return redact(to_valid_utf8(text));
}

}  // namespace

Result<Run> run_local_job(const LocalConnectorSettings& settings, const JobSpec& job, const Run& started, CallContext& call) {
  MEND_CHECK(call.check());
  MEND_TRY(const Resources limits, effective_resources(settings.state_folder, job));
  Run run = started;
  run.job = job.id;
  run.limits_text = limits_text(limits);
  run.command_text = settings.redact(to_valid_utf8(fmt::format("{}", fmt::join(job.command, " "))));
  run.exit_code.reset();
  run.signal.reset();
  run.succeeded = false;
  run.timed_out = false;
  run.error_text.clear();

  ProcessSpec spec;
  spec.argv = job.command;
  spec.folder = job.folder;
  spec.env = job.env;
  spec.env["MENDLINE_JOB"] = job.id.str();
  spec.env["MENDLINE_RUN_ID"] = started.id.str();
  spec.env["MENDLINE_ATTEMPT"] = std::to_string(started.attempt);
  spec.limits = {.memory_bytes = limits.memory_bytes, .cpu_seconds = limits.cpu_seconds, .open_files = limits.open_files};
  spec.timeout = job.timeout;
  spec.output = settings.pass_through_output ? ProcessOutput::pass_through : ProcessOutput::capture;
  spec.tail_bytes = kTailBytes;
  spec.forward_signals = settings.forward_signals;

  const auto result = run_process(spec, call);
  if (!result) {
    // A command that is not there is a failure of the job (a missing dependency), not of ours.
    const ErrorKind kind = result.error().kind;
    if (kind != ErrorKind::not_found && kind != ErrorKind::permission && kind != ErrorKind::invalid_input)
      return std::unexpected(result.error());
    run.exit_code = kind == ErrorKind::permission ? kNotExecutable : kNotFound;
    run.error_text = shorten_middle(settings.redact(to_valid_utf8(result.error().message)), kErrorText);
    run.ended_at = call.clock().now();
    return run;
  }

  run.exit_code = result->exit_code;
  run.signal = result->signal;
  run.timed_out = result->timed_out;
  run.oom_killed = result->oom_killed;
  run.peak_memory_bytes = result->peak_memory_bytes;
  run.cpu_time = result->cpu_time;
  run.succeeded = result->exit_code == 0 && !result->timed_out && !result->stopped;
  std::string ending = ending_text(job, *result);
  if (run.succeeded) {
    for (const DataCheck& check : job.checks) {
      CallContext limited = call.within(settings.check_timeout, "data check");
      auto problem = run_data_check(job, check, settings.database_timeout, limited);
      if (!problem) {
        MEND_CHECK(call.check());
        problem =
            std::optional(fmt::format("data check '{}' failed: no answer within {}", check.name, format_duration(settings.check_timeout)));
      }
      if (*problem) {
        run.succeeded = false;
        ending += (ending.empty() ? "" : "\n") + settings.redact(**problem);
      }
    }
  }
  run.ended_at = call.clock().now();
  if (run.succeeded) return run;
  std::string text = printed_text(*result, settings.redact);
  // The ending stays whole, however much was printed.
  const std::string_view tail = cut_utf8(ending, kErrorText / 2);
  text = shorten_middle(text, kErrorText - tail.size() - 1);
  if (!tail.empty()) text += (text.empty() ? "" : "\n") + std::string(tail);
  if (text.empty()) text = fmt::format("exited with {} and printed nothing", run.exit_code.value_or(-1));
  run.error_text = std::move(text);
  return run;
}

}  // namespace mend
