#include "ingest/parse_event.h"

#include <cstring>

#include <fmt/format.h>
#include <simdjson.h>

#include "base/text.h"
#include "base/time_text.h"

namespace mend {
namespace {

namespace sj = simdjson;

constexpr std::size_t kMostIdBytes = 512;

std::unexpected<EventProblem> wrong(std::string_view field, std::string reason) {
  return std::unexpected(EventProblem{std::string(field), std::move(reason)});
}

bool has_control_characters(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
  return false;
}

// The raw JSON of a value, for context values that are no scalars.
std::string scalar_text(sj::ondemand::value value) {
  std::string_view text;
  if (value.get_string().get(text) == sj::SUCCESS) return std::string(text);
  std::string_view raw;
  if (sj::to_json_string(value).get(raw) == sj::SUCCESS) return std::string(trim(raw));
  return {};
}

std::expected<void, EventProblem> read_context(sj::ondemand::value value, EventContext& context) {
  sj::ondemand::object object;
  if (value.get_object().get(object) != sj::SUCCESS) return wrong("context", "must be an object");
  for (auto field : object) {
    std::string_view key;
    if (field.unescaped_key().get(key) != sj::SUCCESS) return wrong("context", "a key that is not valid JSON");
    const std::string name(key);
    sj::ondemand::value item;
    if (field.value().get(item) != sj::SUCCESS) return wrong("context." + name, "not valid JSON");
    bool null = false;
    if (item.is_null().get(null) == sj::SUCCESS && null) continue;
    if (name == "exit_code" || name == "signal" || name == "http_status") {
      std::int64_t number = 0;
      if (item.get_int64().get(number) != sj::SUCCESS || number < -2147483647 || number > 2147483647)
        return wrong("context." + name, "must be a whole number");
      if (name == "exit_code") context.exit_code = int(number);
      else if (name == "signal") context.signal = int(number);
      else context.http_status = int(number);
    } else if (name == "oom_killed") {
      bool killed = false;
      if (item.get_bool().get(killed) != sj::SUCCESS) return wrong("context.oom_killed", "must be true or false");
      context.oom_killed = killed;
    } else {
      context.other.emplace(name, scalar_text(item));
    }
  }
  return {};
}

}  // namespace

struct EventParser::Impl {
  sj::ondemand::parser parser;
  std::string padded;
};

EventParser::EventParser() : impl_(std::make_unique<Impl>()) {}
EventParser::~EventParser() = default;

std::expected<Event, EventProblem> EventParser::parse(std::string_view line) {
  if (!is_valid_utf8(line)) return wrong("", "the line is not valid UTF-8");
  impl_->padded.assign(line);
  impl_->padded.resize(line.size() + sj::SIMDJSON_PADDING, ' ');
  // simdjson reads on demand: what it never looks at it never checks, so depth is counted here and every field is read.
  sj::ondemand::document document;
  if (const auto error = impl_->parser.iterate(impl_->padded.data(), line.size(), impl_->padded.size()).get(document); error)
    return wrong("", fmt::format("not valid JSON: {}", sj::error_message(error)));
  sj::ondemand::object object;
  if (document.get_object().get(object) != sj::SUCCESS) return wrong("", "not a JSON object");

  Event event;
  bool has_status = false, has_time = false;
  std::string text;
  const auto read_text = [&](sj::ondemand::value& value, std::string_view field, std::size_t most, bool one_line_only) -> std::expected<void, EventProblem> {
    std::string_view view;
    if (value.get_string().get(view) != sj::SUCCESS) return wrong(field, "must be a string");
    if (view.size() > most) return wrong(field, fmt::format("is longer than {} bytes", most));
    if (one_line_only && has_control_characters(view)) return wrong(field, "holds control characters");
    text.assign(view);
    return {};
  };
  for (auto item : object) {
    std::string_view key;
    if (item.unescaped_key().get(key) != sj::SUCCESS) return wrong("", "not valid JSON");
    const std::string field(key);
    sj::ondemand::value value;
    if (item.value().get(value) != sj::SUCCESS) return wrong(field, "not valid JSON");
    bool null = false;
    if (value.is_null().get(null) == sj::SUCCESS && null) continue;
    const bool is_id = field == "event_id" || field == "job_id" || field == "run_id";
    if (is_id || field == "job_type" || field == "platform") {
      if (auto read = read_text(value, field, kMostIdBytes, true); !read) return std::unexpected(read.error());
      if (is_id && trim(text).empty()) return wrong(field, "is empty");
      if (field == "event_id") event.id = EventId(text);
      else if (field == "job_id") event.job = JobId(text);
      else if (field == "run_id") event.run = RunId(text);
      else if (field == "job_type") event.job_type = text;
      else event.platform = text;
    } else if (field == "status") {
      if (auto read = read_text(value, field, 64, true); !read) return std::unexpected(read.error());
      const auto status = parse_event_status(text);
      if (!status) return wrong(field, fmt::format("is started, succeeded, failed or cancelled, not '{}'", text));
      event.status = *status;
      has_status = true;
    } else if (field == "error_message") {
      if (auto read = read_text(value, field, 16U << 20U, false); !read) return std::unexpected(read.error());
      event.error_message = text;
    } else if (field == "timestamp") {
      if (auto read = read_text(value, field, 64, true); !read) return std::unexpected(read.error());
      const auto time = parse_rfc3339(text);
      if (!time) return wrong(field, time.error().message);
      event.timestamp = *time;
      has_time = true;
    } else if (field == "attempt") {
      std::int64_t attempt = 0;
      if (value.get_int64().get(attempt) != sj::SUCCESS || attempt < 0 || attempt > 1'000'000) return wrong(field, "must be a whole number from 0");
      event.attempt = int(attempt);
    } else if (field == "context") {
      if (auto read = read_context(value, event.context); !read) return std::unexpected(read.error());
    } else {
      // Unknown fields are kept beside the known ones: a newer source may know more than this version.
      std::string_view raw;
      if (sj::to_json_string(value).get(raw) != sj::SUCCESS) return wrong(field, "not valid JSON");
      event.context.other.emplace(field, std::string(trim(raw)));
    }
  }
  const char* rest = nullptr;
  if (document.current_location().get(rest) == sj::SUCCESS && rest < impl_->padded.data() + line.size() &&
      !trim({rest, std::size_t(impl_->padded.data() + line.size() - rest)}).empty())
    return wrong("", "text after the JSON object");
  if (event.id.empty()) return wrong("event_id", "is missing");
  if (event.job.empty()) return wrong("job_id", "is missing");
  if (!has_status) return wrong("status", "is missing");
  if (!has_time) return wrong("timestamp", "is missing");
  return event;
}

}  // namespace mend
