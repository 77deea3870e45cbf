// JSON: Boost.JSON decides what is valid, this scanner finds the bytes of each value in the valid text.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "connectors/config_edit.h"

namespace mend {
namespace {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  // The text is valid JSON: no need to look for errors, only never to pass the end.
  void value(const std::string& path, std::vector<ConfigEntry>& entries) {
    skip_blanks();
    const std::size_t begin = at_;
    if (peek() == '{' || peek() == '[') {
      const bool object = peek() == '{';
      const char close = object ? '}' : ']';
      ++at_;
      skip_blanks();
      bool empty = true;
      for (std::size_t index = 0; at_ < text_.size() && peek() != close; ++index) {
        empty = false;
        std::string part = fmt::format("{}[{}]", path, index);
        if (object) {
          const std::size_t name_begin = at_;
          skip_string();
          part = (path.empty() ? "" : path + ".") + escape_key(name(text_.substr(name_begin, at_ - name_begin)));
          skip_blanks();
          ++at_;  // ':'
        }
        value(part, entries);
        skip_blanks();
        if (peek() == ',') ++at_;
        skip_blanks();
      }
      ++at_;
      if (empty) entries.push_back({path, object ? "{}" : "[]", begin, std::min(at_, text_.size())});
      return;
    }
    if (peek() == '"') {
      skip_string();
    } else {
      while (at_ < text_.size() && std::string_view(",]} \t\r\n").find(text_[at_]) == std::string_view::npos) ++at_;
    }
    entries.push_back({path, std::string(text_.substr(begin, at_ - begin)), begin, at_});
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_blanks() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }
  void skip_string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_)
      if (text_[at_] == '\\') ++at_;
    ++at_;
  }
  static std::string name(std::string_view quoted) {
    boost::system::error_code error;
    const boost::json::value parsed = boost::json::parse(boost::json::string_view(quoted.data(), quoted.size()), error);
    return !error && parsed.is_string() ? std::string(parsed.as_string()) : std::string(quoted);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::vector<ConfigEntry>> read_json_config(std::string_view text) {
  boost::json::stream_parser parser;
  boost::system::error_code error;
  const std::size_t read = parser.write_some(text.data(), text.size(), error);
  if (!error) parser.finish(error);
  if (error || read != text.size()) {
    std::size_t line = 1;
    for (const char c : text.substr(0, read)) line += c == '\n';
    return fail(ErrorKind::invalid_input,
                fmt::format("line {}: {}", line, error ? error.message() : "something follows the end of the document"));
  }
  std::vector<ConfigEntry> entries;
  Scanner(text).value("", entries);
  if (entries.size() == 1 && entries.front().key.empty()) {
    if (entries.front().value == "{}" || entries.front().value == "[]") return std::vector<ConfigEntry>{};
    return fail(ErrorKind::invalid_input, "the file is one plain value, not keys and values");
  }
  return entries;
}

}  // namespace mend
