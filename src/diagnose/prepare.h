// Prepares an error text for all who read it: one pass that everything else (signatures, features, fingerprint) builds on.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mend {

enum class LineKind : unsigned char {
  plain,
  frame,    // a stack frame, a source line under it, a caret line
  healthy,  // an INFO or DEBUG line without a word of failure: another matter
  root,     // where the cause is said: the last "Caused by", an exception's line, an error line
};

struct TextLine {
  std::string_view text;  // into PreparedText::clean
  LineKind kind = LineKind::plain;
  std::size_t focus_begin = 0, focus_end = 0;  // its place in PreparedText::focus; equal when it is not there
};

struct PreparedText {
  std::string clean;            // without escape codes and carriage returns; JSON-escaped text unescaped; bounded in length
  std::vector<TextLine> lines;
  std::string focus;            // plain and root lines, joined by '\n': what signatures are matched on
  std::string normal;           // focus in lower case with typed placeholders for what varies: what features are made of
  std::string normal_roots;     // the same for the root lines only, without log prefixes: what the fingerprint is made of

  PreparedText() = default;
  PreparedText(PreparedText&&) = default;
  PreparedText& operator=(PreparedText&&) = default;
  PreparedText(const PreparedText&) = delete;  // lines point into clean
  PreparedText& operator=(const PreparedText&) = delete;
};

// Longer texts keep their first and last parts: the end of a log is where it failed, the beginning says what was run.
inline constexpr std::size_t kMostTextBytes = 48 * 1024;

// Never fails; any bytes may come in. Pure.
PreparedText prepare_text(std::string_view text);

// Lower case with typed placeholders: <ts> <id> <hex> <ip> <url:scheme> <path.ext> <n>, digits in names as #. HTTP statuses and
// other well-known three-digit codes, SQLSTATE and vendor codes (ORA-00942) stay. Pure.
std::string normalise(std::string_view text);

}  // namespace mend
