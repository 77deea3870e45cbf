// The schema's scripts, put into the program when it is built. Version N is the N-th script.
#pragma once

#include <span>
#include <string_view>

namespace mend {

struct Migration {
  int version = 0;
  std::string_view name;
  const char* sql = nullptr;  // several statements
};

// In order, versions 1, 2, ... without a gap.
std::span<const Migration> store_migrations();
// The schema that this program knows.
inline int newest_schema() { return int(store_migrations().size()); }

}  // namespace mend
