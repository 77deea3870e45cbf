// The names that facts have, and what a value of each must look like. One vocabulary for signatures, fact rules and whoever plans.
#pragma once

#include <string_view>

namespace mend {

inline constexpr std::size_t kMostFactBytes = 200;

// The fact that a named group of a pattern captures: groups of one pattern need different names, so "column_2" is a column too.
std::string_view fact_name_of_group(std::string_view group);

// Is it one of the vocabulary (catalog/README.md lists it)?
bool is_fact_name(std::string_view name);

// The part of a captured text that is the value: without blanks, quotes around it and the sentence's punctuation. Pure.
std::string_view trimmed_fact(std::string_view name, std::string_view value);

// Does the value have the form that this kind of fact has: a port is a number from 1 to 65535, a host no file name, an SQLSTATE five
// letters or digits? No value is part of a redaction's placeholder, or contains one beside other text. Pure.
bool is_fact_value(std::string_view name, std::string_view value);

}  // namespace mend
