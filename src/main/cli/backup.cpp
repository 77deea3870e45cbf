#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "main/cli/commands.h"
#include "main/cli/home_access.h"
#include "main/output.h"
#include "stores/home.h"
#include "stores/home_key.h"
#include "stores/sqlite_backup.h"

namespace mend {
namespace {

namespace fs = std::filesystem;

std::string size_text(std::uintmax_t bytes) {
  constexpr double kKiB = 1024, kMiB = 1024 * kKiB, kGiB = 1024 * kMiB;
  const double size = double(bytes);
  if (size >= kGiB) return fmt::format("{:.1f} GiB", size / kGiB);
  if (size >= kMiB) return fmt::format("{:.1f} MiB", size / kMiB);
  return fmt::format("{:.1f} KiB", size / kKiB);
}

bool key_from_environment(const KeySource& source) { return source.value.has_value() || source.command.has_value(); }

// The databases that earlier restores put aside.
std::set<std::string> kept_aside(const fs::path& home) {
  std::set<std::string> out;
  std::error_code problem;
  const std::string begin = HomePaths(home).database().filename().string() + ".before-restore-";
  for (fs::directory_iterator entry(home, problem), end; !problem && entry != end; entry.increment(problem)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with(begin) && !name.ends_with("-wal")) out.insert(entry->path().string());
  }
  return out;
}

Result<SecretKey> key_for_restore(const fs::path& home) {
  const KeySource source = key_source_from_environment();
  MEND_TRY(const bool has_file, path_exists(HomePaths(home).key()));
  // A fresh key could not open any backup, so none is made here.
  if (!has_file && !key_from_environment(source))
    return fail(ErrorKind::not_found,
                fmt::format("a backup opens with the key of the home it was made in: copy that to {} (mode 0600) or set MENDLINE_KEY",
                            HomePaths(home).key().string()));
  return load_home_key(home, source);
}

}  // namespace

ExitStatus backup_command(AppContext& app, const BackupOptions& options) {
  const auto store = open_existing_store(app);
  if (!store) return report_error(store.error());
  if (!*store) return report_error(no_home_error(app));
  if (auto done = (*store)->backup(options.file); !done) return report_error(done.error());
  std::error_code problem;
  const auto size = fs::file_size(options.file, problem);
  const bool environment = key_from_environment(key_source_from_environment());
  print(
      fmt::format("{}: {}, encrypted with this home's key ({}); without that key nobody can read it, so keep both, apart from each other\n",
                  options.file, size_text(problem ? 0 : size), environment ? "from the environment" : HomePaths(app.home).key().string()));
  return ExitStatus::ok;
}

ExitStatus restore_command(AppContext& app, const BackupOptions& options) {
  std::error_code problem;
  if (!fs::is_regular_file(options.file, problem))
    return report_error({ErrorKind::not_found, fmt::format("there is no file {}", options.file)});
  const auto key = key_for_restore(app.home);
  if (!key) return report_error(key.error());
  const auto before = kept_aside(app.home);
  RestoreOptions restore;
  restore.actor = "user:" + app.user;
  if (auto done = restore_backup(app.home, options.file, *key, app.clock, restore); !done) return report_error(done.error());
  print(fmt::format("{} is restored from {}\n", app.home.string(), options.file));
  for (const auto& file : kept_aside(app.home))
    if (!before.contains(file)) print(fmt::format("the database that was there is kept as {}\n", file));
  return ExitStatus::ok;
}

}  // namespace mend
