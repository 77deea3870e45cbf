// Takes secrets and personal data out of text before it is stored, logged, printed, sent or learned from.
// The patterns are data: catalog/secrets.yaml.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mend {

// Immutable after loading; any thread may call redact at any time.
class Redactor {
 public:
  // `yaml` is the content of catalog/secrets.yaml; `name` stands in messages. invalid_input names the pattern and what is wrong.
  static Result<std::unique_ptr<Redactor>> load(std::string_view yaml, std::string_view name = "secrets.yaml");
  ~Redactor();
  Redactor(const Redactor&) = delete;
  Redactor& operator=(const Redactor&) = delete;

  // The text with each secret replaced by "[redacted:kind]". Any bytes may come in; bytes outside the secrets stay as they are.
  // Applying it again changes nothing.
  std::string redact(std::string_view text) const;

 private:
  struct Impl;
  explicit Redactor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace mend
