#include "main/app_context.h"

#include <cstdlib>
#include <pwd.h>
#include <unistd.h>

#include "base/file.h"

namespace mend {

std::filesystem::path default_home() {
  if (const char* home = std::getenv("MENDLINE_HOME"); home && *home) return home;
  if (const char* state = std::getenv("XDG_STATE_HOME"); state && *state == '/') return std::filesystem::path(state) / "mendline";
  if (const char* home = std::getenv("HOME"); home && *home) return std::filesystem::path(home) / ".local/state/mendline";
  return "/var/lib/mendline";
}

Result<std::filesystem::path> find_data() {
  namespace fs = std::filesystem;
  std::error_code problem;
  if (const char* data = std::getenv("MENDLINE_DATA"); data && *data) {
    if (fs::is_directory(data, problem)) return fs::path(data);
    return fail(ErrorKind::not_found, std::string("MENDLINE_DATA names no folder: ") + data);
  }
  const fs::path self = fs::read_symlink("/proc/self/exe", problem);
  const fs::path beside = self.parent_path().parent_path() / "share/mendline";
  if (!problem && fs::is_directory(beside, problem)) return beside;
  return fail(ErrorKind::not_found, "the data folder " + beside.string() + " is missing: it belongs beside the program (or set MENDLINE_DATA)");
}

std::string login_name() {
  if (const char* name = std::getenv("MENDLINE_USER"); name && *name) return name;
  const passwd* entry = ::getpwuid(::getuid());
  return entry ? entry->pw_name : "uid" + std::to_string(::getuid());
}

Result<void> AppContext::load_redactor() {
  if (redactor) return {};
  MEND_TRY(const std::string patterns, read_file(data / "catalog/secrets.yaml"));
  MEND_TRY(redactor, Redactor::load(patterns));
  return {};
}

}  // namespace mend
