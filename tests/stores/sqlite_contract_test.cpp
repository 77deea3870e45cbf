#include "contract/store_suite.h"
#include "stores/home_fixture.h"

namespace mend {
namespace {

class SqliteUnderTest final : public StoreUnderTest {
 public:
  SqliteUnderTest() { open(); }
  Store& store() override { return *store_; }
  void reopen() override {
    store_.reset();
    open();
  }
  std::string backup_file() override { return (folder_.path() / "backup.db").string(); }

 private:
  void open() {
    SqliteStoreOptions options;
    options.home = folder_.path() / "home";
    options.home_key = test_key();
    auto store = open_sqlite_store(options);
    if (!store) throw std::runtime_error(store.error().message);
    store_ = std::move(*store);
  }
  TempFolder folder_;
  std::unique_ptr<Store> store_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreSuite, ::testing::Values(StoreMaker{"sqlite", [] { return std::make_unique<SqliteUnderTest>(); }}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace mend
