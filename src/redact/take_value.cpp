#include <algorithm>

#include "redact/secret_value.h"

namespace mend {
namespace {

constexpr std::size_t kMostNameBytes = 64;     // of the name in "name=" that ends a value before it
constexpr std::size_t kMostBracedBytes = 512;  // of a value in braces

bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }
bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_alnum(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_name(char c) { return is_alnum(c) || c == '_' || c == '.' || c == '-'; }

// Whether "name=" stands at `at`: then the , ; or & before it ends the value.
bool is_pair_at(std::string_view text, std::size_t at) {
  const std::size_t last = std::min(text.size(), at + kMostNameBytes);
  std::size_t i = at;
  while (i < last && is_name(text[i])) ++i;
  return i > at && i < text.size() && (text[i] == '=' || text[i] == ':');
}

FoundValue take_quoted(std::string_view text, std::size_t open, std::size_t slashes) {
  const char quote = text[open];
  FoundValue value{open + 1, open + 1, true};
  std::size_t run = 0;  // backslashes just before i
  for (std::size_t i = open + 1; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n' || c == '\r') return value.end = i, value;
    if (c == quote && run <= slashes) {
      const bool doubled = slashes == 0 && run == 0 && i > open + 1 && i + 2 < text.size() && text[i + 1] == quote && is_alnum(text[i + 2]);
      if (slashes > 0 || run == 0) {
        if (!doubled) return value.end = i - std::min(run, slashes), value;
        ++i;
        continue;
      }
    }
    run = c == '\\' ? run + 1 : 0;
    if (slashes == 0 && run == 2) run = 0;  // an escaped backslash
  }
  return value.end = text.size(), value;
}

// Closing brackets and full stops at the end belong to the sentence or the call around the value, unless opened inside it.
std::size_t without_tail(std::string_view text, std::size_t begin, std::size_t end) {
  while (end > begin) {
    const char last = text[end - 1];
    const char opener = last == ')' ? '(' : last == ']' ? '[' : last == '}' ? '{' : last == '>' ? '<' : '\0';
    const bool opened =
        opener != '\0' && text.substr(begin, std::min<std::size_t>(end - begin, 512)).find(opener) != std::string_view::npos;
    if ((opener != '\0' && !opened) || last == ',' || last == ';' || last == ':' || last == '.')
      --end;
    else
      break;
  }
  return end;
}

FoundValue take_bare(std::string_view text, std::size_t at) {
  std::size_t i = at;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (is_blank(c)) break;
    if (is_quote(c) && (i + 1 >= text.size() || !is_alnum(text[i + 1]))) break;
    if (c == '\\' && i + 1 < text.size()) {
      const char next = text[i + 1];
      if (next == 'n' || next == 'r' || next == 't' || is_quote(next) || is_blank(next)) break;
    }
    if ((c == ',' || c == ';' || c == '&' || c == '|') && i > at && is_pair_at(text, i + 1)) break;
  }
  return {at, without_tail(text, at, i), false};
}

// ODBC's Pwd={a;b}, a template {{ x }}, or an object, which is no value itself: its members have names of their own.
FoundValue take_braced(std::string_view text, std::size_t at) {
  const std::size_t close = text.substr(0, std::min(text.size(), at + kMostBracedBytes)).find_first_of("}\n\r", at);
  const bool closed = close != std::string_view::npos && text[close] == '}';
  const auto inside = closed ? text.substr(at + 1, close - at - 1) : std::string_view();
  if (closed && !inside.starts_with('{') && inside.find_first_of("\"':=") == std::string_view::npos) return {at + 1, close, true};
  const std::size_t next = std::min(text.find_first_not_of(' ', at + 1), text.size());
  const bool object = (closed && !inside.starts_with('{')) || (next < text.size() && (is_quote(text[next]) || text[next] == '\\'));
  return object ? FoundValue{at, at, false} : take_bare(text, at);
}

}  // namespace

FoundValue take_value(std::string_view text, std::size_t at) {
  std::size_t open = at;
  while (open < text.size() && open < at + 2 && std::string_view("bBrRuUfF").find(text[open]) != std::string_view::npos) ++open;
  if (open >= text.size() || !is_quote(text[open])) open = at;  // no Python prefix
  std::size_t slashes = 0;
  while (open < text.size() && text[open] == '\\' && slashes < 8) ++open, ++slashes;
  if (open < text.size() && is_quote(text[open])) {
    if (slashes == 0 && text.substr(open, 3) == std::string(3, text[open])) open += 2;  // Python's three quotes
    return take_quoted(text, open, slashes);
  }
  if (text[at] == '[' && at + 1 < text.size() && is_quote(text[at + 1])) return take_quoted(text, at + 1, 0);
  if (text[at] == '{') return take_braced(text, at);
  return take_bare(text, at);
}

}  // namespace mend
