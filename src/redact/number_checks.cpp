#include "redact/number_checks.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace mend {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string digits_of(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (is_digit(c)) out += c;
  return out;
}

bool luhn(std::string_view digits) {
  int sum = 0;
  bool twice = false;
  for (auto it = digits.rbegin(); it != digits.rend(); ++it, twice = !twice) {
    int value = *it - '0';
    if (twice && (value *= 2) > 9) value -= 9;
    sum += value;
  }
  return sum % 10 == 0;
}

int number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

// The issuer's first digits and the lengths it uses: without this every tenth identifier would pass the Luhn sum.
bool is_card_brand(std::string_view d) {
  const int two = number(d.substr(0, 2)), three = number(d.substr(0, 3)), four = number(d.substr(0, 4));
  const auto n = d.size();
  if (d[0] == '4') return n == 13 || n == 16 || n == 19;                                         // Visa
  if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720)) return n == 16;                // Mastercard
  if (two == 34 || two == 37) return n == 15;                                                    // American Express
  if (four >= 3528 && four <= 3589) return n >= 16;                                              // JCB
  if ((three >= 300 && three <= 305) || two == 36 || two == 38) return n == 14;                  // Diners Club
  if (four == 6011 || two == 65 || (three >= 644 && three <= 649) || two == 62) return n >= 16;  // Discover, UnionPay
  return (four == 5018 || four == 5020 || four == 5038 || four == 6304 || four == 6759 || (four >= 6761 && four <= 6763)) && n >= 13;
}

int mod97(std::string_view text) {  // letters count as 10..35
  int rest = 0;
  for (const char c : text) {
    const int value = is_digit(c) ? c - '0' : c - 'A' + 10;
    rest = (value > 9 ? rest * 100 + value : rest * 10 + value) % 97;
  }
  return rest;
}

struct Country {
  char code[3];
  std::uint8_t length;
};
// ISO 13616 registry: country and length of its account numbers.
constexpr std::array<Country, 79> kIbanLengths = {{
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22}, {"BH", 22}, {"BI", 27},
    {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24}, {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DO", 28},
    {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18}, {"FK", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23},
    {"GL", 18}, {"GR", 27}, {"GT", 28}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26}, {"IT", 27},
    {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20}, {"LV", 21}, {"LY", 25},
    {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MN", 20}, {"MR", 27}, {"MT", 31}, {"MU", 30}, {"NI", 28}, {"NL", 18},
    {"NO", 15}, {"PK", 24}, {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"SA", 24}, {"SC", 31},
    {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"XK", 20},
}};

}  // namespace

bool is_card_number(std::string_view text, std::size_t begin, std::size_t end) {
  const char before = begin > 0 ? text[begin - 1] : ' ';
  const char after = end < text.size() ? text[end] : ' ';
  if (before == '.' || before == '-' || before == '+' || before == '#') return false;  // a fraction, a part of an id, a sign
  if (after == '-' || (after == '.' && end + 1 < text.size() && is_digit(text[end + 1]))) return false;
  const std::string digits = digits_of(text.substr(begin, end - begin));
  return digits.size() >= 13 && digits.size() <= 19 && is_card_brand(digits) && luhn(digits);
}

bool is_iban(std::string_view found) {
  std::string packed;
  for (const char c : found)
    if (c != ' ') packed += c;
  if (packed.size() < 15) return false;
  const auto country =
      std::ranges::find_if(kIbanLengths, [&](const Country& c) { return packed[0] == c.code[0] && packed[1] == c.code[1]; });
  if (country == kIbanLengths.end() || packed.size() != country->length) return false;
  return mod97(packed.substr(4) + packed.substr(0, 4)) == 1;
}

bool is_us_ssn(std::string_view text, std::size_t begin, std::size_t end) {
  if (end - begin != 11) return false;
  const auto joins = [](char c) { return c == '-' || c == '.' || c == '_' || c == '/'; };
  if ((begin > 0 && joins(text[begin - 1])) || (end < text.size() && (text[end] == '-' || text[end] == '_'))) return false;
  const auto found = text.substr(begin, end - begin);
  const int area = number(found.substr(0, 3)), group = number(found.substr(4, 2)), serial = number(found.substr(7, 4));
  return area != 0 && area != 666 && area < 900 && group != 0 && serial != 0;
}

bool is_uk_nino(std::string_view found) {
  if (found.size() < 2) return false;
  constexpr std::array<std::string_view, 7> kNotGiven = {"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"};
  return std::ranges::find(kNotGiven, found.substr(0, 2)) == kNotGiven.end();
}

bool is_fr_insee(std::string_view found) {
  const std::string digits = digits_of(found);
  if (digits.size() != 15 || (digits[0] != '1' && digits[0] != '2')) return false;
  const int month = number(std::string_view(digits).substr(3, 2));
  if (month < 1 || (month > 12 && month < 20)) return false;
  return mod97(std::string_view(digits).substr(0, 13)) == (97 - number(std::string_view(digits).substr(13))) % 97;
}

bool is_de_tax_id(std::string_view found) {
  const std::string digits = digits_of(found);
  if (digits.size() != 11 || digits[0] == '0') return false;
  int product = 10;  // ISO 7064, MOD 11,10
  for (std::size_t i = 0; i < 10; ++i) {
    int sum = (digits[i] - '0' + product) % 10;
    if (sum == 0) sum = 10;
    product = sum * 2 % 11;
  }
  return (11 - product) % 10 == digits[10] - '0';
}

bool is_phone_number(std::string_view found) {
  const std::string digits = digits_of(found);
  if (digits.size() < 9 || digits.size() > 15 || digits[0] == '0') return false;
  if (digits[0] == '1') return digits.size() == 11 && digits[1] >= '2' && digits[4] >= '2';  // North America
  if (digits[0] == '7') return digits.size() == 11;
  return true;
}

}  // namespace mend
