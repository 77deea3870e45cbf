// The text of a CREATE TABLE statement, edited in place: everything but the one type or number stays as it was written.
// Pure; thread-safe. The result still has to be proved by creating the table and reading its columns.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mend {

// The statement with another declared type of this column. invalid_input when the column is not found in the text.
Result<std::string> with_column_type(std::string_view create_table, std::string_view column, std::string_view type);

// The longest text that the table's CHECK constraints of the form length(column) <= n (or < n) let pass; nothing without one.
std::optional<std::uint64_t> checked_length(std::string_view create_table, std::string_view column);
// The statement with `length` as that number wherever a smaller one stands.
Result<std::string> with_checked_length(std::string_view create_table, std::string_view column, std::uint64_t length);

// "VARCHAR(10)" -> 10; nothing for a type without exactly one number in brackets, or for one that is not text.
std::optional<std::uint64_t> declared_length(std::string_view type);
std::string with_declared_length(std::string_view type, std::uint64_t length);

}  // namespace mend
