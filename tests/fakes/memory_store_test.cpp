// The store of the tests passes what every store must pass, or tests against it would prove nothing.
#include "fakes/memory_store.h"

#include "contract/store_suite.h"
#include "support/temp_folder.h"

namespace mend {
namespace {

class MemoryUnderTest final : public StoreUnderTest {
 public:
  Store& store() override { return *store_; }
  void reopen() override { store_ = std::make_unique<MemoryStore>(store_->state()); }
  std::string backup_file() override { return (folder_.path() / "backup").string(); }

 private:
  std::unique_ptr<MemoryStore> store_ = std::make_unique<MemoryStore>();
  ScratchFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(Memory, StoreSuite, ::testing::Values(StoreMaker{"memory", [] { return std::make_unique<MemoryUnderTest>(); }}),
                         [](const auto& info) { return info.param.name; });

TEST(MemoryStore, AWriteFailsWhereTheTestSaysAndLeavesNothing) {
  MemoryStore store;
  store.fail_at_write(2, true);
  const auto put = [&](const char* name) { return store.write([&](StoreTransaction& tx) { return tx.put_setting(name, "1"); }); };
  EXPECT_TRUE(put("a"));
  EXPECT_FALSE(put("b"));
  EXPECT_FALSE(put("c"));
  EXPECT_TRUE(store.setting("a").value());
  EXPECT_FALSE(store.setting("b").value());
  MemoryStore next(store.state());
  EXPECT_TRUE(next.setting("a").value());
}

}  // namespace
}  // namespace mend
