// Errors as values: Result<T> is std::expected<T, Error>. A function that returns Result can fail, any other cannot.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace mend {

// Few kinds, named by what a caller can do about them. The detail is in the message.
enum class ErrorKind : std::uint8_t {
  invalid_input,  // the caller's data is wrong: fix it, trying again will not help
  not_found,      // the named thing does not exist
  conflict,       // somebody else changed or holds it
  permission,     // the operating system or a policy refused
  unavailable,    // a peer or resource is not there now: try again later
  timed_out,      // the deadline passed
  cancelled,      // a stop was asked for
  corrupt,        // stored data is not what was written
  exhausted,      // disk, memory, handles or a bounded queue is full
  internal,       // a fault of ours
};

std::string_view to_string(ErrorKind kind);

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;  // says what was wrong and, where it can, what to do; never holds a secret

  // The same error with `what` in front: "reading mendline.yaml: no such file".
  Error in(std::string_view what) const;
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorKind kind, std::string message) {
  return std::unexpected(Error{kind, std::move(message)});
}
// An error from errno, its kind chosen by the number: "opening /x: Permission denied".
std::unexpected<Error> fail_errno(std::string_view what, int number);

}  // namespace mend

#define MEND_CONCAT_INNER(a, b) a##b
#define MEND_CONCAT(a, b) MEND_CONCAT_INNER(a, b)

// MEND_TRY(auto x, f());  x is the value, or the enclosing function returns f's error.
#define MEND_TRY(declaration, expression) MEND_TRY_IMPL(declaration, expression, MEND_CONCAT(mend_try_, __COUNTER__))
#define MEND_TRY_IMPL(declaration, expression, name)        \
  auto name = (expression);                                 \
  if (!name) return std::unexpected(std::move(name.error())); \
  declaration = std::move(*name)
// MEND_CHECK(f());  the same for Result<void>, and where the value is not wanted.
#define MEND_CHECK(expression)                                                          \
  do {                                                                                  \
    if (auto mend_check_ = (expression); !mend_check_) return std::unexpected(std::move(mend_check_.error())); \
  } while (false)
