#include "connectors/data_check.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "connectors/local_state.h"
#include "connectors/sqlite_db.h"

namespace mend {
namespace {

std::optional<double> number_of(std::string_view text) {
  double number = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}
std::optional<std::int64_t> whole_of(std::string_view text) {
  std::int64_t number = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

template <class T>
bool holds(const T& a, std::string_view sign, const T& b) {
  if (sign == "=" || sign == "==") return a == b;
  if (sign == "!=" || sign == "<>") return !(a == b);
  if (sign == "<") return a < b;
  if (sign == "<=") return a <= b;
  if (sign == ">") return a > b;
  return a >= b;
}

// The value as text; nothing for NULL.
Result<std::optional<std::string>> ask(const JobSpec& job, const DataCheck& check, Duration lock_timeout, CallContext& call) {
  MEND_TRY(SqliteDb db, SqliteDb::open(job_path(job, check.database), SqliteDb::Access::read_only, lock_timeout, call));
  MEND_TRY(SqliteStatement question, db.prepare(check.sql));
  if (!question.is_read_only() || question.columns() != 1) return fail(ErrorKind::invalid_input, "the SQL is not one SELECT of one value");
  MEND_TRY(const bool row, question.step());
  if (!row) return fail(ErrorKind::invalid_input, "the SQL gave no row");
  if (question.type(0) == SqliteStatement::Type::null) return std::optional<std::string>();
  std::string value = to_valid_utf8(question.bytes(0));
  MEND_TRY(const bool more, question.step());
  if (more) return fail(ErrorKind::invalid_input, "the SQL gave more than one row");
  return std::optional(std::move(value));
}

}  // namespace

Result<bool> fits_expectation(const std::string& value, const std::string& expect) {
  constexpr std::array<std::string_view, 8> kSigns = {"==", "!=", "<>", "<=", ">=", "=", "<", ">"};  // longer ones first
  const std::string_view text = trim(expect);
  for (const std::string_view sign : kSigns) {
    if (!text.starts_with(sign)) continue;
    std::string_view wanted = trim(text.substr(sign.size()));
    if (wanted.empty() || std::string_view("=<>!").find(wanted.front()) != std::string_view::npos) break;  // "=> 3"
    // Whole numbers beyond 2^53 must not meet in a double.
    if (const auto a = whole_of(value), b = whole_of(wanted); a && b) return holds(*a, sign, *b);
    if (const auto a = number_of(value), b = number_of(wanted); a && b) return holds(*a, sign, *b);
    if (wanted.size() >= 2 && (wanted.front() == '\'' || wanted.front() == '"') && wanted.back() == wanted.front())
      wanted = wanted.substr(1, wanted.size() - 2);
    if (sign.starts_with('<') && sign != "<>")
      return fail(ErrorKind::invalid_input, fmt::format("'{}' is not a number to compare by {}", cut_utf8(value, 100), sign));
    if (sign.starts_with('>'))
      return fail(ErrorKind::invalid_input, fmt::format("'{}' is not a number to compare by {}", cut_utf8(value, 100), sign));
    return holds(std::string_view(value), sign, wanted);
  }
  return fail(ErrorKind::invalid_input, fmt::format("'{}' is not an expectation such as \"= 3\" or \">= 10\"", expect));
}

Result<std::optional<std::string>> run_data_check(const JobSpec& job, const DataCheck& check, Duration lock_timeout, CallContext& call) {
  const auto value = ask(job, check, lock_timeout, call);
  if (!value) {
    MEND_CHECK(call.check());
    return std::optional(fmt::format("data check '{}' failed: {}", check.name, value.error().message));
  }
  if (!*value) return std::optional(fmt::format("data check '{}' failed: expected {} got NULL", check.name, check.expect));
  const auto fits = fits_expectation(**value, check.expect);
  if (!fits) return std::optional(fmt::format("data check '{}' failed: {}", check.name, fits.error().message));
  if (*fits) return std::optional<std::string>();
  return std::optional(fmt::format("data check '{}' failed: expected {} got {}", check.name, check.expect, cut_utf8(**value, 200)));
}

}  // namespace mend
