#include "diagnose/fact_names.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "base/text.h"

namespace mend {
namespace {

constexpr std::array<std::string_view, 29> kNames = {
    "column",   "table",       "schema",    "database", "principal",  "permission", "resource", "host",      "port",  "url",
    "file",     "line",        "module",    "setting",  "value",      "limit",      "used",     "requested", "quota", "retry_after",
    "sqlstate", "http_status", "exit_code", "signal",   "constraint", "key",        "version",  "secret",    "job"};

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool in_range(std::string_view text, long least, long most) {
  if (text.starts_with('+')) text.remove_prefix(1);
  long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value >= least && value <= most;
}

bool has_letter(std::string_view text) { return std::ranges::any_of(text, letter); }
bool has_digit(std::string_view text) { return std::ranges::any_of(text, digit); }

// Words that stand where a name could stand and are none.
bool is_filler(std::string_view text) {
  constexpr std::array<std::string_view, 82> kWords = {
      "the",     "a",       "an",        "this",  "that",    "these", "it",     "its",    "is",      "was",       "are",    "be",
      "in",      "on",      "of",        "to",    "for",     "from",  "with",   "by",     "at",      "as",        "and",    "or",
      "not",     "no",      "none",      "null",  "nil",     "true",  "false",  "has",    "have",    "had",       "does",   "do",
      "did",     "can",     "cannot",    "could", "will",    "would", "must",   "should", "may",     "than",      "then",   "when",
      "while",   "where",   "which",     "who",   "name",    "names", "error",  "failed", "failure", "exception", "denied", "invalid",
      "missing", "unknown", "undefined", "any",   "all",     "your",  "you",    "we",     "if",      "but",       "found",  "already",
      "exists",  "because", "using",     "into",  "reached", "limit", "request"};
  const std::string lower = lower_ascii(text);
  return std::ranges::find(kWords, lower) != kWords.end();
}

bool is_host(std::string_view text) {
  if (text.size() < 2 || text.size() > 253) return false;
  // A program's files and a language's packages look like hosts.
  constexpr std::array<std::string_view, 22> kNoDomains = {".py",  ".java", ".scala", ".go",  ".js",      ".ts",        ".cpp",  ".sh",
                                                           ".sql", ".json", ".yaml",  ".yml", ".csv",     ".txt",       ".conf", ".parquet",
                                                           ".xml", ".jar",  ".log",   ".gz",  ".service", ".properties"};
  const std::string lower = lower_ascii(text);
  if (std::ranges::any_of(kNoDomains, [&](std::string_view end) { return lower.ends_with(end); })) return false;
  if (!has_letter(text) && std::ranges::count(text, '.') != 3 && text.find(':') == std::string_view::npos) return false;
  const auto last = text.rfind('.');
  if (last != std::string_view::npos && last + 1 < text.size() && text[last + 1] >= 'A' && text[last + 1] <= 'Z') {
    // com.example.SomeClass; SRV.CORP.LOCAL is a host.
    if (std::ranges::any_of(text.substr(last + 1), [](char c) { return c >= 'a' && c <= 'z'; })) return false;
  }
  return true;
}

constexpr std::string_view kPlaceholder = "[redacted:";

}  // namespace

std::string_view fact_name_of_group(std::string_view group) {
  const auto last = group.rfind('_');
  if (last == std::string_view::npos || last + 1 == group.size()) return group;
  return std::ranges::all_of(group.substr(last + 1), digit) ? group.substr(0, last) : group;
}

bool is_fact_name(std::string_view name) { return std::ranges::find(kNames, name) != kNames.end(); }

std::string_view trimmed_fact(std::string_view name, std::string_view value) {
  std::string_view text = trim(value);
  if (name == "host") {  // of "https://user@host:443/path" only the host
    if (const auto scheme = text.find("://"); scheme != std::string_view::npos) {
      text.remove_prefix(scheme + 3);
      text = text.substr(0, text.find('/'));
      if (const auto user = text.rfind('@'); user != std::string_view::npos) text.remove_prefix(user + 1);
    }
    if (const auto port = text.rfind(':');
        port != std::string_view::npos && text.find(':') == port && std::ranges::all_of(text.substr(port + 1), digit))
      text = text.substr(0, port);
  }
  if (name == "file") {  // of "FileStatus{path=s3a://bucket/key" only the address
    if (const auto scheme = text.find("://"); scheme != std::string_view::npos && scheme > 0) {
      std::size_t begin = scheme;
      while (begin > 0 && (letter(text[begin - 1]) || digit(text[begin - 1]))) --begin;
      text.remove_prefix(begin);
    }
  }
  const auto unbalanced = [&](char open, char close) { return std::ranges::count(text, close) > std::ranges::count(text, open); };
  bool again = true;
  while (again && !text.empty()) {
    again = false;
    const char first = text.front(), last = text.back();
    if (text.size() > 1 && first == last && (first == '\'' || first == '"' || first == '`') && std::ranges::count(text, first) == 2) {
      text = trim(text.substr(1, text.size() - 2));
      again = true;
      continue;
    }
    const bool stray = (last == '\'' || last == '"' || last == '`') && std::ranges::count(text, last) % 2 == 1;
    if (last == ',' || last == ';' || last == ':' || (last == '.' && name != "value") || last == ' ' || stray ||
        (last == ')' && unbalanced('(', ')')) || (last == ']' && unbalanced('[', ']')) || (last == '}' && unbalanced('{', '}')) ||
        (last == '>' && unbalanced('<', '>'))) {
      text.remove_suffix(1);
      again = true;
      continue;
    }
    if ((first == '\'' || first == '"' || first == '`') && std::ranges::count(text, first) % 2 == 1) {
      text.remove_prefix(1);
      again = true;
    }
  }
  return text;
}

bool is_fact_value(std::string_view name, std::string_view value) {
  if (value.empty() || value.size() > kMostFactBytes) return false;
  if (const auto at = value.find(kPlaceholder); at != std::string_view::npos) {
    if (at != 0 || value.find(']') + 1 != value.size()) return false;
    return name != "port" && name != "line" && name != "http_status" && name != "exit_code" && name != "sqlstate";
  }
  if (value.starts_with("redacted:") || value.ends_with("[redacted")) return false;
  if (name == "port") return in_range(value, 1, 65535);
  if (name == "http_status") return in_range(value, 100, 599);
  if (name == "exit_code") return in_range(value, -255, 2147483647);
  if (name == "line") return in_range(value, 0, 2147483647000);
  if (name == "sqlstate")
    return value.size() == 5 && std::ranges::all_of(value, [](char c) { return digit(c) || (c >= 'A' && c <= 'Z'); }) && has_digit(value);
  if (name == "host") return is_host(value) && !is_filler(value);
  if (name == "value" || name == "key") return true;
  if (name == "job" && (value.ends_with("Exception") || value.ends_with("Error"))) return false;
  if (name == "file" &&
      (value.starts_with("//") || (value.find('@') != std::string_view::npos && value.find('/') == std::string_view::npos)))
    return false;
  if (name == "limit" || name == "used" || name == "requested") return has_digit(value);
  return value.find_first_not_of("./-_*'\"` ") != std::string_view::npos && !is_filler(value);
}

}  // namespace mend
