#include "redact/secret_value.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "base/text.h"

namespace mend {
namespace {

// Longer values are never excused: no word and no path worth keeping is that long, and it bounds the work on each.
constexpr std::size_t kMostExcusable = 200;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct Letters {
  std::size_t lower = 0, upper = 0, digit = 0, other = 0;
  std::size_t humps = 0;  // changes from lower case or digit to upper case
};

Letters count(std::string_view value) {
  Letters n;
  char before = ' ';
  for (const char c : value) {
    if (is_lower(c))
      ++n.lower;
    else if (is_upper(c))
      ++n.upper, n.humps += is_lower(before) || is_digit(before) ? 1 : 0;
    else if (is_digit(c))
      ++n.digit;
    else
      ++n.other;
    before = c;
  }
  return n;
}

bool is_mask(std::string_view value) {  // "****", "xxxx", "<...>"
  const bool same = std::ranges::all_of(value, [](char c) { return c == 'x' || c == 'X'; });
  return (same && value.size() >= 3) || value.find_first_not_of("*.#-_=\"'`<>[](){}:,;!?/\\|~ \xe2\x80\xa2\xa6") == std::string_view::npos;
}

// ${VAR}, $VAR, $(cmd), {{ x }}, {x}, <password>, %s, %(x)s, %X%, @Microsoft.KeyVault(...), ENC(...), ARNs and YAML tags.
bool is_template(std::string_view v) {
  const auto within = [&](std::string_view open, std::string_view close) { return v.starts_with(open) && v.ends_with(close); };
  if (within("${", "}") || v.starts_with("$(") || within("{{", "}}") || v.starts_with("{{") || within("<", ">") || within("ENC(", ")"))
    return true;
  if (v.starts_with('$') && v.size() > 1 && std::ranges::all_of(v.substr(1), [](char c) { return is_upper(c) || c == '_' || is_digit(c); }))
    return !is_digit(v[1]);
  if (within("%(", ")s") || v == "%s" || v == "%r" || v == "%d" || v.starts_with("arn:") || v.starts_with("@Microsoft.KeyVault"))
    return true;
  if (v.size() > 2 && within("%", "%"))
    return std::ranges::all_of(v.substr(1, v.size() - 2), [](char c) { return is_upper(c) || c == '_'; });
  if (v.starts_with("!")) return v == "!vault" || v == "!Ref" || v == "!Sub" || v == "!GetAtt" || v == "!ENV" || v == "!secret";
  return within("{", "}") &&
         std::ranges::all_of(v.substr(1, v.size() - 2), [](char c) { return is_lower(c) || is_upper(c) || c == '_' || c == '.'; });
}

// A line of source in a traceback: self.password, os.environ["X"], get_secret(...).
bool is_code(std::string_view v) {
  std::size_t i = 0;
  bool joined = false;  // a dot or underline inside
  while (i < v.size() && (is_lower(v[i]) || is_upper(v[i]) || v[i] == '_' || v[i] == '.' || (i > 0 && is_digit(v[i])))) {
    if (i > 0 && (v[i] == '.' || v[i] == '_')) joined = true;
    ++i;
  }
  const std::string_view name = v.substr(0, i);
  if (i < v.size() && v[i] == '(') {
    constexpr std::array<std::string_view, 9> kCalls = {"str", "get", "getenv", "getpass", "load", "open", "decrypt", "decode", "quote"};
    return joined || std::ranges::find(kCalls, name) != kCalls.end();
  }
  constexpr std::array<std::string_view, 24> kOwners = {
      "self.", "os.",     "conf.",    "config.", "settings.", "args.",  "kwargs.", "env.",     "environ.", "var.",  "vars.",   "local.",
      "data.", "params.", "context.", "ctx.",    "conn.",     "creds.", "this.",   "process.", "options.", "opts.", "module.", "request."};
  if (std::ranges::any_of(kOwners, [&](std::string_view owner) { return v.starts_with(owner) && v.size() > owner.size(); }) &&
      i == v.size())
    return std::ranges::none_of(name, is_digit);
  if (i < v.size() && v[i] == '[' && i > 0)
    return name.ends_with("environ") || name == "config" || name == "conf" || name == "settings" || name == "kwargs" || name == "args" ||
           name == "params" || name == "data";
  return false;
}

// /run/secrets/db, projects/p1/secrets/db/versions/3, ./x.pem, C:\keys\x, https://...: they say where, not what.
bool is_location(std::string_view v) {
  if (v.find("://") != std::string_view::npos || v.starts_with("//")) return true;
  if (v.size() > 3 && v[1] == ':' && (v[2] == '\\' || v[2] == '/') && is_upper(v[0])) return true;
  const auto slashes = std::ranges::count(v, '/');
  if (slashes == 0) return false;
  const bool plain =
      std::ranges::all_of(v, [](char c) { return is_lower(c) || is_digit(c) || c == '/' || c == '.' || c == '_' || c == '-'; });
  if (!plain) return false;
  const bool rooted = v[0] == '/' || v.starts_with("./") || v.starts_with("../") || v.starts_with("~/");
  return (rooted && slashes >= 2) || (slashes >= 1 && is_lower(v[0]) && v.find("//") == std::string_view::npos);
}

bool looks_opaque(std::string_view v) {
  const Letters n = count(v);
  if (v.size() < 8 || n.other * 2 > v.size()) return false;
  if (v.size() > 10 && is_digit(v[0]) && is_digit(v[3]) && v[4] == '-' && v[7] == '-') return false;  // a date
  const bool host = n.upper == 0 && v.find('.') != std::string_view::npos &&
                    v.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_:/") == std::string_view::npos;
  if (host) return false;
  if (n.digit > 0 && n.lower + n.upper > 0) return true;
  return v.size() >= 20 && n.lower > 0 && n.upper > 0 && n.humps * 4 >= n.upper && n.humps >= 4;
}

// Bytes 'user:password' in base64.
bool is_basic_pair(std::string_view v) {
  std::string out;
  unsigned bits = 0;
  int have = 0;
  for (const char c : v) {
    int six = 0;
    if (is_upper(c))
      six = c - 'A';
    else if (is_lower(c))
      six = c - 'a' + 26;
    else if (is_digit(c))
      six = c - '0' + 52;
    else if (c == '+' || c == '-')
      six = 62;
    else if (c == '/' || c == '_')
      six = 63;
    else if (c == '=')
      break;
    else
      return false;
    bits = (bits << 6U | unsigned(six)) & 0xFFFFFFU;
    if ((have += 6) >= 8) out += char((bits >> unsigned(have -= 8)) & 0xFFU);
  }
  return out.size() >= 4 && out.find(':') != std::string::npos &&
         std::ranges::all_of(out, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; });
}

// dbt's and pytest's summary: "PASS=11 WARN=0".
bool is_count(std::string_view text, const FoundValue& value, const Letters& n) {
  if (value.quoted || n.digit != value.end - value.begin || value.begin < 5) return false;
  const auto name = text.substr(value.begin - 5, 5);
  return (name == "PASS=" || name == "pass=") && (value.begin == 5 || text[value.begin - 6] == ' ');
}

// PWD of a shell is a folder.
bool is_working_folder(std::string_view text, std::size_t begin) {
  const auto before = text.substr(begin > 8 ? begin - 8 : 0, std::min<std::size_t>(begin, 8));
  const auto at = lower_ascii(before).rfind("pwd");
  if (at == std::string::npos) return false;
  const char c = text[begin];
  return c == '/' || c == '~' || (begin + 2 < text.size() && text[begin + 1] == ':' && (text[begin + 2] == '\\' || text[begin + 2] == '/'));
}

bool ends_line(std::string_view text, std::size_t end) {
  while (end < text.size() && (text[end] == ' ' || text[end] == '\t' || text[end] == '\r')) ++end;
  return end >= text.size() || text[end] == '\n' || text[end] == ',' || text[end] == '}' || text[end] == '#' ||
         text.substr(end, 2) == "\\n";
}

// The word without brackets and quotes around it.
std::string bare_word(std::string_view value) {
  constexpr std::string_view kAround = "\"'`<>[](){}.,;:!?*\\";
  const auto first = value.find_first_not_of(kAround);
  if (first == std::string_view::npos) return {};
  return lower_ascii(value.substr(first, value.find_last_not_of(kAround) - first + 1));
}

// "This field is required." and not "correct horse battery staple".
bool is_sentence(std::string_view value, const HarmlessWords& harmless) {
  int known = 0;
  bool first = false;
  for (std::size_t at = 0; at < value.size();) {
    const std::size_t end = std::min(value.find(' ', at), value.size());
    if (harmless.holds(bare_word(value.substr(at, end - at)))) {
      ++known;
      first = first || at == 0;
    }
    at = end + 1;
  }
  return first && known >= 2;
}

}  // namespace

bool is_secret_value(SecretCheck check, std::string_view text, const FoundValue& value, const HarmlessWords& harmless) {
  const std::string_view v = text.substr(value.begin, value.end - value.begin);
  if (v.empty() || is_mask(v)) return false;
  const bool blanks = value.quoted && v.find(' ') != std::string_view::npos;
  if (blanks && check == SecretCheck::secret_prose) return false;
  if (v.size() > kMostExcusable) return true;
  if (blanks && is_sentence(v, harmless)) return false;
  if (check == SecretCheck::basic_pair) return is_basic_pair(v);
  if (harmless.holds(bare_word(v)) || is_template(v)) return false;
  if (!value.quoted && (is_code(v) || v.front() == '=' || v == "|" || v == ">")) return false;
  const Letters n = count(v);
  switch (check) {
    case SecretCheck::password: return !is_working_folder(text, value.begin) && !is_location(v) && !is_count(text, value, n);
    case SecretCheck::password_prose:
      if (is_working_folder(text, value.begin) || is_location(v)) return false;
      if (n.digit == v.size() && v.size() < 4) return false;  // a count: "pass: 12"
      return value.quoted || (n.digit > 0 && v.size() >= 4) || (n.other > 0 && v.size() >= 6) || n.humps > 0 || ends_line(text, value.end);
    case SecretCheck::secret:
      if (is_location(v)) return false;
      if (n.digit == v.size()) return v.size() >= 6;
      if (blanks) return n.digit > 0;
      return n.digit + n.other > 0 ? v.size() >= 4 : v.size() >= 6;
    case SecretCheck::secret_prose: return !is_location(v) && (looks_opaque(v) || (value.quoted && v.size() >= 16 && n.other == 0));
    case SecretCheck::option:
      if (v.front() == '-' || v.front() == '[' || is_location(v)) return false;
      return value.quoted || n.digit + n.other + n.upper > 0 || v.size() >= 5;
    case SecretCheck::opaque: return !is_location(v) && looks_opaque(v);
    default: return true;
  }
}

}  // namespace mend
