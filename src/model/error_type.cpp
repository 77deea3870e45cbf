#include "model/error_type.h"

namespace mend {

std::string_view to_string(ErrorType type) {
  switch (type) {
#define ERROR_TYPE(name) \
  case ErrorType::name: return #name;
#include "model/error_types.def"
#undef ERROR_TYPE
  }
  return "unknown_error";
}

std::optional<ErrorType> parse_error_type(std::string_view name) {
  for (const ErrorType type : kErrorTypes)
    if (to_string(type) == name) return type;
  return std::nullopt;
}

std::string_view to_string(Tier tier) {
  switch (tier) {
    case Tier::automatic: return "auto";
    case Tier::assist: return "assist";
    case Tier::escalate: return "escalate";
  }
  return "escalate";
}

Tier tier_of(double confidence) {
  if (!(confidence >= 0.0 && confidence <= 1.0)) return Tier::escalate;
  if (confidence >= kAutoFrom) return Tier::automatic;
  return confidence >= kAssistFrom ? Tier::assist : Tier::escalate;
}

}  // namespace mend
