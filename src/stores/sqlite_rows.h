// Small helpers to turn rows into values, shared by the reading files.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"
#include "model/json.h"
#include "stores/sqlite_db.h"

namespace mend {

inline std::int64_t sql_limit(std::size_t limit) {
  return std::int64_t(std::min<std::size_t>(limit, std::size_t(std::numeric_limits<std::int64_t>::max())));
}

// Every row made into a value by `make` (const Query& -> Result<Value>).
template <class Make>
auto all_rows(Query rows, Make make) -> Result<std::vector<typename decltype(make(rows))::value_type>> {
  std::vector<typename decltype(make(rows))::value_type> out;
  for (;;) {
    MEND_TRY(const bool more, rows.step());
    if (!more) return out;
    MEND_TRY(auto value, make(rows));
    out.push_back(std::move(value));
  }
}

// The first row, or nothing.
template <class Make>
auto first_row(Query rows, Make make) -> Result<std::optional<typename decltype(make(rows))::value_type>> {
  MEND_TRY(const bool found, rows.step());
  if (!found) return std::nullopt;
  MEND_TRY(auto value, make(rows));
  return value;
}

// A stored name read back; a name that nobody knows is damage, or was written by a newer program.
template <class Value>
Result<Value> known(const std::optional<Value>& parsed, std::string_view what, const Query& row, int column) {
  if (parsed) return *parsed;
  return fail(ErrorKind::corrupt, fmt::format("the store holds a {} that is not known here: '{}'", what, row.view(column).substr(0, 40)));
}

// A JSON column read by `parse`; what does not parse is damage.
template <class Parse>
auto from_doc(const Query& row, int column, std::string_view what, Parse parse) -> decltype(parse(boost::json::value{})) {
  const auto corrupt = [&](const Error& error) {
    return fail(ErrorKind::corrupt, fmt::format("a {} in the store cannot be read: {}", what, error.message));
  };
  const auto json = parse_json(row.view(column));
  if (!json) return corrupt(json.error());
  auto value = parse(*json);
  if (!value) return corrupt(value.error());
  return value;
}

// JSON for a doc column; bytes that are no UTF-8 could not be parsed again.
inline std::string to_doc(const boost::json::value& json) {
  std::string line = to_line(json);
  return is_valid_utf8(line) ? line : to_valid_utf8(line);
}

}  // namespace mend
