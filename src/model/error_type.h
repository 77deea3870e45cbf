// The type of an error: what has to change before the job can succeed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mend {

enum class ErrorType : std::uint8_t {
#define ERROR_TYPE(name) name,
#include "model/error_types.def"
#undef ERROR_TYPE
};

inline constexpr std::array kErrorTypes = {
#define ERROR_TYPE(name) ErrorType::name,
#include "model/error_types.def"
#undef ERROR_TYPE
};
inline constexpr std::size_t kErrorTypeCount = kErrorTypes.size();

std::string_view to_string(ErrorType type);
std::optional<ErrorType> parse_error_type(std::string_view name);  // nothing for an unknown name

// What a confidence allows by itself; the decision adds its rules on top.
enum class Tier : std::uint8_t { automatic, assist, escalate };
inline constexpr double kAutoFrom = 0.75;    // inclusive
inline constexpr double kAssistFrom = 0.50;  // inclusive
// "auto", "assist", "escalate".
std::string_view to_string(Tier tier);
// NaN and anything outside [0, 1] escalate.
Tier tier_of(double confidence);

}  // namespace mend
