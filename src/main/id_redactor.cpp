#include "main/id_redactor.h"

#include <fmt/format.h>

namespace mend {
namespace {
constexpr std::size_t kHashBytes = 8;
}

std::string IdRedactor::operator()(std::string_view name) const {
  std::string out = redactor_.redact(name);
  if (out == name) return out;
  const SecretKey hash = derive_key(key_, name);  // a keyed BLAKE2b of the name
  out += '-';
  for (std::size_t i = 0; i < kHashBytes; ++i) out += fmt::format("{:02x}", hash[i]);
  return out;
}

}  // namespace mend
