// Raises a limit under which the job's command runs.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/file.h"
#include "base/text.h"
#include "connectors/local_handler.h"
#include "connectors/local_limits.h"
#include "connectors/local_state.h"
#include "model/json.h"

namespace mend {
namespace {

struct Trace {
  std::string_view word;   // lower case
  std::string_view limit;  // LimitKind name
};

constexpr std::array kCauses = {
    Trace{"out_of_memory", "memory_bytes"},  Trace{"heap_out_of_memory", "memory_bytes"}, Trace{"container_oom_killed", "memory_bytes"},
    Trace{"process_killed", "memory_bytes"}, Trace{"file_handles", "open_files"},         Trace{"cpu_limit", "cpu_seconds"},
};
// Only for a diagnosis without a cause. The words choose among the job's own limits, they give no value.
constexpr std::array kWords = {
    Trace{"too many open files", "open_files"},
    Trace{"emfile", "open_files"},
    Trace{"sigxcpu", "cpu_seconds"},
    Trace{"cpu time limit exceeded", "cpu_seconds"},
    Trace{"memoryerror", "memory_bytes"},
    Trace{"cannot allocate memory", "memory_bytes"},
    Trace{"bad_alloc", "memory_bytes"},
    Trace{"out of memory", "memory_bytes"},
    Trace{"outofmemory", "memory_bytes"},
    Trace{"killed by signal 9", "memory_bytes"},
};

Result<const LimitKind*> choose_limit(const PlanRequest& request) {
  const std::string& cause = request.diagnosis.cause;
  if (!cause.empty()) {
    for (const Trace& trace : kCauses)
      if (trace.word == cause) return find_limit(trace.limit);
    return fail(ErrorKind::invalid_input, fmt::format("the cause is {}, which no limit of a local process is behind", cause));
  }
  const std::string text = lower_ascii(request.error_text);
  for (const Trace& trace : kWords)
    if (text.find(trace.word) != std::string::npos) return find_limit(trace.limit);
  return fail(ErrorKind::invalid_input, "neither the diagnosis nor the text says which limit was reached");
}

Result<double> scale_factor(const Strategy& strategy) {
  const auto found = strategy.parameters.find("scale_factor");
  if (found == strategy.parameters.end()) return 2.0;
  double factor = 0;
  const std::string_view text = trim(found->second);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), factor);
  if (error != std::errc{} || end != text.data() + text.size() || !(factor > 1) || factor > 16)
    return fail(ErrorKind::invalid_input,
                fmt::format("strategy {}: scale_factor is '{}', expected a number above 1 up to 16", strategy.name, found->second));
  return factor;
}

std::uint64_t multiply(std::uint64_t value, double factor, std::uint64_t most) {
  const double product = std::ceil(double(value) * factor);
  if (product >= double(most)) return most;
  return std::max(std::uint64_t(product), value + 1);
}

class ScaleHandler final : public CapabilityHandler {
 public:
  explicit ScaleHandler(const LocalConnectorSettings& settings) : settings_(settings) {}
  Capability capability() const override { return Capability::scale; }
  bool offered(const JobSpec& job) const override {
    return std::ranges::any_of(kLimitKinds, [&](const LimitKind& kind) { return (job.max_resources.*(kind.field)).has_value(); });
  }

  Result<std::vector<Step>> plan(const PlanRequest& request, CallContext&) override {
    const JobSpec& job = request.job;
    MEND_TRY(const LimitKind* const kind, choose_limit(request));
    MEND_TRY(const double factor, scale_factor(request.strategy));
    MEND_TRY(const Resources now, effective_resources(settings_.state_folder, job));
    const auto current = now.*(kind->field);
    const auto most = job.max_resources.*(kind->field);
    if (!current)
      return fail(ErrorKind::invalid_input,
                  fmt::format("job {} runs without {}: raising it would change nothing", job.id.str(), strip(*kind)));
    if (!most)
      return fail(ErrorKind::invalid_input, fmt::format("{} may not be raised: max_resources does not name {}", kind->text, kind->name));
    if (*current >= *most)
      return fail(ErrorKind::invalid_input, fmt::format("{} is at its maximum of {} already", kind->text, limit_text(*kind, *most)));
    const std::uint64_t raised = multiply(*current, factor, *most);
    Step step;
    step.capability = Capability::scale;
    step.parameters = {{"resource", std::string(kind->name)}, {"from", std::to_string(*current)}, {"to", std::to_string(raised)}};
    step.text = fmt::format("raise {} from {} to {}", kind->text, limit_text(*kind, *current), limit_text(*kind, raised));
    step.undo_text = fmt::format("set {} back to {}", kind->text, limit_text(*kind, *current));
    step.risk = Risk::low;
    step.reversible = true;
    return std::vector{step};
  }

  Result<std::string> capture(const JobSpec& job, const Step& step, CallContext&) override {
    MEND_TRY(const Change change, read_change(step));
    MEND_TRY(const Resources now, effective_resources(settings_.state_folder, job));
    const auto current = now.*(change.kind->field);
    if (current != change.from)
      return fail(ErrorKind::conflict,
                  fmt::format("{} is {} now, no longer {}", change.kind->text, current ? limit_text(*change.kind, *current) : "unset",
                              limit_text(*change.kind, change.from)));
    MEND_TRY(const auto file, read_limits(job));
    boost::json::object image;
    image["limits"] = file ? boost::json::value(*file) : boost::json::value(nullptr);
    return to_line(image);
  }

  Result<StepCheck> check(const JobSpec& job, const Step& step, CallContext&) override {
    MEND_TRY(const auto before, captured(step));
    MEND_TRY(const std::string after, result_of(step, before));
    MEND_TRY(const auto now, read_limits(job));
    if (now == before) return StepCheck::not_applied;
    return now == after ? StepCheck::applied : StepCheck::changed;
  }

  Result<std::string> apply(const JobSpec& job, const Step& step, CallContext&) override {
    MEND_TRY(const Change change, read_change(step));
    MEND_TRY(const auto before, captured(step));
    MEND_TRY(const std::string after, result_of(step, before));
    MEND_TRY(const auto now, read_limits(job));
    if (now != before) return fail(ErrorKind::conflict, "the job's limits changed since they were captured: left alone");
    const auto most = job.max_resources.*(change.kind->field);
    if (!most || change.to > *most)
      return fail(ErrorKind::conflict,
                  fmt::format("{} may no longer be raised to {}", change.kind->text, limit_text(*change.kind, change.to)));
    const std::filesystem::path file = JobState(settings_, job).limits_file();
    MEND_CHECK(make_folder(file.parent_path()));
    MEND_CHECK(write_file_durably(file, after));
    return fmt::format("raised {} from {} to {}", change.kind->text, limit_text(*change.kind, change.from),
                       limit_text(*change.kind, change.to));
  }

  Result<std::string> undo(const JobSpec& job, const Step& step, CallContext&) override {
    MEND_TRY(const Change change, read_change(step));
    MEND_TRY(const auto before, captured(step));
    MEND_TRY(const std::string after, result_of(step, before));
    MEND_TRY(const auto now, read_limits(job));
    const std::string done = fmt::format("{} is {} again", change.kind->text, limit_text(*change.kind, change.from));
    if (now == before) return done;
    if (now != after) return fail(ErrorKind::conflict, "the job's limits were changed by somebody else meanwhile: left alone");
    const std::filesystem::path file = JobState(settings_, job).limits_file();
    if (before) {
      MEND_CHECK(write_file_durably(file, *before));
    } else if (::unlink(file.c_str()) != 0 && errno != ENOENT) {
      return fail_errno("removing " + file.string(), errno);
    }
    return done;
  }

 private:
  struct Change {
    const LimitKind* kind;
    std::uint64_t from;
    std::uint64_t to;
  };

  // "the memory limit" -> "a memory limit"
  static std::string strip(const LimitKind& kind) { return "a" + std::string(kind.text.substr(3)); }

  static Result<std::uint64_t> whole(const Step& step, std::string_view name) {
    MEND_TRY(const std::string text, parameter(step, name));
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value == 0)
      return fail(ErrorKind::invalid_input, fmt::format("the parameter {} is not a positive whole number", name));
    return value;
  }
  static Result<Change> read_change(const Step& step) {
    MEND_TRY(const std::string name, parameter(step, "resource"));
    const LimitKind* const kind = find_limit(name);
    if (kind == nullptr) return fail(ErrorKind::invalid_input, fmt::format("there is no limit named {}", name));
    MEND_TRY(const std::uint64_t from, whole(step, "from"));
    MEND_TRY(const std::uint64_t to, whole(step, "to"));
    return Change{kind, from, to};
  }
  Result<std::optional<std::string>> read_limits(const JobSpec& job) const {
    auto text = read_file(JobState(settings_, job).limits_file(), 65536);
    if (text) return std::optional(std::move(*text));
    if (text.error().kind == ErrorKind::not_found) return std::optional<std::string>();
    return std::unexpected(text.error());
  }
  static Result<std::optional<std::string>> captured(const Step& step) {
    MEND_TRY(const boost::json::object image, pre_image_of(step));
    const boost::json::value* limits = image.if_contains("limits");
    if (limits == nullptr || !(limits->is_null() || limits->is_string())) return fail(ErrorKind::corrupt, "the pre-image lacks the limits");
    if (limits->is_null()) return std::optional<std::string>();
    return std::optional(std::string(limits->as_string()));
  }
  // What the file holds once the step was applied: follows from the pre-image and the parameters alone.
  static Result<std::string> result_of(const Step& step, const std::optional<std::string>& before) {
    MEND_TRY(const Change change, read_change(step));
    Resources raised;
    if (before) {
      MEND_TRY(raised, parse_limits(*before));
    }
    raised.*(change.kind->field) = change.to;
    return print_limits(raised);
  }

  const LocalConnectorSettings& settings_;
};

}  // namespace

std::unique_ptr<CapabilityHandler> make_scale_handler(const LocalConnectorSettings& settings) {
  return std::make_unique<ScaleHandler>(settings);
}

}  // namespace mend
