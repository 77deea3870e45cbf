// Takes secrets out of names (job, run and event ids) that come from outside and keeps the names apart.
#pragma once

#include <string>
#include <string_view>

#include "base/sealed.h"
#include "redact/redactor.h"

namespace mend {

// A name without a secret stays as it is. One with a secret becomes "load-[redacted:email]-91be02…": the end is a hash keyed
// with a key of this home, so that two jobs named after two people stay two jobs and nobody can try names without the key.
// Immutable; any thread may call.
class IdRedactor {
 public:
  // `redactor` must outlive it.
  IdRedactor(const Redactor& redactor, const SecretKey& key) : redactor_(redactor), key_(key) {}
  std::string operator()(std::string_view name) const;

 private:
  const Redactor& redactor_;
  SecretKey key_;
};

}  // namespace mend
