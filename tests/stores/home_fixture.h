// A home in a folder of its own, and what the tests of the SQLite store do to it.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/file.h"
#include "contract/store_values.h"
#include "stores/sqlite_db.h"
#include "stores/sqlite_key.h"
#include "stores/sqlite_store.h"

namespace mend {

class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "mend-store-XXXXXX").string();
    if (::mkdtemp(name.data())) path_ = name;
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline SecretKey test_key(unsigned char fill = 7) {
  SecretKey key;
  key.fill(fill);
  return key;
}

class SqliteHome : public ::testing::Test {
 protected:
  std::filesystem::path home() const { return folder_.path() / "home"; }
  std::filesystem::path database() const { return home() / "mendline.db"; }
  SqliteStoreOptions options() const {
    SqliteStoreOptions options;
    options.home = home();
    options.home_key = test_key();
    return options;
  }
  std::unique_ptr<Store> open() { return open(options()); }
  std::unique_ptr<Store> open(const SqliteStoreOptions& with) {
    auto store = open_sqlite_store(with);
    if (!store) ADD_FAILURE() << store.error().message;
    return store ? std::move(*store) : nullptr;
  }
  Error open_error(const SqliteStoreOptions& with) {
    auto store = open_sqlite_store(with);
    if (!store) return store.error();
    ADD_FAILURE() << "the store opened";
    return {};
  }
  Error open_error() { return open_error(options()); }

  // Events e0 ... with an audit record each.
  static void fill(Store& store, int count, const std::string& prefix = "e") {
    const auto done = store.write([&](StoreTransaction& t) -> Result<void> {
      for (int i = 0; i < count; ++i) {
        MEND_CHECK(t.add_event(store_suite::make_event(prefix + std::to_string(i))));
        AuditRecord record = store_suite::make_audit("event.accepted");
        record.detail = prefix + std::to_string(i);
        MEND_CHECK(t.append_audit(std::move(record)));
      }
      return {};
    });
    ASSERT_TRUE(done) << done.error().message;
  }

  // A connection past all checks, to damage things with.
  std::unique_ptr<Db> raw() {
    const SecretKey key = store_key(test_key());
    auto db = Db::open(database(), key.data());
    if (!db) ADD_FAILURE() << db.error().message;
    return std::move(*db);
  }
  void raw_execute(const char* sql) {
    const auto done = raw()->execute(sql);
    ASSERT_TRUE(done) << done.error().message;
  }

  // Runs `body` in a child process; what it returns is the exit code. Threads of ours are not in the child, so no store may be
  // open in this process that the child uses.
  static int in_child(const std::function<int()>& body) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(body());
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child) return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  }

  TempFolder folder_;
};

}  // namespace mend
