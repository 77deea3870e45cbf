// What catalog/secrets.yaml says, as values. Loading checks the form; Redactor::load also runs the examples.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mend {

// What a found text must pass before it counts as a secret.
enum class SecretCheck : unsigned char {
  none,
  password,        // any value but a harmless word, a template, code or a path
  password_prose,  // the same after "password: ", where a sentence may follow
  secret,          // as password; short words and small numbers are left alone too
  secret_prose,    // after "token: ": only what looks opaque
  option,          // after "--password ": not another option, not a word of a sentence
  opaque,          // letters and digits mixed, at least eight
  basic_pair,      // base64 of "user:password"
  luhn,            // payment cards: brand, length, grouping, Luhn sum
  iban,            // length of the country and mod 97
  us_ssn,
  uk_nino,
  fr_insee,
  de_tax_id,
  phone,  // E.164 lengths
};

// Where the scan looks for it. Patterns without a literal would slow the scanner down for every text, so they wait behind a
// cheap look at the bytes.
enum class SecretPrefilter : unsigned char {
  scanner,     // the one scan with vectorscan
  at_sign,     // the text holds '@'
  plus_digit,  // '+' followed by a digit
  digit_run,   // 13 digits or more, single blanks or dashes between allowed
  ssn_shape,   // ddd-dd-dddd
  capitals,    // two capitals at the start of a word, then two digits
};

struct SecretExample {
  std::string text;
  std::string want;  // the text after redaction; the same as text in a counter-example
  int line = 0;      // in the file, from 1
};

struct SecretPattern {
  std::string kind;    // stands in the placeholder: [redacted:kind]
  std::string match;   // RE2 over bytes (Latin-1), fragments already put in; the capture `secret` is what is replaced
  std::string anchor;  // what the scanner looks for instead of match: simpler, found wherever match is. May be empty
  std::string except;  // RE2; a found text that it matches is left alone. May be empty
  SecretCheck check = SecretCheck::none;
  SecretPrefilter prefilter = SecretPrefilter::scanner;
  bool extend = false;  // the capture is only the first byte of a value, whose end is found by take_value()
  bool yields = false;  // dropped where it overlaps another kind (an e-mail address inside a URL with a password)
  std::string documented;
  std::vector<SecretExample> examples, counter_examples;
  int line = 0;
};

struct SecretPatternFile {
  std::vector<std::string> harmless;  // values that are no secret, in lower case
  std::vector<SecretPattern> patterns;
};

// invalid_input: "file:line: kind: reason" for bad YAML, unknown or duplicate keys, unknown checks and fragments, a pattern given
// twice, a missing example. The regular expressions themselves are checked by Redactor::load.
Result<SecretPatternFile> parse_secret_patterns(std::string_view yaml, std::string_view file_name);

}  // namespace mend
