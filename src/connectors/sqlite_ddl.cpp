#include "connectors/sqlite_ddl.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "base/text.h"
#include "connectors/sqlite_schema.h"

namespace mend {
namespace {

struct Token {
  enum class Kind { word, quoted, text, number, sign } kind;
  std::string value;  // names without quotes
  std::size_t begin, end;
  bool is_sign(std::string_view what) const { return kind == Kind::sign && value == what; }
  bool is_word(std::string_view upper) const { return kind == Kind::word && same_name(value, upper); }
  bool is_name() const { return kind == Kind::word || kind == Kind::quoted || kind == Kind::text; }
};

bool name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}

std::vector<Token> tokens_of(std::string_view sql) {
  std::vector<Token> tokens;
  for (std::size_t at = 0; at < sql.size();) {
    const char c = sql[at];
    const std::size_t begin = at;
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f') {
      ++at;
    } else if (sql.substr(at, 2) == "--") {
      at = std::min(sql.find('\n', at), sql.size());
    } else if (sql.substr(at, 2) == "/*") {
      const auto end = sql.find("*/", at + 2);
      at = end == std::string_view::npos ? sql.size() : end + 2;
    } else if (c == '"' || c == '\'' || c == '`' || c == '[') {
      const char close = c == '[' ? ']' : c;
      std::string value;
      for (++at; at < sql.size(); ++at) {
        if (sql[at] == close) {
          if (c == '[' || at + 1 >= sql.size() || sql[at + 1] != close) break;
          ++at;
        }
        value += sql[at];
      }
      at = std::min(at + 1, sql.size());
      tokens.push_back({c == '\'' ? Token::Kind::text : Token::Kind::quoted, std::move(value), begin, at});
    } else if (name_byte(c)) {
      while (at < sql.size() && name_byte(sql[at])) ++at;
      const bool number = c >= '0' && c <= '9';
      tokens.push_back({number ? Token::Kind::number : Token::Kind::word, std::string(sql.substr(begin, at - begin)), begin, at});
    } else {
      at += (sql.substr(at, 2) == "<=" || sql.substr(at, 2) == "<>" || sql.substr(at, 2) == "<<") ? 2 : 1;
      tokens.push_back({Token::Kind::sign, std::string(sql.substr(begin, at - begin)), begin, at});
    }
  }
  return tokens;
}

bool starts_constraint(const Token& token) {
  constexpr std::array kWords = {"CONSTRAINT", "PRIMARY", "NOT",        "NULL",      "UNIQUE", "CHECK",
                                 "DEFAULT",    "COLLATE", "REFERENCES", "GENERATED", "AS",     "ON"};
  return std::ranges::any_of(kWords, [&](std::string_view word) { return token.is_word(word); });
}
bool starts_table_constraint(const Token& token) {
  constexpr std::array kWords = {"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"};
  return std::ranges::any_of(kWords, [&](std::string_view word) { return token.is_word(word); });
}

struct Place {
  std::size_t begin, end;  // bytes of the number
  std::uint64_t limit;     // longest length that passes
  bool below;              // written as < n
};

// Every length(column) <= n inside a CHECK.
std::vector<Place> checked_places(std::string_view sql, std::string_view column) {
  const std::vector<Token> tokens = tokens_of(sql);
  std::vector<Place> places;
  std::vector<bool> in_check;  // one a bracket
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].is_sign("(")) in_check.push_back((!in_check.empty() && in_check.back()) || (i > 0 && tokens[i - 1].is_word("CHECK")));
    if (tokens[i].is_sign(")") && !in_check.empty()) in_check.pop_back();
    if (in_check.empty() || !in_check.back() || i + 5 >= tokens.size() || !tokens[i].is_word("LENGTH")) continue;
    const bool below = tokens[i + 4].is_sign("<");
    if (!tokens[i + 1].is_sign("(") || !tokens[i + 2].is_name() || !same_name(tokens[i + 2].value, column) || !tokens[i + 3].is_sign(")") ||
        !(below || tokens[i + 4].is_sign("<=")) || tokens[i + 5].kind != Token::Kind::number)
      continue;
    const std::string& digits = tokens[i + 5].value;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size() || (below && number == 0)) continue;
    places.push_back({tokens[i + 5].begin, tokens[i + 5].end, below ? number - 1 : number, below});
  }
  return places;
}

}  // namespace

Result<std::string> with_column_type(std::string_view create_table, std::string_view column, std::string_view type) {
  const std::vector<Token> tokens = tokens_of(create_table);
  int depth = 0;
  bool definition_begins = false;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (definition_begins) {
      definition_begins = false;
      if (starts_table_constraint(token)) break;  // columns stand before these
      if (token.is_name() && same_name(token.value, column)) {
        std::size_t begin = token.end, end = token.end;
        int brackets = 0;
        for (std::size_t j = i + 1; j < tokens.size(); ++j) {
          if (brackets == 0 && (tokens[j].is_sign(",") || tokens[j].is_sign(")") || starts_constraint(tokens[j]))) break;
          brackets += tokens[j].is_sign("(") ? 1 : tokens[j].is_sign(")") ? -1 : 0;
          if (begin == token.end) begin = tokens[j].begin;
          end = tokens[j].end;
        }
        const std::string blank = begin == token.end ? " " : "";
        return fmt::format("{}{}{}{}", create_table.substr(0, begin), blank, type, create_table.substr(end));
      }
    }
    if (token.is_sign("(")) {
      definition_begins = ++depth == 1;
    } else if (token.is_sign(")")) {
      if (--depth == 0) break;
    } else if (token.is_sign(",")) {
      definition_begins = depth == 1;
    }
  }
  return fail(ErrorKind::invalid_input, fmt::format("column {} was not found in the table's definition", column));
}

std::optional<std::uint64_t> checked_length(std::string_view create_table, std::string_view column) {
  std::optional<std::uint64_t> least;
  for (const Place& place : checked_places(create_table, column)) least = std::min(least.value_or(place.limit), place.limit);
  return least;
}

Result<std::string> with_checked_length(std::string_view create_table, std::string_view column, std::uint64_t length) {
  std::vector<Place> places = checked_places(create_table, column);
  if (places.empty()) return fail(ErrorKind::invalid_input, fmt::format("no check of the length of {} was found", column));
  std::string result(create_table);
  std::ranges::reverse(places);  // from the end, so that the places before keep their offsets
  for (const Place& place : places)
    if (place.limit < length) result.replace(place.begin, place.end - place.begin, std::to_string(place.below ? length + 1 : length));
  return result;
}

std::optional<std::uint64_t> declared_length(std::string_view type) {
  if (affinity_of(type) != "TEXT") return std::nullopt;
  const auto open = type.find('(');
  const auto close = type.find(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return std::nullopt;
  const std::string_view digits = trim(type.substr(open + 1, close - open - 1));
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size() || number == 0) return std::nullopt;
  return number;
}

std::string with_declared_length(std::string_view type, std::uint64_t length) {
  return fmt::format("{}({}{}", type.substr(0, type.find('(')), length, type.substr(type.find(')')));
}

}  // namespace mend
