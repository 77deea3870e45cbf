#include "connectors/local_state.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "model/json.h"

namespace mend {
namespace {

constexpr std::size_t kSealedMost = 20U << 20U;
constexpr std::size_t kUndoCopiesKept = 60;

}  // namespace

std::filesystem::path job_path(const JobSpec& job, std::string_view path) {
  const std::filesystem::path given(path);
  if (given.is_absolute() || job.folder.empty()) return given;
  return std::filesystem::path(job.folder) / given;
}

Result<FileState> read_regular_file(const std::filesystem::path& path, std::size_t most) {
  // O_NONBLOCK: opening a pipe nobody writes to would wait for ever.
  const FileHandle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.valid()) {
    if (errno == ELOOP)
      return fail(ErrorKind::invalid_input, fmt::format("{} is a symbolic link: name the file it points to instead", path.string()));
    return fail_errno("reading " + path.string(), errno);
  }
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return fail_errno("reading " + path.string(), errno);
  if (!S_ISREG(status.st_mode)) return fail(ErrorKind::invalid_input, fmt::format("{} is not a regular file", path.string()));
  if (std::uint64_t(status.st_size) > most)
    return fail(ErrorKind::exhausted, fmt::format("{} is larger than {} bytes", path.string(), most));
  FileState state{.bytes = {}, .mode = status.st_mode & 07777U, .owner = status.st_uid, .group = status.st_gid};
  char buffer[65536];
  for (;;) {
    const ssize_t count = ::read(file.get(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno("reading " + path.string(), errno);
    if (count == 0) return state;
    if (state.bytes.size() + std::size_t(count) > most)
      return fail(ErrorKind::exhausted, fmt::format("{} is larger than {} bytes", path.string(), most));
    state.bytes.append(buffer, std::size_t(count));
  }
}

Result<void> replace_file(const std::filesystem::path& path, std::string_view bytes, const FileState& like) {
  std::string scratch = path.string() + ".mendline-XXXXXX";
  const FileHandle file(::mkostemp(scratch.data(), O_CLOEXEC));
  if (!file.valid()) return fail_errno("writing " + path.string(), errno);
  const auto give_up = [&](int number) {
    ::unlink(scratch.c_str());
    return fail_errno("writing " + path.string(), number);
  };
  for (std::string_view rest = bytes; !rest.empty();) {
    const ssize_t count = ::write(file.get(), rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return give_up(errno);
    rest.remove_prefix(std::size_t(count));
  }
  // Owner before mode: changing the owner clears set-id bits.
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return give_up(errno);
  if ((status.st_uid != like.owner || status.st_gid != like.group) && ::fchown(file.get(), like.owner, like.group) != 0)
    return give_up(errno);
  if (::fchmod(file.get(), like.mode) != 0 || ::fsync(file.get()) != 0) return give_up(errno);
  if (::rename(scratch.c_str(), path.c_str()) != 0) return give_up(errno);
  const std::filesystem::path parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const FileHandle folder(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.valid()) ::fsync(folder.get());
  return {};
}

JobState::JobState(const LocalConnectorSettings& settings, const JobSpec& job)
    : settings_(settings), folder_(settings.state_folder / folder_name(job.id)) {}

std::string JobState::folder_name(const JobId& job) {
  constexpr std::size_t kLongest = 80;
  std::string name;
  for (const char c : job.str().substr(0, kLongest)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    name += plain ? c : '_';
  }
  // The tilde never comes from an id, so that "a/b" cannot meet a job that is really called so.
  if (name != job.str() || name.empty() || name.front() == '.')
    name = fmt::format("{}~{}", name.starts_with('.') ? "_" : name, blake2b_hex(job.str(), 8));
  return name;
}

std::filesystem::path JobState::good_copy(const std::filesystem::path& file) const {
  return folder_ / "config" / (blake2b_hex(file.lexically_normal().string(), 16) + ".sealed");
}

std::filesystem::path JobState::undo_copy(const Step& step, std::string_view name) const {
  return folder_ / "undo" / fmt::format("{}.{}.sealed", blake2b_hex(step.id.str(), 12), name);
}

Result<void> JobState::write_sealed(const std::filesystem::path& path, std::string_view plain) const {
  if (settings_.sealer == nullptr) return fail(ErrorKind::internal, "no key to seal with");
  MEND_CHECK(make_folder(path.parent_path()));
  return write_file_durably(path, settings_.sealer->seal(plain));
}

Result<std::string> JobState::read_sealed(const std::filesystem::path& path) const {
  if (settings_.sealer == nullptr) return fail(ErrorKind::internal, "no key to open sealed files with");
  MEND_TRY(const std::string sealed, read_file(path, kSealedMost));
  auto plain = settings_.sealer->open(sealed);
  if (!plain) return std::unexpected(plain.error().in(path.string()));
  return plain;
}

Result<std::optional<std::string>> JobState::read_sealed_if_there(const std::filesystem::path& path) const {
  auto plain = read_sealed(path);
  if (plain) return std::optional(std::move(*plain));
  if (plain.error().kind == ErrorKind::not_found) return std::optional<std::string>();
  return std::unexpected(plain.error());
}

Result<void> JobState::forget_old_copies() const {
  std::error_code error;
  std::vector<std::pair<std::filesystem::file_time_type, std::filesystem::path>> copies;
  for (std::filesystem::directory_iterator at(folder_ / "undo", error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    copies.emplace_back(at->last_write_time(ignored), at->path());
  }
  if (copies.size() <= kUndoCopiesKept) return {};
  std::ranges::sort(copies);
  copies.resize(copies.size() - kUndoCopiesKept);
  for (const auto& [time, path] : copies) std::filesystem::remove(path, error);
  return {};
}

Result<boost::json::object> pre_image_of(const Step& step) {
  auto json = parse_json(step.pre_image);
  if (!json || !json->is_object())
    return fail(ErrorKind::internal, fmt::format("step {} has no pre-image: nothing may be changed without one", step.id.str()));
  return std::move(json->as_object());
}

Result<std::string> text_in(const boost::json::object& object, std::string_view name) {
  const boost::json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return fail(ErrorKind::corrupt, fmt::format("the pre-image lacks the text {}", name));
  return std::string(value->as_string());
}

Result<std::string> parameter(const Step& step, std::string_view name) {
  const auto found = step.parameters.find(std::string(name));
  if (found == step.parameters.end())
    return fail(ErrorKind::invalid_input, fmt::format("step {} lacks the parameter {}", step.id.str(), name));
  return found->second;
}

}  // namespace mend
