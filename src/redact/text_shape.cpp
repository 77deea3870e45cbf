#include "redact/text_shape.h"

#include <array>
#include <cstdint>

namespace mend {
namespace {

enum Kind : std::uint8_t { kOther, kDigit, kSeparator, kCapital, kWord, kPlus };

constexpr std::array<std::uint8_t, 256> kKinds = [] {
  std::array<std::uint8_t, 256> kinds{};
  for (int c = '0'; c <= '9'; ++c) kinds[std::size_t(c)] = kDigit;
  for (int c = 'A'; c <= 'Z'; ++c) kinds[std::size_t(c)] = kCapital;
  for (int c = 'a'; c <= 'z'; ++c) kinds[std::size_t(c)] = kWord;
  kinds['_'] = kWord;
  kinds[' '] = kinds['-'] = kSeparator;
  kinds['+'] = kPlus;
  return kinds;
}();

constexpr int kLeastCardDigits = 13;

Kind kind_at(std::string_view text, std::size_t at) {
  return at < text.size() ? Kind(kKinds[static_cast<unsigned char>(text[at])]) : kOther;
}

bool is_ssn_at_dash(std::string_view text, std::size_t dash) {  // the first dash of ddd-dd-dddd
  if (dash < 3 || dash + 7 >= text.size() || text[dash + 3] != '-') return false;
  if (dash > 3 && kind_at(text, dash - 4) == kDigit) return false;  // a date
  for (const int offset : {-3, -2, -1, 1, 2, 4, 5, 6, 7})
    if (kind_at(text, dash + std::size_t(offset)) != kDigit) return false;
  return true;
}

// "AB12" or "AB 12" with the second capital at `at`.
bool is_capitals_then_digits(std::string_view text, std::size_t at) {
  if (at == 0 || kind_at(text, at - 1) != kCapital) return false;
  if (at >= 2) {
    const Kind before = kind_at(text, at - 2);
    if (before == kCapital || before == kWord || before == kDigit) return false;
  }
  const std::size_t digits = at + (at + 1 < text.size() && text[at + 1] == ' ' ? 2 : 1);
  return kind_at(text, digits) == kDigit && kind_at(text, digits + 1) == kDigit;
}

}  // namespace

bool TextShape::allows(SecretPrefilter prefilter) const {
  switch (prefilter) {
    case SecretPrefilter::scanner: return true;
    case SecretPrefilter::at_sign: return at_sign;
    case SecretPrefilter::plus_digit: return plus_digit;
    case SecretPrefilter::digit_run: return digit_run;
    case SecretPrefilter::ssn_shape: return ssn_shape;
    case SecretPrefilter::capitals: return capitals;
  }
  return true;
}

TextShape shape_of(std::string_view text) {
  TextShape shape;
  shape.at_sign = text.find('@') != std::string_view::npos;
  int digits = 0;
  bool separated = false;  // the byte before was a separator inside a run of digits
  for (std::size_t i = 0; i < text.size(); ++i) {
    switch (Kind(kKinds[static_cast<unsigned char>(text[i])])) {
      case kDigit:
        if (++digits >= kLeastCardDigits) shape.digit_run = true;
        separated = false;
        break;
      case kSeparator:
        if (!shape.ssn_shape && text[i] == '-' && is_ssn_at_dash(text, i)) shape.ssn_shape = true;
        if (separated) digits = 0;
        separated = true;
        break;
      case kCapital:
        if (!shape.capitals && is_capitals_then_digits(text, i)) shape.capitals = true;
        digits = 0;
        break;
      case kPlus:
        if (kind_at(text, i + 1) == kDigit) shape.plus_digit = true;
        digits = 0;
        break;
      case kWord:
      case kOther: digits = 0; break;
    }
  }
  return shape;
}

}  // namespace mend
