// The model that the build trained: what it must never do, whatever the text. Skipped, with the reason, where it was not built.
#include <map>

#include <gtest/gtest.h>

#include "base/random.h"
#include "catalog.h"
#include "diagnose/diagnoser.h"
#include "diagnose/variations.h"
#include "support/temp_folder.h"

namespace mend {
namespace {

const std::filesystem::path kModel = std::filesystem::path(MEND_BINARY_DIR) / "share" / "mendline" / "model.bin";

class TrainedModel : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (std::filesystem::exists(kModel)) diagnoser_ = std::make_unique<StandardDiagnoser>(DiagnosisModel::load(kModel), nullptr, clock_, 0);
  }
  static void TearDownTestSuite() { diagnoser_.reset(); }
  void SetUp() override {
    if (!diagnoser_) GTEST_SKIP() << kModel << " was not built";
  }
  static inline ManualClock clock_;
  static inline std::unique_ptr<StandardDiagnoser> diagnoser_;
};

TEST_F(TrainedModel, IsWhole) { EXPECT_TRUE(diagnoser_->model().degraded.empty()) << diagnoser_->model().degraded.front(); }

TEST_F(TrainedModel, IsNeverCertainAndSaysTheSameEachTime) {
  for (const LabelledText& row : corpus()) {
    const Diagnosis d = diagnoser_->diagnose({row.message, row.platform, {}});
    ASSERT_TRUE(d.confidence > 0 && d.confidence < 1.0) << row.message;
    const Diagnosis again = diagnoser_->diagnose({row.message, row.platform, {}});
    ASSERT_EQ(d.type, again.type);
    ASSERT_EQ(d.confidence, again.confidence);
  }
}

TEST_F(TrainedModel, ColoursAndCarriageReturnsDoNotChangeADiagnosis) {
  for (const LabelledText& row : corpus()) {
    const Diagnosis d = diagnoser_->diagnose({row.message, row.platform, {}});
    for (const std::string& varied : {with_colours(row.message), with_crlf(row.message)}) {
      const Diagnosis other = diagnoser_->diagnose({varied, row.platform, {}});
      EXPECT_EQ(other.type, d.type) << row.message;
      EXPECT_NEAR(other.confidence, d.confidence, 1e-9) << row.message;
    }
  }
}

// Failures with one fingerprint are one incident: few texts of the corpus that its authors gave different types may share one.
TEST_F(TrainedModel, DifferentFailuresHaveDifferentFingerprints) {
  const auto rows = corpus();
  std::map<std::string, const LabelledText*> seen;
  std::size_t mixed = 0;
  std::string examples;
  for (const LabelledText& row : rows) {
    const auto [at, fresh] = seen.emplace(diagnoser_->diagnose({row.message, row.platform, {}}).fingerprint.str(), &row);
    if (fresh || at->second->type == row.type) continue;
    ++mixed;
    examples += at->second->message + "\n-- and --\n" + row.message + "\n\n";
  }
  EXPECT_LE(mixed, rows.size() / 400) << examples;
}

// A cached diagnosis speaks for every text of the same normal form: no two examples of one form may be of different types.
TEST_F(TrainedModel, WhatSharesACachedDiagnosisSharesItsType) {
  StandardDiagnoser cached(DiagnosisModel::load(kModel), nullptr, clock_, 100'000);
  std::size_t shared = 0;
  for (const auto& file : catalog_files("signatures", ".yaml"))
    for (const Signature& s : signatures_of(file))
      for (const std::string& example : s.examples) {
        const Diagnosis fresh = diagnoser_->diagnose({example, "", {}}), kept = cached.diagnose({example, "", {}});
        shared += kept.path == "cached";
        EXPECT_EQ(kept.type, fresh.type) << s.id << ": " << example;
      }
  EXPECT_GT(shared, 0U);
}

TEST_F(TrainedModel, ACutOrChangedCopyIsNeverAuto) {
  const ScratchFolder folder;
  const std::string good = read_file(kModel).value();
  SeededRandom random(6);
  for (int i = 0; i < 6; ++i) {
    std::string bytes = good;
    if (i % 2 == 0) bytes.resize(random.next() % bytes.size());
    else {
      // Several bits, so that not all of them can lie in padding.
      for (int k = 0; k < 200; ++k) {
        char& byte = bytes[random.next() % bytes.size()];
        byte = static_cast<char>(byte ^ (1 << (random.next() % 8)));
      }
    }
    ASSERT_TRUE(write_file_durably(folder.path() / "m", bytes));
    StandardDiagnoser damaged(DiagnosisModel::load(folder.path() / "m"), nullptr, clock_);
    ASSERT_FALSE(damaged.model().degraded.empty());
    const Diagnosis d = damaged.diagnose({"psycopg2.errors.InsufficientPrivilege: permission denied for table orders", "postgresql", {}});
    EXPECT_LT(d.confidence, kAutoFrom);
    EXPECT_FALSE(d.notes.empty());
  }
}

}  // namespace
}  // namespace mend
