#include <algorithm>
#include <array>

#include "base/text.h"
#include "diagnose/prepare.h"

namespace mend {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Characters that a token (word, number, path, address, timestamp) may hold inside.
bool in_token(char c) {
  return is_digit(c) || is_alpha(c) || c == '_' || c == '.' || c == '-' || c == ':' || c == '/' || c == '@' || c == '+' || c == '\\' ||
         c == '%' || c == '~' || (static_cast<unsigned char>(c) & 0x80U);
}

bool all(std::string_view text, bool (*test)(char)) { return !text.empty() && std::ranges::all_of(text, test); }

// Codes that mean something by themselves wherever they stand alone: HTTP statuses and exits by signal (128 + n).
constexpr std::array kTellingCodes = {"400", "401", "402", "403", "404", "405", "406", "407", "408", "409", "410", "411", "412", "413", "415",
                                      "416", "422", "423", "429", "431", "500", "501", "502", "503", "504", "507", "126", "127", "134", "137",
                                      "139", "143"};

// dddd-dd-dd, dd/dd/dd, dd:dd:dd and whatever else starts as a date or a time does.
bool looks_like_time(std::string_view t) {
  std::size_t digits = 0, separators = 0;
  for (const char c : t) {
    if (is_digit(c)) ++digits;
    else if (c == '-' || c == ':' || c == '/' || c == '.' || c == '+' || c == ',') ++separators;
    else if (c != 'T' && c != 'Z' && c != 't' && c != 'z') return false;
  }
  return digits >= 4 && separators >= 2 && is_digit(t.front());
}

bool looks_like_uuid(std::string_view t) {
  return t.size() == 36 && t[8] == '-' && t[13] == '-' && t[18] == '-' && t[23] == '-' &&
         std::ranges::all_of(t, [](char c) { return is_hex(c) || c == '-'; });
}

bool looks_like_ip(std::string_view t) {
  int dots = 0;
  std::size_t i = 0;
  for (; i < t.size() && (is_digit(t[i]) || t[i] == '.'); ++i) dots += t[i] == '.';
  return dots == 3 && (i == t.size() || t[i] == ':') && is_digit(t.front());
}

// A vendor's code: ORA-00942, ER_1045, SQLSTATE 42P01, DF-SYS-01, AADSTS700016.
bool looks_like_code(std::string_view t) {
  if (t.size() == 5 && is_digit(t[0])) {  // SQLSTATE: at least one letter
    bool letter = false;
    for (const char c : t) {
      if (c >= 'A' && c <= 'Z') letter = true;
      else if (!is_digit(c)) return false;
    }
    return letter;
  }
  const auto dash = t.find('-');
  if (dash != std::string_view::npos && dash >= 2 && dash <= 6 && t.size() <= 12) {
    const bool head = std::ranges::all_of(t.substr(0, dash), [](char c) { return c >= 'A' && c <= 'Z'; });
    return head && all(t.substr(dash + 1), is_digit);
  }
  if (t.starts_with("AADSTS")) return true;
  return false;
}

// Letters and digits mixed as no word mixes them: a hash, a pod suffix, a request id.
bool looks_random(std::string_view t) {
  if (t.size() < 8) return false;
  int changes = 0, digits = 0;
  for (std::size_t i = 0; i < t.size(); ++i) {
    if (is_digit(t[i])) ++digits;
    else if (!is_alpha(t[i])) return false;
    if (i > 0 && is_digit(t[i]) != is_digit(t[i - 1])) ++changes;
  }
  return (digits >= 2 && changes >= 3) || (t.size() >= 16 && digits >= 3 && std::ranges::all_of(t, is_hex));
}

void append_extension(std::string& out, std::string_view path) {
  const auto dot = path.rfind('.');
  if (dot == std::string_view::npos || path.size() - dot > 8) return;
  for (const char c : path.substr(dot))
    if (is_alpha(c) || c == '.') out += lower(c);
}

// A plain word: lower case, digits as '#', long random parts out.
void append_word(std::string& out, std::string_view word) {
  std::size_t at = 0;
  while (at < word.size()) {
    std::size_t end = at;
    while (end < word.size() && (is_digit(word[end]) || is_alpha(word[end]))) ++end;
    const std::string_view part = word.substr(at, end - at);
    if (looks_random(part)) {
      out += "<hex>";
    } else if (all(part, is_digit)) {
      // A part of a name: "executor_17". Standing alone is handled by the caller.
      out += std::ranges::find(kTellingCodes, part) != kTellingCodes.end() ? std::string(part) : std::string("#");
    } else {
      for (std::size_t i = 0; i < part.size(); ++i) {
        // One or two digits belong to names (utf8, int64, s3, oauth2); more are ids.
        std::size_t run = 0;
        while (i + run < part.size() && is_digit(part[i + run])) ++run;
        if (run > 2) {
          out += '#';
          i += run - 1;
        } else {
          out += lower(part[i]);
        }
      }
    }
    if (end < word.size()) out += word[end];
    at = end + 1;
  }
}

void append_token(std::string& out, std::string_view token) {
  // Punctuation that closes a sentence is not part of the token.
  std::size_t keep = token.size();
  while (keep > 0 && (token[keep - 1] == '.' || token[keep - 1] == ':' || token[keep - 1] == '-')) --keep;
  const std::string_view tail = token.substr(keep);
  token = token.substr(0, keep);
  if (token.empty()) {
    out += tail;
    return;
  }
  if (const auto scheme = token.find("://"); scheme != std::string_view::npos && scheme > 0) {
    out += "<url:";
    for (const char c : token.substr(0, scheme)) out += lower(c);
    out += '>';
  } else if (looks_like_ip(token)) {
    out += "<ip>";
  } else if (looks_like_time(token)) {
    out += "<ts>";
  } else if (looks_like_uuid(token)) {
    out += "<id>";
  } else if (all(token, is_digit)) {
    out += std::ranges::find(kTellingCodes, token) != kTellingCodes.end() ? std::string(token) : std::string("<n>");
  } else if (looks_like_code(token)) {
    for (const char c : token) out += lower(c);
  } else if ((token.front() == '/' || token.front() == '~' || token.starts_with("./") || token.starts_with("../") ||
              (token.size() > 2 && token[1] == ':' && (token[2] == '\\' || token[2] == '/'))) &&
             token.size() > 1) {
    out += "<path";
    append_extension(out, token);
    out += '>';
  } else if (token.starts_with("0x") && all(token.substr(2), is_hex)) {
    out += "<hex>";
  } else if (token.size() >= 12 && all(token, is_hex) && std::ranges::any_of(token, is_digit)) {
    out += "<hex>";
  } else {
    append_word(out, token);
  }
  out += tail;
}

}  // namespace

std::string normalise(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (!in_token(c)) {
      if (c == '\t' || c == ' ') {
        if (out.empty() || (out.back() != ' ' && out.back() != '\n')) out += ' ';
      } else {
        out += c;
      }
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && in_token(text[end])) ++end;
    // A comma inside a number or time ("12:00:01,123") belongs to it.
    if (end + 1 < text.size() && text[end] == ',' && is_digit(text[end + 1]) && end > at && is_digit(text[end - 1]) && is_digit(c)) {
      ++end;
      while (end < text.size() && is_digit(text[end])) ++end;
      out += looks_like_time(text.substr(at, end - at)) ? "<ts>" : "<n>";
    } else {
      append_token(out, text.substr(at, end - at));
    }
    at = end;
  }
  return out;
}

}  // namespace mend
