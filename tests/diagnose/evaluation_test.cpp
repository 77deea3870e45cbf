// Figures and intervals of an evaluation, against values worked out by hand, and what must hold for any rows.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/random.h"
#include "diagnose/evaluation/figures.h"
#include "diagnose/evaluation/intervals.h"
#include "support/property.h"

namespace mend {
namespace {

constexpr auto kDenied = ErrorType::permission_denied, kTimeout = ErrorType::network_timeout, kUnknown = ErrorType::unknown_error;

Judged judged(ErrorType label, ErrorType verdict, double confidence, std::string platform = "", double milliseconds = 0,
              std::optional<ErrorType> alternative = std::nullopt) {
  return {label, alternative, verdict, confidence, std::move(platform), milliseconds, ""};
}

// Six rows: two right, one right by its alternative, one unknown that is right, two wrong.
std::vector<Judged> six() {
  return {judged(kDenied, kDenied, 0.9, "spark", 1),  judged(kDenied, kTimeout, 0.8, "spark", 2),
          judged(kTimeout, kTimeout, 0.7, "dbt", 3),  judged(kTimeout, kDenied, 0.95, "spark", 4, kDenied),
          judged(kUnknown, kUnknown, 0.85, "dbt", 5), judged(kUnknown, kDenied, 0.3, "", 100)};
}

TEST(Evaluation, AgreesWithValuesWorkedOutByHand) {
  const EvalFigures f = compute_figures(six());
  EXPECT_EQ(f.count, 6U);
  EXPECT_DOUBLE_EQ(f.accuracy, 3.0 / 6);
  EXPECT_DOUBLE_EQ(f.accuracy_alt, 4.0 / 6);
  // Strict: denied 1 of 3 said, 1 of 2 found -> 0.4; timeout 1 of 2, 1 of 2 -> 0.5; unknown 1 of 1, 1 of 2 -> 2/3.
  EXPECT_DOUBLE_EQ(f.macro_f1, (0.4 + 0.5 + 2.0 / 3) / 3);
  // With the alternative: denied 2 of 3, 2 of 3 -> 2/3; timeout 1 of 2, 1 of 1 -> 2/3; unknown as before.
  EXPECT_DOUBLE_EQ(f.macro_f1_alt, 2.0 / 3);
  EXPECT_EQ(f.types[std::size_t(kDenied)].count, 3U);
  EXPECT_EQ(f.types[std::size_t(kDenied)].said, 3U);
  EXPECT_EQ(f.types[std::size_t(kDenied)].hits, 2U);
  // Automatic: 0.9 right, 0.8 wrong, 0.95 right; unknown_error never is.
  EXPECT_DOUBLE_EQ(f.auto_coverage, 3.0 / 6);
  EXPECT_DOUBLE_EQ(f.auto_precision, 2.0 / 3);
  // Fewer rows than bins: a bin a row.
  EXPECT_NEAR(f.calibration_error, (0.1 + 0.8 + 0.3 + 0.05 + 0.15 + 0.3) / 6, 1e-12);
  EXPECT_EQ(f.reliability.size(), 6U);
  // 0.95 and 0.9 are right, then comes a wrong one.
  EXPECT_DOUBLE_EQ(f.coverage_at_98, 2.0 / 6);
  EXPECT_EQ(f.confusion.size(), 2U);
  EXPECT_EQ(f.confusion.at({kDenied, kTimeout}), 1U);
  EXPECT_DOUBLE_EQ(f.p50_ms, 3);
  EXPECT_DOUBLE_EQ(f.p99_ms, 100);
  EXPECT_NEAR(f.ms_per_message, 115.0 / 6, 1e-12);
}

TEST(Evaluation, CountsByPlatformTheLargestFirst) {
  const EvalFigures f = compute_figures(six());
  ASSERT_EQ(f.platforms.size(), 3U);
  EXPECT_EQ(f.platforms[0].platform, "spark");
  EXPECT_EQ(f.platforms[0].count, 3U);
  EXPECT_DOUBLE_EQ(f.platforms[0].accuracy(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(f.platforms[0].auto_coverage(), 1);
  EXPECT_DOUBLE_EQ(f.platforms[0].auto_precision(), 2.0 / 3);
  EXPECT_EQ(f.platforms[1].platform, "dbt");
  EXPECT_DOUBLE_EQ(f.platforms[1].accuracy(), 1);
  EXPECT_EQ(f.platforms[1].automatic, 0U);
  EXPECT_EQ(f.platforms[2].platform, "");
}

TEST(Evaluation, RiskFollowsTheThreshold) {
  const EvalFigures f = compute_figures(six());
  ASSERT_EQ(f.risk_coverage.size(), 5U);  // without the unknown verdict
  EXPECT_DOUBLE_EQ(f.risk_coverage[0].confidence, 0.95);
  EXPECT_DOUBLE_EQ(f.risk_coverage[0].risk, 0);
  EXPECT_DOUBLE_EQ(f.risk_coverage[2].coverage, f.auto_coverage);
  EXPECT_DOUBLE_EQ(f.risk_coverage[2].risk, 1 - f.auto_precision);
  EXPECT_DOUBLE_EQ(f.risk_coverage[4].coverage, 5.0 / 6);
  EXPECT_DOUBLE_EQ(f.risk_coverage[4].risk, 2.0 / 5);
  // A threshold cannot part equals.
  const std::vector<Judged> equal{judged(kDenied, kDenied, 0.9), judged(kDenied, kTimeout, 0.9)};
  ASSERT_EQ(compute_figures(equal).risk_coverage.size(), 1U);
  EXPECT_DOUBLE_EQ(compute_figures(equal).risk_coverage[0].risk, 0.5);
}

TEST(Evaluation, ListsTheWorst) {
  const auto rows = six();
  EXPECT_EQ(most_confidently_wrong(rows, 10), (std::vector<std::size_t>{1, 5}));
  EXPECT_EQ(most_confidently_wrong(rows, 1), (std::vector<std::size_t>{1}));
  EXPECT_EQ(slowest(rows, 2), (std::vector<std::size_t>{5, 4}));
  EXPECT_TRUE(slowest({}, 5).empty());
}

TEST(Evaluation, OfNothingIsNothing) {
  const EvalFigures f = compute_figures({});
  EXPECT_EQ(f.count, 0U);
  EXPECT_EQ(f.macro_f1, 0);
  EXPECT_TRUE(f.risk_coverage.empty());
  EXPECT_EQ(compute_intervals({}).accuracy.high, 1);
}

TEST(Evaluation, CalibrationErrorOfACalibratedSampleIsNought) {
  // Fifteen bins of twenty rows; of those at k/20 exactly k are right.
  std::vector<Judged> rows;
  for (int k = 1; k <= 15; ++k)
    for (int i = 0; i < 20; ++i) rows.push_back(judged(kDenied, i < k ? kDenied : kTimeout, k / 20.0));
  EXPECT_NEAR(compute_figures(rows).calibration_error, 0, 1e-12);
  for (const ReliabilityBin& bin : compute_figures(rows).reliability) {
    EXPECT_EQ(bin.count, 20U);
    EXPECT_NEAR(bin.confidence, bin.accuracy, 1e-12);
  }
  // All sure and all wrong is as far off as can be.
  EXPECT_NEAR(compute_figures(std::vector<Judged>(40, judged(kDenied, kTimeout, 1))).calibration_error, 1, 1e-12);
}

TEST(Intervals, WilsonAgreesWithPublishedValues) {
  // Newcombe 1998, table I: 81 of 263 and 0 of 20.
  EXPECT_NEAR(wilson(81, 263).low, 0.2553, 5e-5);
  EXPECT_NEAR(wilson(81, 263).high, 0.3662, 5e-5);
  EXPECT_EQ(wilson(0, 20).low, 0);
  EXPECT_NEAR(wilson(0, 20).high, 0.1611, 5e-5);
  EXPECT_EQ(wilson(20, 20).high, 1);
  EXPECT_EQ(wilson(0, 0).low, 0);
  EXPECT_EQ(wilson(0, 0).high, 1);
}

TEST(Intervals, GetNarrowerWithMoreRows) {
  std::vector<Judged> rows = six(), many;
  for (int i = 0; i < 50; ++i) std::ranges::copy(rows, std::back_inserter(many));
  const auto few = compute_intervals(rows), lots = compute_intervals(many);
  EXPECT_LT(lots.macro_f1.high - lots.macro_f1.low, few.macro_f1.high - few.macro_f1.low);
  EXPECT_LT(lots.auto_precision.high - lots.auto_precision.low, few.auto_precision.high - few.auto_precision.low);
  EXPECT_LT(lots.macro_f1.high - lots.macro_f1.low, 0.2);
  EXPECT_GT(lots.macro_f1.high - lots.macro_f1.low, 0.02);
}

// Rows with confidences that all differ (ties keep the order of the rows) and ids that all differ.
rc::Gen<std::vector<Judged>> any_rows() {
  const auto type = rc::gen::elementOf(std::vector<ErrorType>(kErrorTypes.begin(), kErrorTypes.end()));
  return rc::gen::map(rc::gen::container<std::vector<std::tuple<ErrorType, ErrorType, ErrorType, int, int>>>(
                          rc::gen::tuple(type, type, type, rc::gen::inRange(0, 9), rc::gen::inRange(0, 1000))),
                      [](const auto& drawn) {
                        std::vector<Judged> rows;
                        for (std::size_t i = 0; i < drawn.size(); ++i) {
                          const auto& [label, other, verdict, kind, sure] = drawn[i];
                          Judged row = judged(label, kind < 5 ? label : verdict, std::min(0.99, sure / 1000.0 + double(i) * 1e-6),
                                              kind % 2 ? "spark" : "dbt", sure);
                          if (kind == 7) row.alternative = other;
                          row.id = "row-" + std::to_string(i);
                          rows.push_back(std::move(row));
                        }
                        return rows;
                      });
}

bool same(const Interval& a, const Interval& b) { return a.low == b.low && a.high == b.high; }

RC_GTEST_PROP(Evaluation, HoldsForAnyRows, ()) {
  const std::vector<Judged> rows = *any_rows();
  RC_PRE(!rows.empty());
  const EvalFigures f = compute_figures(rows);
  const EvalIntervals i = compute_intervals(rows, 50);
  RC_ASSERT(i.accuracy.holds(f.accuracy) && i.accuracy_alt.holds(f.accuracy_alt) && i.auto_coverage.holds(f.auto_coverage));
  RC_ASSERT(f.auto_coverage == 0 || i.auto_precision.holds(f.auto_precision));
  RC_ASSERT(i.macro_f1.holds(f.macro_f1) && i.macro_f1_alt.holds(f.macro_f1_alt));
  RC_ASSERT(i.calibration_error.holds(f.calibration_error) && i.coverage_at_98.holds(f.coverage_at_98));
  RC_ASSERT(i.macro_f1.low >= 0 && i.macro_f1.high <= 1 && i.calibration_error.low >= 0 && i.calibration_error.high <= 1);
  // The parts add up to the whole.
  double error = 0;
  std::size_t in_bins = 0, on_platforms = 0;
  for (const ReliabilityBin& bin : f.reliability) {
    error += std::abs(bin.confidence - bin.accuracy) * double(bin.count) / double(rows.size());
    in_bins += bin.count;
  }
  for (const PlatformFigures& one : f.platforms) on_platforms += one.count;
  RC_ASSERT(std::abs(error - f.calibration_error) < 1e-9);
  RC_ASSERT(in_bins == rows.size() && on_platforms == rows.size());
  for (std::size_t k = 1; k < f.risk_coverage.size(); ++k) RC_ASSERT(f.risk_coverage[k].coverage > f.risk_coverage[k - 1].coverage);
}

RC_GTEST_PROP(Evaluation, DoesNotDependOnTheOrderOfTheRows, ()) {
  std::vector<Judged> rows = *any_rows();
  std::set<double> confidences;
  for (const Judged& row : rows) confidences.insert(row.confidence);
  RC_PRE(!rows.empty() && confidences.size() == rows.size());
  const EvalFigures before = compute_figures(rows);
  const EvalIntervals sure = compute_intervals(rows, 20);
  SeededRandom random(rows.size());
  for (std::size_t k = rows.size(); k > 1; --k) std::swap(rows[k - 1], rows[random.next() % k]);
  const EvalFigures after = compute_figures(rows);
  const EvalIntervals as_sure = compute_intervals(rows, 20);
  RC_ASSERT(before.macro_f1 == after.macro_f1 && before.calibration_error == after.calibration_error);
  RC_ASSERT(before.coverage_at_98 == after.coverage_at_98 && before.ms_per_message == after.ms_per_message &&
            before.matrix == after.matrix);
  RC_ASSERT(before.risk_coverage.size() == after.risk_coverage.size() && before.platforms.size() == after.platforms.size());
  RC_ASSERT(same(sure.macro_f1, as_sure.macro_f1) && same(sure.calibration_error, as_sure.calibration_error));
  RC_ASSERT(same(sure.coverage_at_98, as_sure.coverage_at_98) && same(sure.auto_precision, as_sure.auto_precision));
}

}  // namespace
}  // namespace mend
