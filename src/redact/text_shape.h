// A cheap look at a text: could it hold a card number, an e-mail address, an IBAN ...? May say yes too often, never no wrongly.
#pragma once

#include <string_view>

#include "redact/secret_pattern.h"

namespace mend {

struct TextShape {
  bool at_sign = false;
  bool plus_digit = false;
  bool digit_run = false;
  bool ssn_shape = false;
  bool capitals = false;

  bool allows(SecretPrefilter prefilter) const;
};

TextShape shape_of(std::string_view text);

}  // namespace mend
