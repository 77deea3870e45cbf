#include "main/cli/home_access.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "diagnose/model_file.h"
#include "knowledge/library.h"
#include "main/output.h"
#include "main/session.h"
#include "stores/home.h"

namespace mend {

Result<std::unique_ptr<Store>> open_existing_store(AppContext& app) {
  const HomePaths paths(app.home);
  MEND_TRY(const bool there, path_exists(paths.database()));
  MEND_TRY(const bool was_there, path_exists(paths.anchor()));
  // A lost database is no empty home: the store refuses it and says what to do.
  if (!there && !was_there) return std::unique_ptr<Store>();
  return Session::open_store(app);
}

Error no_home_error(const AppContext& app) {
  return {ErrorKind::not_found, fmt::format("there is nothing here yet (home {})", app.home.string())};
}

ExitStatus nothing_here(const AppContext& app, bool json) {
  if (json) print_json(boost::json::array{});
  else print(no_home_error(app).message + "\n");
  return ExitStatus::ok;
}

void say_cut(std::size_t limit, std::string_view what) {
  print_error(fmt::format("mendline: the newest {} {} are shown; --limit shows more\n", limit, what));
}

std::string age_text(WallTime then, WallTime now) {
  if (then == WallTime{}) return "-";
  const auto seconds = std::max<std::int64_t>(std::chrono::duration_cast<std::chrono::seconds>(now - then).count(), 0);
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{} min", seconds / 60);
  if (seconds < 48 * 3600) return fmt::format("{} h", seconds / 3600);
  return fmt::format("{} d", seconds / 86400);
}

Result<std::vector<Case>> seed_cases(const AppContext& app) {
  MEND_TRY(const auto file, ModelFile::open(app.data / "model.bin"));
  return parse_cases(file->section("cases"), "seed cases");
}

Result<std::string> redacted_text(AppContext& app, std::string_view text) {
  if (text.empty()) return std::string();
  MEND_CHECK(app.load_redactor());
  return app.redactor->redact(text);
}

}  // namespace mend
