// Check sums and shapes of numbers that identify a person or an account. All pure. `begin` and `end` are the found part of `text`;
// what stands around it counts too (a fraction's digits are no card number).
#pragma once

#include <cstddef>
#include <string_view>

namespace mend {

bool is_card_number(std::string_view text, std::size_t begin, std::size_t end);
bool is_iban(std::string_view found);                                       // blanks allowed
bool is_us_ssn(std::string_view text, std::size_t begin, std::size_t end);  // ddd-dd-dddd
bool is_uk_nino(std::string_view found);
bool is_fr_insee(std::string_view found);      // 13 digits and the key of two, blanks allowed
bool is_de_tax_id(std::string_view found);     // 11 digits, blanks allowed
bool is_phone_number(std::string_view found);  // starts with '+'

}  // namespace mend
