#include "diagnose/prepare.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "diagnose/json_log.h"

namespace mend {
namespace {

// Terminal escape codes (ECMA-48 CSI and OSC) and carriage returns go.
std::string strip_escapes(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\x1b' && i + 1 < text.size()) {
      if (text[i + 1] == '[') {
        i += 2;
        while (i < text.size() && !(text[i] >= '@' && text[i] <= '~')) ++i;
      } else if (text[i + 1] == ']') {
        i += 2;
        while (i < text.size() && text[i] != '\a' && text[i] != '\x1b') ++i;
        if (i + 1 < text.size() && text[i] == '\x1b' && text[i + 1] == '\\') ++i;  // the other way to end it: ESC and a backslash
      } else {
        ++i;
      }
    } else if (c == '\r') {
      if (i + 1 < text.size() && text[i + 1] != '\n') out += '\n';
    } else if (c == '\0') {
      out += ' ';
    } else {
      out += c;
    }
  }
  return out;
}

std::size_t count_of(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + what.size())) ++count;
  return count;
}

// A log line in JSON carries the whole text in one string: its "\n", "\t" and "\"" are made real.
std::string unescape_if_escaped(std::string text) {
  const auto escaped = count_of(text, "\\n");
  if (escaped == 0 && text.find("\\\"") == std::string::npos) return text;
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      const char next = text[i + 1];
      if (next == '\\') { out += "\\\\"; ++i; continue; }  // an escaped backslash, or a share's name: what follows it is no escape
      // "\new" inside a Windows path is not a line end: only where a line could end.
      const bool path_like = i > 0 && text[i - 1] == ':' && i + 2 < text.size();
      if (next == 'n' && !path_like) { out += '\n'; ++i; continue; }
      if (next == 't' && !path_like) { out += '\t'; ++i; continue; }
      if (next == '"' || next == '\'') { out += next; ++i; continue; }
      if (next == 'r' && i + 3 < text.size() && text[i + 2] == '\\' && text[i + 3] == 'n') { ++i; continue; }
    }
    out += text[i];
  }
  return out;
}

constexpr std::array<std::string_view, 30> kFailureWords = {
    "error", "exception", "fail", "fatal", "denied", "refused", "timed out", "timeout", "cannot", "can't", "could not", "unable",
    "invalid", "not found", "exceed", "killed", "forbidden", "unauthorized", "missing", "no such", "corrupt", "abort", "panic", "reject",
    "not exist", "violat", "duplicate", "exhaust", "out of memory", "expired"};

bool speaks_of_failure(std::string_view line) {
  const std::string lower = lower_ascii(line);
  return std::ranges::any_of(kFailureWords, [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

std::string_view left_trimmed(std::string_view line) {
  const auto first = line.find_first_not_of(" \t|");
  return first == std::string_view::npos ? std::string_view{} : line.substr(first);
}

bool is_frame(std::string_view line) {
  const std::string_view t = left_trimmed(line);
  if (t.empty()) return false;
  // Java, JavaScript, .NET: "at pkg.Class.method(File.java:12)", "at fn (file.js:1:2)".
  if (t.starts_with("at ") && (t.find('(') != std::string_view::npos || t.find(" in ") != std::string_view::npos || t.find(':') != std::string_view::npos)) return true;
  if (t.starts_with("... ") && t.ends_with(" more")) return true;
  if (t.starts_with("... ") && t.ends_with("common frames omitted")) return true;
  // Python: '  File "x.py", line 3, in f' and its relatives.
  if (t.starts_with("File \"") && t.find("\", line ") != std::string_view::npos) return true;
  if (t.find_first_not_of("^~ ") == std::string_view::npos && t.find_first_of("^~") != std::string_view::npos) return true;
  // Go: "goroutine 1 [running]:", "\t/src/x.go:12 +0x1d".
  if (t.starts_with("goroutine ") && t.ends_with("]:")) return true;
  if ((t.starts_with("/") || t.starts_with("C:")) && t.find(".go:") != std::string_view::npos && t.find(" +0x") != std::string_view::npos) return true;
  // gdb and sanitizer: "#3 0x00007f in f".
  if (t.size() > 4 && t[0] == '#' && t[1] >= '0' && t[1] <= '9' && t.find("0x") != std::string_view::npos) return true;
  // Ruby: "from /x.rb:12:in `f'".
  if (t.starts_with("from ") && t.find(":in `") != std::string_view::npos) return true;
  // Scala and JVM dumps: "java.base/java.lang.Thread.run(Thread.java:829)".
  if (t.find(".java:") != std::string_view::npos && t.ends_with(")") && t.find(' ') == std::string_view::npos) return true;
  return false;
}

enum class Level : unsigned char { none, healthy, warning, error };

// The level a log line carries near its beginning.
Level level_of(std::string_view line) {
  const std::string_view head = line.substr(0, 90);
  std::size_t at = 0;
  while (at < head.size()) {
    while (at < head.size() && !((head[at] >= 'A' && head[at] <= 'Z') || (head[at] >= 'a' && head[at] <= 'z'))) ++at;
    std::size_t end = at;
    while (end < head.size() && ((head[end] >= 'A' && head[end] <= 'Z') || (head[end] >= 'a' && head[end] <= 'z'))) ++end;
    const std::string_view word = head.substr(at, end - at);
    if (word == "INFO" || word == "DEBUG" || word == "TRACE" || word == "info" || word == "debug" || word == "NOTICE") return Level::healthy;
    if (word == "WARN" || word == "WARNING" || word == "warn" || word == "warning") return Level::warning;
    if (word == "ERROR" || word == "FATAL" || word == "CRITICAL" || word == "SEVERE" || word == "error" || word == "fatal" || word == "PANIC")
      return Level::error;
    at = end;
  }
  return Level::none;
}

bool is_exception_line(std::string_view line) {
  // "pkg.SomeError: text", "SomeException", "E   SomeError: text": a dotted name that ends as exceptions do, first in its line.
  std::string_view t = left_trimmed(line);
  if (t.starts_with("E ")) t = left_trimmed(t.substr(1));
  std::size_t end = 0;
  while (end < t.size() && (t[end] == '.' || t[end] == '_' || t[end] == '$' || (t[end] >= '0' && t[end] <= '9') ||
                            (t[end] >= 'a' && t[end] <= 'z') || (t[end] >= 'A' && t[end] <= 'Z')))
    ++end;
  const std::string_view name = t.substr(0, end);
  if (name.size() < 5 || (end < t.size() && t[end] != ':' && t[end] != '(')) return false;
  return name.ends_with("Error") || name.ends_with("Exception") || name.ends_with("Timeout") || name.ends_with("Interrupt") ||
         name.ends_with("Exit") || name.ends_with("Failure") || name.ends_with("Denied") || name.ends_with("NotFound") ||
         name.ends_with("Forbidden");
}

void mark_lines(std::vector<TextLine>& lines) {
  std::size_t last_cause = lines.size();
  bool exception_seen = false, after_python_frame = false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    TextLine& line = lines[i];
    const std::string_view t = left_trimmed(line.text);
    if (is_frame(line.text)) {
      line.kind = LineKind::frame;
      after_python_frame = t.starts_with("File \"");
      continue;
    }
    // The source line that Python prints under a frame.
    if (after_python_frame && line.text.size() > t.size() && !is_exception_line(t)) {
      line.kind = LineKind::frame;
      after_python_frame = false;
      continue;
    }
    after_python_frame = false;
    if (t.starts_with("Caused by:") || t.starts_with("caused by:") || t.starts_with("Root cause") || t.starts_with("Caused: ")) last_cause = i;
    if (is_exception_line(t)) {
      line.kind = LineKind::root;
      exception_seen = true;
    } else if (level_of(line.text) == Level::healthy && !speaks_of_failure(line.text)) {
      line.kind = LineKind::healthy;
    } else if (t.starts_with("Traceback (most recent call last)")) {
      line.kind = LineKind::frame;
    }
  }
  if (last_cause < lines.size()) {
    for (std::size_t i = 0; i < lines.size(); ++i)
      if (lines[i].kind == LineKind::root && i != last_cause) lines[i].kind = LineKind::plain;
    lines[last_cause].kind = LineKind::root;
    return;
  }
  if (exception_seen) return;
  bool any = false;
  for (TextLine& line : lines) {
    if (line.kind != LineKind::plain) continue;
    const Level level = level_of(line.text);
    if (level == Level::error || (level == Level::none && speaks_of_failure(line.text))) {
      line.kind = LineKind::root;
      any = true;
    }
  }
  if (any) return;
  for (TextLine& line : lines)
    if (line.kind == LineKind::plain && !trim(line.text).empty()) line.kind = LineKind::root;
}

// What stands in front of the message in a log line: times, levels, brackets, thread and logger names.
std::string_view without_prefix(std::string_view line) {
  constexpr std::array<std::string_view, 13> kLevels = {"error", "warning", "warn", "fatal", "critical", "info", "severe", "debug",
                                                        "err",   "notice",  "alert", "stderr", "stdout"};
  bool again = true;
  while (again && !line.empty()) {
    again = false;
    const auto skip = line.find_first_not_of(" -:|,>\t");
    if (skip == std::string_view::npos) return {};
    if (skip > 0) line.remove_prefix(skip);
    if (line.starts_with("<ts>") || line.starts_with("<ip>")) {
      line.remove_prefix(4);
      again = true;
    } else if (line.starts_with("stderr f ") || line.starts_with("stdout f ")) {  // a container runtime's log: stream and whole-line tag
      line.remove_prefix(9);
      again = true;
    } else if (line.starts_with("<n>")) {
      line.remove_prefix(3);
      again = true;
    } else if (line.front() == '[' || line.front() == '{') {
      const auto close = line.find(line.front() == '[' ? ']' : '}');
      if (close != std::string_view::npos && close < 80 && close + 1 < line.size()) {
        line.remove_prefix(close + 1);
        again = true;
      }
    } else {
      for (const auto level : kLevels)
        if (line.starts_with(level) && line.size() > level.size() && std::string_view(" :]-|").find(line[level.size()]) != std::string_view::npos) {
          line.remove_prefix(level.size());
          again = true;
          break;
        }
    }
  }
  return line;
}

}  // namespace

PreparedText prepare_text(std::string_view text) {
  PreparedText out;
  out.clean = unescape_if_escaped(without_json_envelopes(strip_escapes(shorten_middle(text.size() > kMostTextBytes ? trim(text) : text, kMostTextBytes))));
  out.clean.reserve(64);  // on the heap, so that the lines still point into it after a move
  for (const auto line : split_lines(out.clean)) {
    // A flattened chain of causes is several lines in one.
    std::string_view rest = line;
    for (auto at = rest.find("Caused by: ", 1); at != std::string_view::npos; at = rest.find("Caused by: ", 1)) {
      out.lines.push_back({rest.substr(0, at)});
      rest.remove_prefix(at);
    }
    out.lines.push_back({rest});
  }
  mark_lines(out.lines);

  std::string previous;
  for (TextLine& line : out.lines) {
    if (line.kind == LineKind::frame || line.kind == LineKind::healthy) continue;
    const std::string_view t = trim(line.text);
    if (t.empty()) continue;
    if (!out.focus.empty()) out.focus += '\n';
    line.focus_begin = out.focus.size();
    out.focus += t;
    line.focus_end = out.focus.size();
    const std::string normal = normalise(t);
    if (!out.normal.empty()) out.normal += '\n';
    out.normal += normal;
    if (line.kind != LineKind::root) continue;
    const std::string_view message = without_prefix(normal);
    if (message.empty() || message == previous) continue;  // a retried attempt says the same again
    previous = message;
    if (!out.normal_roots.empty()) out.normal_roots += '\n';
    out.normal_roots += message;
  }
  if (out.focus.empty()) {  // nothing but frames or healthy lines: they are all there is
    out.focus = trim(out.clean);
    out.normal = normalise(out.focus);
    out.normal_roots = out.normal;
  }
  return out;
}

}  // namespace mend
