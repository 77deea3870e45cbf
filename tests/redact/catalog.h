// The catalog's file of secrets, as the tests use it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/file.h"
#include "redact/redactor.h"
#include "redact/secret_pattern.h"

namespace mend::redact_test {

inline std::string catalog_text() {
  auto text = read_file(std::string(MEND_SOURCE_DIR) + "/catalog/secrets.yaml");
  if (!text) ADD_FAILURE() << text.error().message;
  return text ? *text : std::string();
}

// One for all tests: loading runs every example. Null, with a failure reported, when the file does not load.
inline const Redactor* catalog_redactor() {
  static const std::unique_ptr<Redactor> redactor = [] {
    auto loaded = Redactor::load(catalog_text());
    if (!loaded) ADD_FAILURE() << loaded.error().message;
    return loaded ? std::move(*loaded) : nullptr;
  }();
  return redactor.get();
}

inline std::string redact(std::string_view text) {
  const Redactor* redactor = catalog_redactor();
  return redactor != nullptr ? redactor->redact(text) : std::string("(the catalog does not load)");
}

}  // namespace mend::redact_test
