// Texts that look like an error and are none, or that try to talk the diagnosis into something (tests/data/adversarial.jsonl): none of
// them may be acted on without a person unless its true cause is what was diagnosed.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/file.h"
#include "base/text.h"
#include "diagnose/diagnoser.h"
#include "model/json.h"

namespace mend {
namespace {

namespace js = boost::json;

const std::filesystem::path kModel = std::filesystem::path(MEND_BINARY_DIR) / "share" / "mendline" / "model.bin";

std::string text_of(const js::object& row) {
  const std::string once(row.at("message").as_string());
  std::string out;
  const auto times = row.contains("repeat") ? row.at("repeat").to_number<int>() : 1;
  for (int i = 0; i < times; ++i) out += once;
  return out;
}

EventContext context_of(const js::object& row) {
  EventContext out;
  const auto* context = row.if_contains("context");
  if (!context) return out;
  const auto number = [&](const char* name) {
    const auto* value = context->as_object().if_contains(name);
    return value && value->is_number() ? std::optional(value->to_number<int>()) : std::nullopt;
  };
  out.exit_code = number("exit_code");
  out.signal = number("signal");
  out.http_status = number("http_status");
  if (const auto* oom = context->as_object().if_contains("oom_killed"); oom && oom->is_bool()) out.oom_killed = oom->as_bool();
  return out;
}

TEST(Adversarial, NoneIsAutomaticUnlessItsTrueCauseIs) {
  if (!std::filesystem::exists(kModel)) GTEST_SKIP() << kModel << " was not built";
  const ManualClock clock;
  StandardDiagnoser diagnoser(DiagnosisModel::load(kModel), nullptr, clock);
  const std::string file = read_file(std::filesystem::path(MEND_SOURCE_DIR) / "tests" / "data" / "adversarial.jsonl").value();
  std::size_t texts = 0;
  for (const auto line : split_lines(file)) {
    if (trim(line).empty()) continue;
    ++texts;
    const js::value value = parse_json(line).value();
    const js::object& row = value.as_object();
    const std::string text = text_of(row), platform = row.contains("platform") ? std::string(row.at("platform").as_string()) : std::string();
    // Twice: what comes out of the cache is judged again.
    for (int i = 0; i < 2; ++i) {
      const Diagnosis d = diagnoser.diagnose({text, platform, context_of(row)});
      if (d.confidence < kAutoFrom || d.type == ErrorType::unknown_error) continue;
      bool true_cause = false;
      for (const auto& allowed : row.at("may_be_auto").as_array()) true_cause = true_cause || allowed.as_string() == to_string(d.type);
      EXPECT_TRUE(true_cause) << row.at("id").as_string() << " (" << row.at("kind").as_string() << "): " << to_string(d.type) << " at "
                              << d.confidence << ": " << text.substr(0, 300);
    }
  }
  EXPECT_GE(texts, 100U);
}

// A text of the same normal form must not inherit the doubt, or the lack of it.
TEST(Adversarial, TheCacheDoesNotCarryADoubtOver) {
  if (!std::filesystem::exists(kModel)) GTEST_SKIP() << kModel << " was not built";
  const ManualClock clock;
  StandardDiagnoser diagnoser(DiagnosisModel::load(kModel), nullptr, clock);
  const std::string error = "psycopg2.errors.InsufficientPrivilege: permission denied for table orders";
  EXPECT_GE(diagnoser.diagnose({error, "postgresql", {}}).confidence, kAutoFrom);
  const Diagnosis over = diagnoser.diagnose({error + "\n2026-11-24 03:00:01 INFO attempt 2 succeeded", "postgresql", {}});
  EXPECT_LT(over.confidence, kAutoFrom);
  EXPECT_FALSE(over.notes.empty());
  EXPECT_GE(diagnoser.diagnose({error, "postgresql", {}}).confidence, kAutoFrom);
}

}  // namespace
}  // namespace mend
