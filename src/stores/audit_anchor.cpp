#include "stores/audit_anchor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include "base/text.h"
#include "stores/home.h"

namespace mend {
namespace {

constexpr std::string_view kMagic = "mendline-audit-anchor-1 ";
constexpr std::size_t kSequenceDigits = 20;
constexpr std::size_t kLine = kMagic.size() + kSequenceDigits + 1 + 64 + 1 + 64 + 1;

// Held for the few microseconds of one read or write of one line, by us and by other processes.
bool lock(int file, int how) {
  int code = 0;
  do code = ::flock(file, how);
  while (code != 0 && errno == EINTR);
  return code == 0;
}

}  // namespace

AuditAnchor::AuditAnchor(std::filesystem::path file, const SecretKey& home_key)
    : file_(std::move(file)), key_(derive_key(home_key, "audit-anchor")) {}

AuditAnchor::~AuditAnchor() { sodium_memzero(key_.data(), key_.size()); }

std::string AuditAnchor::line_of(const ChainPoint& point) const {
  std::string line = fmt::format("{}{:020} {}", kMagic, point.sequence, point.hash);
  // derive_key is keyed BLAKE2b over its text, which makes it an authentication code as well.
  return line + " " + hex(derive_key(key_, line)) + "\n";
}

std::optional<ChainPoint> AuditAnchor::parse(std::string_view line) const {
  if (line.size() != kLine || !line.starts_with(kMagic)) return std::nullopt;
  ChainPoint point;
  const std::string_view digits = line.substr(kMagic.size(), kSequenceDigits);
  if (std::from_chars(digits.data(), digits.data() + digits.size(), point.sequence).ptr != digits.data() + digits.size())
    return std::nullopt;
  point.hash = line.substr(kMagic.size() + kSequenceDigits + 1, 64);
  const std::string wanted = line_of(point);
  if (sodium_memcmp(wanted.data(), line.data(), kLine) != 0) return std::nullopt;
  return point;
}

Result<ChainPoint> AuditAnchor::read_from(int file) const {
  char buffer[kLine + 1];
  const ssize_t count = ::pread(file, buffer, sizeof buffer, 0);
  if (count < 0) return fail_errno("reading " + file_.string(), errno);
  auto point = parse({buffer, std::size_t(count)});
  if (!point) return fail(ErrorKind::corrupt, fmt::format("the audit anchor {} was changed or made with another key", file_.string()));
  return *point;
}

Result<std::optional<ChainPoint>> AuditAnchor::read() const {
  const FileHandle file(::open(file_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid() && errno == ENOENT) return std::nullopt;
  if (!file.valid() || !lock(file.get(), LOCK_SH)) return fail_errno("reading " + file_.string(), errno);
  MEND_TRY(ChainPoint point, read_from(file.get()));
  return point;
}

Result<void> AuditAnchor::create() const {
  std::string scratch = file_.string() + ".new-XXXXXX";
  const FileHandle file(::mkostemp(scratch.data(), O_CLOEXEC));
  if (!file.valid()) return fail_errno("making " + file_.string(), errno);
  const std::string line = line_of(ChainPoint{});
  int problem = 0;
  if (::pwrite(file.get(), line.data(), line.size(), 0) != ssize_t(line.size()) || ::fsync(file.get()) != 0)
    problem = errno ? errno : ENOSPC;
  // Linked, not renamed: of several processes the first wins, and an anchor that has moved on is never set back.
  if (problem == 0 && ::link(scratch.c_str(), file_.c_str()) != 0 && errno != EEXIST) problem = errno;
  ::unlink(scratch.c_str());
  if (problem != 0) return fail_errno("making " + file_.string(), problem);
  return sync_folder(file_.parent_path());
}

Result<void> AuditAnchor::advance(const ChainPoint& to, const std::function<Result<bool>(const ChainPoint&)>& in_chain) const {
  const FileHandle file(::open(file_.c_str(), O_RDWR | O_CLOEXEC));
  if (!file.valid() && errno == ENOENT) return {};
  if (!file.valid() || !lock(file.get(), LOCK_EX)) return fail_errno("writing " + file_.string(), errno);
  const auto now = read_from(file.get());
  if (!now) return now.error().kind == ErrorKind::corrupt ? Result<void>{} : std::unexpected(now.error());
  if (now->sequence >= to.sequence) return {};
  MEND_TRY(const bool part, in_chain(*now));
  if (!part) return {};
  const std::string line = line_of(to);
  if (::pwrite(file.get(), line.data(), line.size(), 0) != ssize_t(line.size())) return fail_errno("writing " + file_.string(), errno);
  return {};
}

Result<void> AuditAnchor::reset(const ChainPoint& to) const { return write_file_durably(file_, line_of(to)); }

}  // namespace mend
