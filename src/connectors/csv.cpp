#include "connectors/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace mend {
namespace {

class Reader {
 public:
  Reader(std::string_view text, char delimiter) : text_(text), delimiter_(delimiter) {}

  bool at_end() const { return at_ >= text_.size(); }
  std::size_t line() const { return line_; }

  enum class End { line, text, open_quote };
  // One record. `end` says what ended it.
  std::vector<std::string> record(End& end) {
    std::vector<std::string> fields(1);
    for (;;) {
      if (at_end()) return end = End::text, fields;
      const char c = text_[at_];
      if (c == '"' && fields.back().empty()) {
        if (!quoted(fields.back())) return end = End::open_quote, fields;
      } else if (c == delimiter_) {
        fields.emplace_back();
        ++at_;
      } else if (c == '\n' || (c == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n')) {
        at_ += c == '\r' ? 2 : 1;
        ++line_;
        return end = End::line, fields;
      } else {
        fields.back() += c;
        ++at_;
      }
    }
  }

 private:
  bool quoted(std::string& field) {
    for (++at_; !at_end(); ++at_) {
      if (text_[at_] != '"') {
        line_ += text_[at_] == '\n';
        field += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        field += '"';
        ++at_;
      } else {
        ++at_;
        return true;
      }
    }
    return false;
  }

  std::string_view text_;
  char delimiter_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

char choose_delimiter(std::string_view text) {
  constexpr std::array kDelimiters = {',', ';', '\t', '|'};
  std::array<std::size_t, kDelimiters.size()> counts{};
  bool in_quotes = false;
  for (const char c : text) {
    if (c == '"') in_quotes = !in_quotes;
    if (in_quotes) continue;
    if (c == '\n') break;
    for (std::size_t i = 0; i < kDelimiters.size(); ++i) counts[i] += c == kDelimiters[i];
  }
  return kDelimiters[std::size_t(std::ranges::max_element(counts) - counts.begin())];
}

bool blank(const std::vector<std::string>& fields) { return fields.size() == 1 && trim(fields.front()).empty(); }

}  // namespace

Result<CsvSample> read_csv(std::string_view text, std::size_t most_rows, bool complete) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (trim(text).empty()) return fail(ErrorKind::invalid_input, "the file is empty");
  if (text.find('\0') != std::string_view::npos) return fail(ErrorKind::invalid_input, "the file is not text");
  CsvSample sample;
  sample.delimiter = choose_delimiter(text);
  Reader reader(text, sample.delimiter);
  bool have_header = false;
  while (!reader.at_end() && sample.rows.size() + sample.ragged < most_rows + (have_header ? 0 : 1)) {
    const std::size_t line = reader.line();
    Reader::End end{};
    std::vector<std::string> fields = reader.record(end);
    if (end == Reader::End::open_quote && complete)
      return fail(ErrorKind::invalid_input, fmt::format("line {}: a quote that is never closed", line));
    // The record at a cut may lack its rest.
    if (end != Reader::End::line && !complete) break;
    if (!have_header) {
      if (blank(fields)) continue;
      sample.header = std::move(fields);
      have_header = true;
    } else if (blank(fields) && sample.header.size() > 1) {
      continue;
    } else if (fields.size() == sample.header.size()) {
      sample.rows.push_back(std::move(fields));
    } else {
      ++sample.ragged;
    }
  }
  if (!have_header) return fail(ErrorKind::invalid_input, "the header line is too long");
  return sample;
}

std::string print_csv_row(const std::vector<std::string>& fields, char delimiter) {
  std::string line;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) line += delimiter;
    const std::string& field = fields[i];
    const bool plain = field.find_first_of("\"\r\n") == std::string::npos && field.find(delimiter) == std::string::npos &&
                       !(fields.size() == 1 && trim(field).empty());
    if (plain) {
      line += field;
      continue;
    }
    line += '"';
    for (const char c : field) line += c == '"' ? "\"\"" : std::string(1, c);
    line += '"';
  }
  return line;
}

}  // namespace mend
