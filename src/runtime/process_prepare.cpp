#include "runtime/process_prepare.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mend {
namespace {

bool has_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

Result<void> check_texts(const ProcessSpec& spec) {
  if (spec.argv.empty() || spec.argv[0].empty()) return fail(ErrorKind::invalid_input, "no program is named: the command is empty");
  if (std::ranges::any_of(spec.argv, has_nul)) return fail(ErrorKind::invalid_input, "the command holds a NUL byte");
  if (has_nul(spec.folder)) return fail(ErrorKind::invalid_input, "the folder's name holds a NUL byte");
  for (const auto& [name, value] : spec.env)
    if (name.empty() || name.contains('=') || has_nul(name) || has_nul(value))
      return fail(ErrorKind::invalid_input, fmt::format("environment: '{}' is no name or its value holds a NUL byte", name));
  return {};
}

Result<void> check_folder(const std::string& folder) {
  struct stat status {};
  if (folder.empty()) return {};
  if (::stat(folder.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return fail(ErrorKind::invalid_input, fmt::format("the folder {} does not exist", folder));
    return fail_errno("folder " + folder, errno);
  }
  if (!S_ISDIR(status.st_mode)) return fail(ErrorKind::invalid_input, fmt::format("{} is not a folder", folder));
  return {};
}

enum class Candidate : std::uint8_t { missing, refused, usable };

Candidate look_at(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return errno == EACCES ? Candidate::refused : Candidate::missing;
  if (!S_ISREG(status.st_mode) || ::access(path.c_str(), X_OK) != 0) return Candidate::refused;
  return Candidate::usable;
}

// As the child will see it: a relative path is taken from its folder.
std::string from_folder(const std::string& folder, const std::string& path) {
  return folder.empty() || path.starts_with('/') ? path : folder + "/" + path;
}

Result<std::string> find_program(const ProcessSpec& spec) {
  const std::string& name = spec.argv[0];
  const auto refused = [](const std::string& path) {
    return fail(ErrorKind::permission, fmt::format("{} is there but may not be executed", path));
  };
  if (name.contains('/')) {
    switch (look_at(from_folder(spec.folder, name))) {
      case Candidate::usable: return name;
      case Candidate::refused: return refused(name);
      case Candidate::missing: return fail(ErrorKind::not_found, fmt::format("program {} does not exist", name));
    }
  }
  const auto given = spec.env.find("PATH");
  const char* inherited = ::getenv("PATH");
  const std::string path = given != spec.env.end() ? given->second : inherited != nullptr ? inherited : "/usr/local/bin:/usr/bin:/bin";
  std::string seen;
  for (std::size_t begin = 0; begin <= path.size();) {
    const auto end = std::min(path.find(':', begin), path.size());
    const std::string folder = end == begin ? "." : path.substr(begin, end - begin);
    begin = end + 1;
    const std::string file = folder + "/" + name;
    const auto found = look_at(from_folder(spec.folder, file));
    if (found == Candidate::usable) return file;
    if (found == Candidate::refused && seen.empty()) seen = file;
  }
  if (!seen.empty()) return refused(seen);
  return fail(ErrorKind::not_found, fmt::format("program '{}' was not found in PATH ({})", name, path));
}

std::vector<std::string> environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    // The key of our own store is no business of a job's.
    if (text.starts_with("MENDLINE_KEY=") || text.starts_with("MENDLINE_KEY_COMMAND=")) continue;
    if (!added.contains(std::string(text.substr(0, text.find('='))))) out.emplace_back(text);
  }
  for (const auto& [name, value] : added) out.push_back(name + "=" + value);
  return out;
}

Result<rlimit> limit_of(int resource, std::string_view name, std::uint64_t wanted, std::uint64_t more_for_hard) {
  rlimit now{};
  if (::getrlimit(__rlimit_resource_t(resource), &now) != 0) return fail_errno(fmt::format("reading the limit {}", name), errno);
  if (wanted == 0) return fail(ErrorKind::invalid_input, fmt::format("limits.{}: must be at least 1", name));
  if (now.rlim_max != RLIM_INFINITY && wanted > now.rlim_max)
    return fail(ErrorKind::invalid_input,
                fmt::format("limits.{}: {} is above the {} that this process itself is held to", name, wanted, now.rlim_max));
  return rlimit{wanted, std::min<rlim_t>(now.rlim_max, wanted + more_for_hard)};
}

}  // namespace

Result<PreparedProcess> prepare_process(const ProcessSpec& spec) {
  MEND_CHECK(check_texts(spec));
  MEND_CHECK(check_folder(spec.folder));
  PreparedProcess made;
  if (spec.limits.cpu_seconds) {
    // SIGXCPU at the soft limit says what happened; SIGKILL follows for who ignores it.
    MEND_TRY(const rlimit value, limit_of(RLIMIT_CPU, "cpu_seconds", *spec.limits.cpu_seconds, 5));
    made.limits.push_back({RLIMIT_CPU, value});
  }
  if (spec.limits.open_files) {
    MEND_TRY(const rlimit value, limit_of(RLIMIT_NOFILE, "open_files", *spec.limits.open_files, 0));
    made.limits.push_back({RLIMIT_NOFILE, value});
  }
  if (spec.limits.memory_bytes) {
    MEND_TRY(made.address_space, limit_of(RLIMIT_AS, "memory_bytes", *spec.limits.memory_bytes, 0));
  }
  MEND_TRY(made.program, find_program(spec));
  made.argv = spec.argv;
  made.env = environment(spec.env);
  made.folder = spec.folder;
  return made;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

}  // namespace mend
