#include "main/output.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <unistd.h>

#include "base/text.h"
#include "model/json.h"

namespace mend {
namespace {

// Characters, not bytes; colour codes are not in cells when widths are counted.
std::size_t width(std::string_view text) {
  return std::size_t(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    text.remove_prefix(std::size_t(count));
  }
}

}  // namespace

std::string paint(std::string_view text, Colour colour, bool on) {
  if (!on || colour == Colour::none) return std::string(text);
  const char* code = "";
  switch (colour) {
    case Colour::none: break;
    case Colour::bold: code = "1"; break;
    case Colour::dim: code = "2"; break;
    case Colour::red: code = "31"; break;
    case Colour::green: code = "32"; break;
    case Colour::yellow: code = "33"; break;
    case Colour::blue: code = "34"; break;
    case Colour::cyan: code = "36"; break;
  }
  return std::string("\x1b[") + code + "m" + std::string(text) + "\x1b[0m";
}

std::string Table::text(bool colours) const {
  std::vector<std::size_t> widths;
  for (const auto& cell : header_) widths.push_back(width(cell));
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  const auto line = [&](const std::vector<std::string>& row) {
    std::string out;
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) out.append(widths[i] - width(row[i]) + 2, ' ');
    }
    return out;
  };
  std::string out = paint(line(header_), Colour::bold, colours) + "\n";
  for (const auto& row : rows_) out += line(row) + "\n";
  return out;
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 = byte == 0xC2 && i + 1 < text.size() && (static_cast<unsigned char>(text[i + 1]) & 0xE0U) == 0x80U;  // U+0080 to U+009F
    if (c1) ++i;
    if (byte == '\r') {
      if (i + 1 == text.size() || text[i + 1] != '\n') out += '\n';  // what follows must not be written over what was
      continue;
    }
    out += c1 || byte == 0x7f || (byte < 0x20 && byte != '\n' && byte != '\t') ? '?' : text[i];
  }
  return out;
}

std::string one_line(std::string_view raw, std::size_t most) {
  const std::string text = printable(raw);
  std::string out;
  std::size_t characters = 0;
  for (const char c : text) {
    const bool begins = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    if (begins && characters++ == most) return out + "…";
    out += c == '\n' || c == '\t' ? ' ' : c;
  }
  return out;
}

void print(std::string_view text) { write_all(STDOUT_FILENO, text); }
void print_error(std::string_view text) { write_all(STDERR_FILENO, text); }

void print_json(const boost::json::value& json) { print((::isatty(STDOUT_FILENO) ? to_pretty(json) : to_line(json)) + "\n"); }

}  // namespace mend
