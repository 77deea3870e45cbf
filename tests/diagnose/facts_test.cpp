// How many of the facts of tests/data/facts.jsonl the diagnosis finds, as a whole and by name. The level that was reached is held.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <map>

#include "base/file.h"
#include "base/text.h"
#include "diagnose/diagnoser.h"
#include "diagnose/fact_names.h"
#include "model/json.h"

namespace mend {
namespace {

const std::filesystem::path kModel = std::filesystem::path(MEND_BINARY_DIR) / "share" / "mendline" / "model.bin";
constexpr double kLeastF1 = 0.92, kLeastF1Unseen = 0.83;

struct Count {
  std::size_t hits = 0, wrong = 0, missed = 0;
  double precision() const { return hits + wrong == 0 ? 0 : double(hits) / double(hits + wrong); }
  double recall() const { return hits + missed == 0 ? 0 : double(hits) / double(hits + missed); }
  double f1() const { return 2.0 * double(hits) / double(std::max<std::size_t>(1, 2 * hits + wrong + missed)); }
};

struct LabelledFacts {
  std::string message, platform;
  std::map<std::string, std::vector<std::string>> facts;  // by name: the values that are right
};

std::vector<LabelledFacts> labelled() {
  std::vector<LabelledFacts> out;
  const std::string file = read_file(MEND_SOURCE_DIR "/tests/data/facts.jsonl").value();
  for (const auto line : split_lines(file)) {
    if (trim(line).empty()) continue;
    const auto json = parse_json(line).value();
    LabelledFacts row{std::string(json.at("message").as_string()), std::string(json.at("platform").as_string()), {}};
    for (const auto& [name, values] : json.at("facts").as_object())
      for (const auto& value : values.as_array()) row.facts[std::string(name)].emplace_back(value.as_string());
    out.push_back(std::move(row));
  }
  return out;
}

class FactsMeasured : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kModel)) GTEST_SKIP() << kModel << " was not built";
    diagnoser_ = std::make_unique<StandardDiagnoser>(DiagnosisModel::load(kModel), nullptr, clock_, 64);
  }
  ManualClock clock_;
  std::unique_ptr<StandardDiagnoser> diagnoser_;
};

TEST_F(FactsMeasured, HoldTheLevelThatWasReached) {
  // A value of a labelled name counts as a hit when it is one of the accepted ones and as wrong otherwise; names that a text's labels
  // leave out are not counted.
  std::map<std::string, Count> by_name;
  Count all, odd, even;  // the rules were written with the odd lines in sight; the even ones are only scored
  std::size_t number = 0;
  for (const LabelledFacts& row : labelled()) {
    Count& half = ++number % 2 == 1 ? odd : even;
    const Diagnosis diagnosis = diagnoser_->diagnose({row.message, row.platform, {}});
    for (const auto& [name, right] : row.facts) {
      bool hit = false;
      std::size_t wrong = 0;
      for (const Fact& fact : diagnosis.facts) {
        if (fact.name != name) continue;
        if (std::ranges::find(right, fact.value) != right.end())
          hit = true;
        else
          ++wrong;
      }
      for (Count* count : {&all, &half, &by_name[name]}) {
        count->hits += hit;
        count->missed += !hit;
        count->wrong += wrong;
      }
    }
  }
  const auto show = [](std::string_view name, const Count& c) {
    fmt::print("{:<12} hits {:4}  wrong {:3}  missed {:3}  precision {:.3f}  recall {:.3f}  F1 {:.3f}\n", name, c.hits, c.wrong, c.missed,
               c.precision(), c.recall(), c.f1());
  };
  for (const auto& [name, count] : by_name) show(name, count);
  show("odd lines", odd);
  show("even lines", even);
  show("all", all);
  EXPECT_GE(number, 200U);
  EXPECT_GE(all.f1(), kLeastF1);
  EXPECT_GE(even.f1(), kLeastF1Unseen);
}

TEST_F(FactsMeasured, StandWhereTheySayTheyDo) {
  for (const LabelledFacts& row : labelled())
    for (const Fact& fact : diagnoser_->diagnose({row.message, row.platform, {}}).facts) {
      EXPECT_TRUE(is_fact_name(fact.name)) << fact.name;
      // In a text that is JSON in a string the value may be spelled otherwise; these texts are none.
      ASSERT_LE(fact.offset + fact.value.size(), row.message.size()) << row.message;
      EXPECT_EQ(row.message.substr(fact.offset, fact.value.size()), fact.value) << row.message;
    }
}

TEST_F(FactsMeasured, AreTheTextsOwnThoughItsDiagnosisIsCached) {
  diagnoser_->diagnose({"psycopg2.OperationalError: could not connect to server \"db-1.example.org\", port 5432: timed out", "", {}});
  const Diagnosis other =
      diagnoser_->diagnose({"psycopg2.OperationalError: could not connect to server \"db-2.example.org\", port 5433: timed out", "", {}});
  const auto value = [&](std::string_view name) {
    const auto found = std::ranges::find(other.facts, name, &Fact::name);
    return found == other.facts.end() ? std::string() : found->value;
  };
  EXPECT_EQ(other.path, "cached");
  EXPECT_EQ(value("host"), "db-2.example.org");
  EXPECT_EQ(value("port"), "5433");
}

}  // namespace
}  // namespace mend
