// What every implementation of ports/store.h must pass. A test program includes this once and says
//   INSTANTIATE_TEST_SUITE_P(Sqlite, StoreSuite, ::testing::Values(StoreMaker{...}));
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "contract/store_values.h"
#include "ports/store.h"

namespace mend {

// One empty store, which can be closed and opened again with what it holds.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual Store& store() = 0;
  virtual void reopen() = 0;
  virtual std::string backup_file() = 0;  // a name that is free
};

struct StoreMaker {
  std::string name;
  std::function<std::unique_ptr<StoreUnderTest>()> make;
  friend void PrintTo(const StoreMaker& maker, std::ostream* out) { *out << maker.name; }
};

class StoreSuite : public ::testing::TestWithParam<StoreMaker> {
 protected:
  void SetUp() override { under_test_ = GetParam().make(); }
  Store& store() { return under_test_->store(); }
  void reopen() { under_test_->reopen(); }
  void write(Store::Work work) {
    const auto done = store().write(std::move(work));
    ASSERT_TRUE(done) << done.error().message;
  }
  // The value, or a failed test.
  template <class Value>
  Value got(Result<Value> result) {
    if (!result) {
      ADD_FAILURE() << result.error().message;
      return Value{};
    }
    return std::move(*result);
  }
  void put_incidents(std::vector<Incident> incidents) {
    write([&](StoreTransaction& t) -> Result<void> {
      for (const auto& incident : incidents) MEND_CHECK(t.put_incident(incident));
      return {};
    });
  }

  std::unique_ptr<StoreUnderTest> under_test_;
};

}  // namespace mend

#include "contract/store_suite_concurrency.h"
#include "contract/store_suite_records.h"
#include "contract/store_suite_writes.h"
