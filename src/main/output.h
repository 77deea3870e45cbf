// What people see: tables and colours. Pure but for print().
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace mend {

enum class Colour : unsigned char { none, bold, dim, red, green, yellow, blue, cyan };
// The text in colour, or as it is when `on` is false.
std::string paint(std::string_view text, Colour colour, bool on);

// Columns as wide as their widest cell (counted in characters, not bytes), two blanks between; the last one is not padded.
class Table {
 public:
  explicit Table(std::vector<std::string> header) : header_(std::move(header)) {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  std::string text(bool colours) const;

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

// Text from outside, harmless on a terminal: control characters (escape codes begin with one) become "?"; line ends and tabs stay.
std::string printable(std::string_view text);
// One line of at most `most` characters, harmless on a terminal: line ends become blanks, the rest is cut with "…".
std::string one_line(std::string_view text, std::size_t most);
// Writes to standard output; a reader that went away is no error.
void print(std::string_view text);
void print_error(std::string_view text);  // to standard error
// One JSON document on standard output, indented for terminals, one line otherwise.
void print_json(const boost::json::value& json);

}  // namespace mend
