#include "base/result.h"

#include <cerrno>
#include <system_error>

namespace mend {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_input: return "invalid_input";
    case ErrorKind::not_found: return "not_found";
    case ErrorKind::conflict: return "conflict";
    case ErrorKind::permission: return "permission";
    case ErrorKind::unavailable: return "unavailable";
    case ErrorKind::timed_out: return "timed_out";
    case ErrorKind::cancelled: return "cancelled";
    case ErrorKind::corrupt: return "corrupt";
    case ErrorKind::exhausted: return "exhausted";
    case ErrorKind::internal: return "internal";
  }
  return "internal";
}

Error Error::in(std::string_view what) const { return {kind, std::string(what) + ": " + message}; }

std::unexpected<Error> fail_errno(std::string_view what, int number) {
  ErrorKind kind = ErrorKind::internal;
  switch (number) {
    case ENOENT: case ENOTDIR: case ESRCH: kind = ErrorKind::not_found; break;
    case EACCES: case EPERM: case EROFS: kind = ErrorKind::permission; break;
    case EEXIST: case EBUSY: case ETXTBSY: kind = ErrorKind::conflict; break;
    case ENOSPC: case EDQUOT: case EMFILE: case ENFILE: case ENOMEM: case EFBIG: kind = ErrorKind::exhausted; break;
    case ETIMEDOUT: kind = ErrorKind::timed_out; break;
    case EAGAIN: case ECONNREFUSED: case ECONNRESET: case EPIPE: case EHOSTUNREACH: kind = ErrorKind::unavailable; break;
    case EINVAL: case ENAMETOOLONG: case EISDIR: case ENOEXEC: case E2BIG: kind = ErrorKind::invalid_input; break;
    default: break;
  }
  return fail(kind, std::string(what) + ": " + std::generic_category().message(number));
}

}  // namespace mend
