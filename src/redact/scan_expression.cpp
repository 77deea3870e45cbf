#include "redact/scan_expression.h"

#include <fmt/format.h>

#include <algorithm>

namespace mend {
namespace {

constexpr int kMostRepeats = 8;
constexpr int kUnbounded = 1'000'000;

struct Piece {
  std::string text;
  bool whole = true;  // false: cut short, nothing may follow
};

struct Repeat {
  int least = 1, most = 1;
};

// Reads a pattern that RE2 has accepted already, so brackets match.
class Reader {
 public:
  explicit Reader(std::string_view pattern) : rest_(pattern) {}

  Piece alternatives() {
    Piece all = sequence();
    while (next_is('|')) {
      rest_.remove_prefix(1);
      const Piece other = sequence();
      all.text += '|' + other.text;
      all.whole = all.whole && other.whole;
    }
    return all;
  }

 private:
  bool next_is(char c) const { return !rest_.empty() && rest_.front() == c; }

  std::string take(std::size_t count) {
    count = std::min(count, rest_.size());
    std::string taken(rest_.substr(0, count));
    rest_.remove_prefix(count);
    return taken;
  }

  // Reads the whole sequence, and keeps of it what lies before the first loop.
  Piece sequence() {
    Piece kept;
    while (!rest_.empty() && !next_is('|') && !next_is(')')) {
      const Piece atom = read_atom();
      const Repeat repeat = read_repeat();
      if (kept.whole) add(kept, atom, repeat);
    }
    return kept;
  }

  static void add(Piece& kept, const Piece& atom, const Repeat& repeat) {
    if (repeat.least == 1 && repeat.most == 1) {
      kept.text += atom.text;
      kept.whole = atom.whole;
    } else if (repeat.least == 0) {
      kept.whole = atom.whole && repeat.most <= kMostRepeats;
      if (kept.whole) kept.text += fmt::format("{}{{0,{}}}", atom.text, repeat.most);
    } else {
      const int times = atom.whole ? std::min(repeat.least, kMostRepeats) : 1;
      kept.text += times == 1 ? atom.text : fmt::format("{}{{{}}}", atom.text, times);
      kept.whole = atom.whole && times == repeat.least && repeat.least == repeat.most;
    }
  }

  Piece read_atom() {
    switch (rest_.front()) {
      case '\\': return {take(escape_length())};
      case '[': return {take(class_length())};
      case '^':
      case '$': take(1); return {};
      case '(': return read_group();
      default: return {take(1)};
    }
  }

  Piece read_group() {
    if (rest_.starts_with("(?P<")) {
      take(rest_.find('>') + 1);
    } else if (rest_.starts_with("(?:")) {
      take(3);
    } else if (rest_.starts_with("(?")) {  // flags up to a bracket or a colon
      const std::size_t end = rest_.find_first_of(":)");
      const std::string flags = take(end + 1);
      if (flags.ends_with(')')) return {flags};
      Piece inside = alternatives();
      take(1);
      return {flags + inside.text + ")", inside.whole};
    } else {
      take(1);
    }
    Piece inside = alternatives();
    take(1);
    return {"(?:" + inside.text + ")", inside.whole};
  }

  std::size_t escape_length() const {
    const bool named = rest_.size() > 2 && (rest_[1] == 'x' || rest_[1] == 'p' || rest_[1] == 'P');
    if (!named) return 2;
    if (rest_[2] == '{') return rest_.find('}') + 1;
    return rest_[1] == 'x' ? 4 : 3;
  }

  std::size_t class_length() const {
    std::size_t i = rest_.starts_with("[^") ? 2 : 1;
    for (bool first = true; i < rest_.size() && (first || rest_[i] != ']'); first = false) {
      if (rest_.substr(i, 2) == "[:")
        i = rest_.find(":]", i) + 2;
      else
        i += rest_[i] == '\\' ? 2 : 1;
    }
    return i + 1;
  }

  int read_number(int otherwise) {
    if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') return otherwise;
    int number = 0;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') number = std::min(number * 10 + (take(1)[0] - '0'), kUnbounded);
    return number;
  }

  Repeat read_repeat() {
    Repeat repeat;
    if (next_is('*'))
      repeat = {0, kUnbounded}, take(1);
    else if (next_is('+'))
      repeat = {1, kUnbounded}, take(1);
    else if (next_is('?'))
      repeat = {0, 1}, take(1);
    else if (next_is('{') && rest_.size() > 1 && rest_[1] >= '0' && rest_[1] <= '9') {
      take(1);
      repeat.least = read_number(0);
      repeat.most = next_is(',') ? (take(1), read_number(kUnbounded)) : repeat.least;
      take(1);
    } else {
      return repeat;
    }
    if (next_is('?')) take(1);  // lazy
    return repeat;
  }

  std::string_view rest_;
};

}  // namespace

std::string scan_expression(std::string_view pattern) {
  std::string text = Reader(pattern).alternatives().text;
  return text.empty() ? "(?:)" : text;
}

}  // namespace mend
