#include <boost/json.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "base/text.h"
#include "main/cli/commands.h"
#include "main/cli/input.h"
#include "main/cli/show_diagnosis.h"
#include "main/diagnosis_engine.h"
#include "main/output.h"
#include "model/json.h"

namespace mend {
namespace {

namespace js = boost::json;

js::object result_object(const Diagnosis& diagnosis) {
  js::object out = to_json(diagnosis);
  out.erase("incident");
  out.erase("made_at");
  return out;
}

struct LineInput {
  js::value id;
  std::string message;
  std::string platform;
  EventContext context;
};

// The reason names the field.
Result<LineInput> parse_line(std::string_view line) {
  if (!is_valid_utf8(line)) return fail(ErrorKind::invalid_input, "the line is not valid UTF-8");
  MEND_TRY(js::value json, parse_json(line));
  if (!json.is_object()) return fail(ErrorKind::invalid_input, "the line is not a JSON object");
  js::object& object = json.get_object();
  LineInput out;
  if (auto* id = object.if_contains("id")) out.id = std::move(*id);
  const auto* message = object.if_contains("message");
  if (!message || !message->is_string()) return fail(ErrorKind::invalid_input, "field 'message' is missing or not a string");
  out.message = std::string(message->get_string());
  if (const auto* platform = object.if_contains("platform"); platform && !platform->is_null()) {
    if (!platform->is_string()) return fail(ErrorKind::invalid_input, "field 'platform' is not a string");
    out.platform = std::string(platform->get_string());
  }
  if (const auto* context = object.if_contains("context"); context && !context->is_null()) {
    MEND_TRY(out.context, event_context_from_json(*context));
  }
  return out;
}

// The id of a line that is wrong otherwise, where it can be read.
js::value id_of(std::string_view line) {
  auto json = parse_json(line);
  if (!json || !json->is_object()) return nullptr;
  const auto* id = json->get_object().if_contains("id");
  return id ? *id : js::value(nullptr);
}

ExitStatus classify_lines(AppContext& app, StandardDiagnoser& diagnoser) {
  auto reader = LineReader::open("-");
  if (!reader) return ExitStatus::failed;
  bool some_bad = false;
  std::string out;
  constexpr std::size_t kFlushBytes = 1U << 16U;
  for (;;) {
    auto line = (*reader)->next();
    if (!line) {
      print(out);
      print_error("mendline: " + line.error().message + "\n");
      return ExitStatus::failed;
    }
    if (!*line) break;
    if (!(*line)->too_long && trim((*line)->text).empty()) continue;
    Result<LineInput> input = (*line)->too_long ? fail(ErrorKind::invalid_input, "the line is longer than 16 MiB") : parse_line((*line)->text);
    if (!input) {
      // The answer keeps its place, so that the n-th answer belongs to the n-th line.
      some_bad = true;
      out += to_line(js::object{{"id", id_of((*line)->text)}, {"line", (*reader)->number()}, {"error", input.error().message}}) + "\n";
      print_error(fmt::format("mendline: line {}: {}\n", (*reader)->number(), input.error().message));
      continue;
    }
    const std::string text = app.redactor->redact(input->message);
    js::object answer{{"id", std::move(input->id)}};
    for (auto& [key, value] : result_object(diagnoser.diagnose({text, input->platform, input->context}))) answer[key] = std::move(value);
    out += to_line(answer);
    out += '\n';
    // A person or a pipe that waits for each answer gets it at once when nothing more is there to read.
    if (out.size() > kFlushBytes || !(*reader)->line_waiting()) {
      print(out);
      out.clear();
    }
  }
  print(out);
  return some_bad ? ExitStatus::some_bad : ExitStatus::ok;
}

}  // namespace

ExitStatus classify_command(AppContext& app, const ClassifyOptions& options) {
  if (auto ready = app.load_redactor(); !ready) {
    print_error("mendline: " + ready.error().message + "\n");
    return ExitStatus::failed;
  }
  const DiagnosisEngine engine = make_diagnosis_engine(app);
  for (const auto& missing : engine.diagnoser->model().degraded) app.log->warning("{}", missing);
  if (options.ndjson) return classify_lines(app, *engine.diagnoser);

  std::string text = options.text;
  if (text.empty() || text == "-") {
    if (text.empty() && ::isatty(STDIN_FILENO)) {
      print_error("mendline classify: give a TEXT, or pipe one in (mendline classify - < error.log)\n");
      return ExitStatus::usage;
    }
    auto input = read_standard_input(64U << 20U);
    if (!input) {
      print_error("mendline: " + input.error().message + "\n");
      return ExitStatus::failed;
    }
    text = std::move(*input);
  }
  text = app.redactor->redact(to_valid_utf8(text));
  EventContext context;
  context.exit_code = options.exit_code;
  context.http_status = options.http_status;
  Diagnosis diagnosis = engine.diagnoser->diagnose({text, options.platform, context});
  deepen(diagnosis, {text, options.platform, context}, {}, *engine.library, app.clock.now());
  if (options.json) print_json(result_object(diagnosis));
  else print(diagnosis_text(diagnosis, app.colours));
  return ExitStatus::ok;
}

}  // namespace mend
