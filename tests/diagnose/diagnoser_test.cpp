// The diagnoser over small models made here: what it says, what it keeps, and how it degrades.
#include "diagnose/diagnoser.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <limits>

#include "base/file.h"
#include "base/random.h"
#include "catalog.h"
#include "model/json.h"
#include "support/property.h"
#include "support/temp_folder.h"

namespace mend {
namespace {

std::vector<Signature> signatures() {
  return {signature("denied", R"(permission denied for table (?P<table>\w+))", ErrorType::permission_denied, Strength::decisive),
          signature("timeout", R"(connection to (?P<host>[\w.]+) timed out)", ErrorType::network_timeout, Strength::decisive),
          signature("vague", R"(something failed)", ErrorType::configuration_error, Strength::hint),
          signature("unique", R"(sqlstate: 23505)", ErrorType::data_duplication, Strength::decisive),
          signature("memory", R"(sqlstate: 53200)", ErrorType::resource_exhaustion, Strength::decisive)};
}

// Weights that lean to the type of each signature when it hits, as training would give them.
std::string linear_bytes(float nan_or_zero = 0) {
  std::vector<float> weights(std::size_t(kFeatureCount) * kErrorTypeCount, nan_or_zero), bias(kErrorTypeCount, -3.0F);
  const auto set = SignatureSet::compile(signatures()).value();
  for (const char* const text : {"permission denied for table orders", "connection to db timed out"}) {
    const PreparedText prepared = prepare_text(text);
    const auto hits = set->match(prepared.focus);
    const std::size_t type = std::size_t(set->signatures()[hits[0].signature].type);
    for (const Feature& feature : make_features(prepared, "", *set, judge_hits(*set, hits)))
      weights[std::size_t(feature.index) * kErrorTypeCount + type] += 4 * feature.value;
  }
  return LinearModel::to_bytes(weights, bias);
}

std::map<std::string, std::string> sections() {
  boost::json::array list;
  for (const Signature& s : signatures())
    list.push_back({{"id", s.id},
                    {"platform", s.platform},
                    {"match", s.pattern},
                    {"type", std::string(to_string(s.type))},
                    {"cause", s.cause},
                    {"strength", std::string(to_string(s.strength))},
                    {"transient", s.transient},
                    {"overrides", boost::json::array{}},
                    {"documented", ""}});
  const auto facts = parse_fact_rules("facts:\n  - {match: 'port (?P<port>\\d+)', examples: ['port «1»']}\n", "facts").value();
  return {{"facts", fact_rules_to_json(facts)},
          {"fact_scanner", FactRules::compile(facts).value()->serialise().value()},
          {"error_types", read_file(MEND_SOURCE_DIR "/catalog/error_types.yaml").value()},
          {"calibration", "slope: 1\noffset: 1\n"},
          {"doubts", "doubts: [{id: comment, scope: line, note: it is a comment, match: '^--', examples: [-- x]}]"},
          {"signatures", to_line(list)},
          {"scanner", SignatureSet::compile(signatures()).value()->serialise().value()},
          {"linear", linear_bytes()}};
}

EventContext exit_code(int code) {
  EventContext context;
  context.exit_code = code;
  return context;
}
EventContext out_of_memory() {
  EventContext context;
  context.oom_killed = true;
  return context;
}

class FakeRetriever final : public Retriever {
 public:
  std::vector<RetrievedCase> similar_cases(std::string_view normalised, std::string_view, std::size_t most) const override {
    EXPECT_GE(most, 1U);
    if (normalised.find("denied") == std::string_view::npos) return {};
    Case past;
    past.id = CaseId("case-1");
    past.error_type = ErrorType::permission_denied;
    past.resolution_strategy = "restart_with_elevated_permissions";
    past.resolution = "granted it";
    return {{past, 0.9, {}}};
  }
  std::vector<RetrievedPassage> passages(std::string_view, ErrorType type, std::size_t) const override {
    return {{{"grants", "Grants", "Repair", "text", {std::string(to_string(type))}, {}}, 0.5, {}}};
  }
};

class Diagnosing : public ::testing::Test {
 protected:
  std::filesystem::path write(const std::map<std::string, std::string>& parts) {
    EXPECT_TRUE(ModelFile::write(path_, parts));
    return path_;
  }
  std::unique_ptr<StandardDiagnoser> diagnoser(const std::map<std::string, std::string>& parts, std::size_t cache = 16) {
    return std::make_unique<StandardDiagnoser>(DiagnosisModel::load(write(parts)), &retriever_, clock_, cache);
  }
  static Diagnosis ask(StandardDiagnoser& diagnoser, std::string_view text, EventContext context = {}) {
    return diagnoser.diagnose({text, "", std::move(context)});
  }
  static bool noted(const Diagnosis& diagnosis, std::string_view words) {
    return std::ranges::any_of(diagnosis.notes, [&](const std::string& note) { return note.find(words) != std::string::npos; });
  }

  ScratchFolder folder_;
  const std::filesystem::path path_ = folder_.path() / "model.bin";
  FakeRetriever retriever_;
  ManualClock clock_;
};

TEST_F(Diagnosing, AKnownTextNeedNotBeReadThoroughly) {
  auto diagnoser = this->diagnoser(sections());
  const std::string text = "ERROR: permission denied for table orders";
  const Diagnosis first = ask(*diagnoser, text);
  const Diagnosis brief = diagnoser->diagnose({text, "", {}, false});
  EXPECT_EQ(brief.path, "cached");
  EXPECT_EQ(brief.fingerprint, first.fingerprint);
  EXPECT_EQ(brief.type, first.type);
  EXPECT_TRUE(brief.facts.empty());
  EXPECT_EQ(ask(*diagnoser, text).facts, first.facts);
}

TEST_F(Diagnosing, WhatIsOnlyMentionedIsLeftToAPerson) {
  auto diagnoser = this->diagnoser(sections());
  EXPECT_GE(ask(*diagnoser, "ERROR: permission denied for table orders").confidence, kAutoFrom);
  const Diagnosis d = ask(*diagnoser, "-- ERROR: permission denied for table orders");
  EXPECT_EQ(d.type, ErrorType::permission_denied);
  EXPECT_LT(d.confidence, kAutoFrom);
  ASSERT_EQ(d.notes.size(), 1U);
  EXPECT_EQ(d.notes[0], "a person decides, because it is a comment");
}

TEST_F(Diagnosing, SaysTypeCauseFactsStrategyAndEvidence) {
  auto diagnoser = this->diagnoser(sections());
  const std::string text = "ERROR: permission denied for table orders";
  const Diagnosis d = ask(*diagnoser, text);
  EXPECT_TRUE(d.notes.empty());
  EXPECT_EQ(d.type, ErrorType::permission_denied);
  EXPECT_EQ(d.cause, "cause_of_denied");
  EXPECT_EQ(d.strategy, "restart_with_elevated_permissions");
  EXPECT_GE(d.confidence, kAutoFrom);
  EXPECT_LT(d.confidence, 1.0);
  ASSERT_EQ(d.facts.size(), 1U);
  EXPECT_EQ(d.facts[0].value, "orders");
  EXPECT_EQ(text.substr(d.facts[0].offset, 6), "orders");
  EXPECT_EQ(d.evidence_status, EvidenceStatus::confirmed);
  ASSERT_EQ(d.evidence.size(), 3U);
  EXPECT_EQ(d.evidence[0].id, "denied");
  EXPECT_EQ(d.evidence[1].id, "case-1");
  EXPECT_EQ(d.evidence[2].id, "grants#Repair");
  EXPECT_EQ(d.voters.size(), 2U);
  EXPECT_EQ(d.model, diagnoser->model().version());
  EXPECT_EQ(d.path, "full");
  EXPECT_EQ(d.made_at, clock_.now());
  EXPECT_EQ(d.fingerprint, diagnoser->fingerprint({text, "", {}}));
}

TEST_F(Diagnosing, WhatIsCachedIsTheSameButForTheTextsOwnFacts) {
  auto diagnoser = this->diagnoser(sections());
  const Diagnosis first = ask(*diagnoser, "connection to 10.0.0.1 timed out");
  clock_.advance(std::chrono::seconds{5});
  const Diagnosis second = ask(*diagnoser, "connection to 10.0.0.2 timed out");
  EXPECT_EQ(second.path, "cached");
  EXPECT_EQ(second.type, first.type);
  EXPECT_EQ(second.confidence, first.confidence);
  EXPECT_EQ(second.fingerprint, first.fingerprint);
  ASSERT_EQ(second.facts.size(), 1U);
  EXPECT_EQ(second.facts[0].value, "10.0.0.2");
  EXPECT_EQ(second.made_at, clock_.now());
  EXPECT_EQ(ask(*diagnoser, "connection to 10.0.0.2 timed out", exit_code(137)).path, "full") << "another context is another question";
  EXPECT_EQ(diagnoser->diagnose({"connection to 10.0.0.2 timed out", "spark", {}}).path, "full");
}

// Both have one normal form, so that neither the cache nor the grouping may go by that alone.
TEST_F(Diagnosing, CodesThatNormalisingTakesAwayStillTellFailuresApart) {
  auto diagnoser = this->diagnoser(sections());
  ASSERT_EQ(normalise("SQLSTATE: 23505"), normalise("SQLSTATE: 53200"));
  const Diagnosis unique = ask(*diagnoser, "SQLSTATE: 23505"), memory = ask(*diagnoser, "SQLSTATE: 53200");
  EXPECT_EQ(unique.type, ErrorType::data_duplication);
  EXPECT_EQ(memory.type, ErrorType::resource_exhaustion);
  EXPECT_NE(unique.fingerprint, memory.fingerprint);
  EXPECT_EQ(ask(*diagnoser, "SQLSTATE: 23505").path, "cached");
  EXPECT_EQ(ask(*diagnoser, "SQLSTATE: 23505").type, ErrorType::data_duplication);
}

TEST_F(Diagnosing, TheCacheIsBoundedAndMayBeOff) {
  auto small = diagnoser(sections(), 2);
  for (const char* const text : {"aa failed", "bb failed", "cc failed"}) (void)ask(*small, text);
  EXPECT_EQ(ask(*small, "cc failed").path, "cached");
  EXPECT_EQ(ask(*small, "aa failed").path, "full") << "the least recently used one went";
  auto none = diagnoser(sections(), 0);
  (void)ask(*none, "aa failed");
  EXPECT_EQ(ask(*none, "aa failed").path, "full");
}

TEST_F(Diagnosing, NothingToReadIsUnknownUnlessTheContextSpeaks) {
  auto diagnoser = this->diagnoser(sections());
  for (const char* const text : {"", "   \n\t", "\x1b[0m\r\n"}) {
    const Diagnosis d = ask(*diagnoser, text);
    EXPECT_EQ(d.type, ErrorType::unknown_error);
    EXPECT_LT(d.confidence, kAssistFrom);
    EXPECT_TRUE(noted(d, "empty"));
  }
  EXPECT_EQ(ask(*diagnoser, "", out_of_memory()).type, ErrorType::resource_exhaustion);
}

TEST_F(Diagnosing, WordsThatNobodyKnowsGoToAPerson) {
  auto diagnoser = this->diagnoser(sections());
  const Diagnosis d = ask(*diagnoser, "zorble wuggle");
  EXPECT_LT(d.confidence, kAssistFrom);
  EXPECT_NE(d.evidence_status, EvidenceStatus::confirmed);
  EXPECT_FALSE(d.evidence_gaps.empty());
}

TEST_F(Diagnosing, WeightsThatAreNoNumbersGiveUnknownAtZero) {
  auto parts = sections();
  parts["linear"] = linear_bytes(std::numeric_limits<float>::quiet_NaN());
  const Diagnosis d = ask(*diagnoser(parts), "permission denied for table orders");
  EXPECT_EQ(d.type, ErrorType::unknown_error);
  EXPECT_EQ(d.confidence, 0);
  EXPECT_EQ(d.strategy, "escalate_to_human");
}

class Degraded : public Diagnosing, public ::testing::WithParamInterface<const char*> {};

// Without any one section the others still speak, but never so that anything is done without a person.
TEST_P(Degraded, WithoutASectionThereIsASentenceAndNeverAuto) {
  for (const char* const content : {"", "damaged"}) {
    auto parts = sections();
    parts[GetParam()] = content;
    auto diagnoser = this->diagnoser(parts);
    ASSERT_FALSE(diagnoser->model().degraded.empty()) << content;
    for (const char* const text : {"permission denied for table orders", "connection to db timed out", "something failed", "zorble", ""})
      for (const EventContext& context : {EventContext{}, out_of_memory()}) {
        const Diagnosis d = ask(*diagnoser, text, context);
        EXPECT_LT(d.confidence, kAutoFrom) << text;
        EXPECT_FALSE(d.notes.empty());
      }
  }
}

INSTANTIATE_TEST_SUITE_P(Sections, Degraded, ::testing::Values("error_types", "signatures", "scanner", "facts", "fact_scanner", "linear"),
                         [](const auto& info) { return info.param; });

TEST_F(Diagnosing, ADamagedCalibrationIsNeverAuto) {
  for (const char* const content : {"oops: 1\n", "most: 1\n", "offset: .nan\n", "least: 5\n", "[", "slope: x\n"}) {
    auto parts = sections();
    parts["calibration"] = content;
    auto diagnoser = this->diagnoser(parts);
    EXPECT_FALSE(diagnoser->model().degraded.empty()) << content;
    EXPECT_LT(ask(*diagnoser, "permission denied for table orders").confidence, kAutoFrom) << content;
  }
}

TEST_F(Diagnosing, WithoutAModelFileEveryErrorIsUnknown) {
  StandardDiagnoser diagnoser(DiagnosisModel::load(folder_.path() / "none.bin"), nullptr, clock_);
  ASSERT_EQ(diagnoser.model().degraded.size(), 1U);
  EXPECT_EQ(diagnoser.model().version(), "none");
  for (const EventContext& context : {EventContext{}, out_of_memory()}) {
    const Diagnosis d = ask(diagnoser, "permission denied for table orders", context);
    EXPECT_EQ(d.type, ErrorType::unknown_error);
    EXPECT_EQ(d.confidence, 0);
    EXPECT_EQ(d.strategy, "escalate_to_human");
    EXPECT_TRUE(noted(d, "no model file"));
    EXPECT_EQ(d.fingerprint.str().size(), 32U) << "failures are still grouped";
  }
}

TEST_F(Diagnosing, ACutOrChangedModelFileIsNotUsedAtAll) {
  const std::string good = read_file(write(sections())).value();
  std::vector<std::string> bad;
  for (const std::size_t size : {std::size_t(0), std::size_t(11), good.size() / 4, good.size() / 2, good.size() - 100})
    bad.push_back(good.substr(0, size));
  SeededRandom random(8);
  const std::size_t header = good.find('\n', 12);
  for (int i = 0; i < 20; ++i) {
    bad.push_back(good);
    // Anywhere in a section; padding holds nothing.
    std::size_t at = 0;
    do at = header + random.next() % (good.size() - header);
    while (good[at] == '\0' || good[at] == ' ');
    bad.back()[at] = static_cast<char>(bad.back()[at] ^ (1 << (random.next() % 8)));
  }
  for (const std::string& bytes : bad) {
    ASSERT_TRUE(write_file_durably(path_, bytes));
    StandardDiagnoser diagnoser(DiagnosisModel::load(path_), nullptr, clock_);
    EXPECT_FALSE(diagnoser.model().degraded.empty());
    EXPECT_LT(ask(diagnoser, "permission denied for table orders").confidence, kAutoFrom);
  }
}

RC_GTEST_PROP(DiagnoserProperty, AnyBytesGetADiagnosis, ()) {
  static const ScratchFolder folder;
  static ManualClock clock;
  static const auto diagnoser = [] {
    if (!ModelFile::write(folder.path() / "m", sections())) throw std::runtime_error("no model");
    return std::make_unique<StandardDiagnoser>(DiagnosisModel::load(folder.path() / "m"), nullptr, clock);
  }();
  const std::string text = *any::bytes() + *rc::gen::element<std::string>("", "permission denied for table x", "\nCaused by: ");
  const Diagnosis first = diagnoser->diagnose({text, "", {}}), second = diagnoser->diagnose({text, "", {}});
  RC_ASSERT((first.confidence >= 0.0 && first.confidence < 1.0));
  RC_ASSERT(second.path == "cached");
  RC_ASSERT((first.type == second.type && first.confidence == second.confidence && first.fingerprint == second.fingerprint));
  RC_ASSERT(first.facts == second.facts);
  for (const Fact& fact : first.facts) RC_ASSERT(fact.offset <= text.size());
}

}  // namespace
}  // namespace mend
