// What the connector's tests share: a folder of their own, a sealer, a connector, databases made by SQLite itself.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/sealed.h"
#include "connectors/local.h"

namespace mend::test {

class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "mend-connectors-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline void put(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}
inline std::string get(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}
inline bool file_there(const std::filesystem::path& path) { return std::filesystem::exists(path); }

// Whether any file below `folder` holds `text`.
inline bool anywhere(const std::filesystem::path& folder, std::string_view text) {
  if (!file_there(folder)) return false;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && get(entry.path()).find(text) != std::string::npos) return true;
  return false;
}

// Runs statements; throws with SQLite's message.
inline void sql(const std::filesystem::path& file, const std::string& statements) {
  sqlite3* db = nullptr;
  char* message = nullptr;
  std::string problem;
  if (sqlite3_open(file.c_str(), &db) != SQLITE_OK || sqlite3_exec(db, statements.c_str(), nullptr, nullptr, &message) != SQLITE_OK)
    problem = message != nullptr ? message : sqlite3_errmsg(db);
  sqlite3_free(message);
  sqlite3_close(db);
  if (!problem.empty()) throw std::runtime_error(problem);
}

inline std::vector<std::string> rows(const std::filesystem::path& file, const std::string& query) {
  sqlite3* db = nullptr;
  std::vector<std::string> lines;
  sqlite3_open(file.c_str(), &db);
  const int code = sqlite3_exec(
      db, query.c_str(),
      [](void* out, int count, char** values, char**) {
        std::string line;
        for (int i = 0; i < count; ++i) line += (i > 0 ? "|" : "") + std::string(values[i] != nullptr ? values[i] : "NULL");
        static_cast<std::vector<std::string>*>(out)->push_back(line);
        return 0;
      },
      &lines, nullptr);
  const std::string problem = code == SQLITE_OK ? "" : sqlite3_errmsg(db);
  sqlite3_close(db);
  if (!problem.empty()) throw std::runtime_error(problem);
  return lines;
}
inline std::string one(const std::filesystem::path& file, const std::string& query) {
  const auto lines = rows(file, query);
  return lines.empty() ? "(no row)" : lines.front();
}

// Everything about a database but Mendline's backup tables: definitions and, per table, each row with its rowid and storage.
inline std::string dump(const std::filesystem::path& file) {
  std::string text;
  const auto name = [](const std::string& bare) { return '"' + std::regex_replace(bare, std::regex("\""), "\"\"") + '"'; };
  for (const auto& line :
       rows(file, "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE '\\_mendline%' ESCAPE '\\' ORDER BY type, name"))
    text += line + "\n";
  for (const auto& table : rows(file,
                                "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND wr = 0 AND name NOT LIKE "
                                "'\\_mendline%' ESCAPE '\\' AND name NOT LIKE 'sqlite_schema%' ORDER BY name")) {
    std::string columns = "_rowid_";
    for (const auto& column : rows(file, "SELECT name FROM pragma_table_info('" + std::regex_replace(table, std::regex("'"), "''") + "')"))
      columns += ", typeof(" + name(column) + "), quote(" + name(column) + ")";
    for (const auto& line : rows(file, "SELECT " + columns + " FROM " + name(table) + " ORDER BY 1")) text += table + ": " + line + "\n";
  }
  return text;
}

class QuietLog final : public Log {
 public:
  void write(LogLevel, std::string_view message) override { lines.emplace_back(message); }
  std::vector<std::string> lines;
};

class LocalTest : public ::testing::Test {
 protected:
  LocalTest() {
    SecretKey key{};
    key.fill(7);
    sealer = std::make_unique<Sealer>(key);
    std::filesystem::create_directory(folder / "work");
    job.id = JobId("nightly");
    job.folder = (folder / "work").string();
    job.command = {"true"};
    strategy.name = "some_strategy";
    connect();
  }
  void connect() { connector = make_local_connector(settings()); }
  LocalConnectorSettings settings() {
    LocalConnectorSettings result;
    result.state_folder = folder / "state";
    result.redact = [](std::string_view text) {
      return std::regex_replace(std::string(text), std::regex("hunter[0-9]+"), "[redacted:password]");
    };
    result.sealer = sealer.get();
    result.database_timeout = std::chrono::milliseconds(50);
    return result;
  }
  std::filesystem::path work(std::string_view name) const { return folder / "work" / std::filesystem::path(name); }
  std::filesystem::path state(std::string_view name) const { return folder / "state" / "nightly" / std::filesystem::path(name); }

  Result<std::vector<Step>> plan(Capability capability, std::string_view error_text = {}) {
    auto steps = connector->plan(
        {.job = job, .diagnosis = diagnosis, .strategy = strategy, .capability = capability, .error_text = error_text}, call);
    if (steps)
      for (Step& step : *steps) step.id = StepId("step-" + std::to_string(++step_count));
    return steps;
  }
  // The only step of a plan that has to be there.
  Step planned(Capability capability, std::string_view error_text = {}) {
    auto steps = plan(capability, error_text);
    EXPECT_TRUE(steps.has_value()) << steps.error().message;
    if (!steps) return {};
    EXPECT_EQ(steps->size(), 1U);
    return steps->front();
  }
  std::string refusal(Capability capability, std::string_view error_text = {}) {
    auto steps = plan(capability, error_text);
    EXPECT_FALSE(steps.has_value());
    return steps ? "" : steps.error().message;
  }
  void capture(Step& step) {
    auto image = connector->capture(job, step, call);
    ASSERT_TRUE(image.has_value()) << image.error().message;
    step.pre_image = *image;
  }
  StepCheck check(const Step& step) {
    auto result = connector->check(job, step, call);
    EXPECT_TRUE(result.has_value()) << result.error().message;
    return result.value_or(StepCheck::changed);
  }
  void apply(const Step& step) {
    auto done = connector->apply(job, step, call);
    ASSERT_TRUE(done.has_value()) << done.error().message;
    EXPECT_FALSE(done->empty());
  }
  void undo(const Step& step) {
    auto done = connector->undo(job, step, call);
    ASSERT_TRUE(done.has_value()) << done.error().message;
    EXPECT_FALSE(done->empty());
  }
  ErrorKind apply_error(const Step& step) {
    auto done = connector->apply(job, step, call);
    EXPECT_FALSE(done.has_value());
    return done ? ErrorKind::internal : done.error().kind;
  }
  ErrorKind undo_error(const Step& step) {
    auto done = connector->undo(job, step, call);
    EXPECT_FALSE(done.has_value());
    return done ? ErrorKind::internal : done.error().kind;
  }
  void succeed() {
    auto done = connector->job_succeeded(job, call);
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }

  TempFolder folder;
  std::unique_ptr<Sealer> sealer;
  SystemClock clock;
  QuietLog log;
  CallContext call{clock, log, {}};
  JobSpec job;
  Diagnosis diagnosis;
  Strategy strategy;
  std::unique_ptr<Connector> connector;
  int step_count = 0;
};

}  // namespace mend::test
