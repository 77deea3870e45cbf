// What must not change a diagnosis, over the whole corpus: the same failure printed by another tool, cut, coloured or escaped stays
// the same failure. Rates, with examples of what changed.
#include <functional>
#include <map>

#include <gtest/gtest.h>
#include <re2/re2.h>

#include "base/random.h"
#include "catalog.h"
#include "diagnose/diagnoser.h"
#include "diagnose/variations.h"
#include "redact/redactor.h"

namespace mend {
namespace {

const std::filesystem::path kModel = std::filesystem::path(MEND_BINARY_DIR) / "share" / "mendline" / "model.bin";
constexpr double kMostTypeChanges = 0.01, kMostFingerprintChanges = 0.02;

struct Variation {
  std::string name;
  std::function<std::string(const std::string&, Random&)> make;
  bool only_ids = false;  // then the fingerprint has to stay, too
};

std::string digits_like(std::string_view old, Random& random) {
  std::string out(old);
  for (char& c : out)
    if (c >= '0' && c <= '9') c = char('0' + random.next() % 10);
  return out;
}

std::string hex_like(std::string_view old, Random& random) {
  std::string out(old);
  for (char& c : out)
    if (std::isxdigit(static_cast<unsigned char>(c))) c = "0123456789abcdef"[random.next() % 16];
  return out;
}

// Every match of `pattern` replaced by what `make` gives for it.
std::string replace_matches(const std::string& text, const RE2& pattern, const std::function<std::string(std::string_view)>& make) {
  std::string out;
  re2::StringPiece rest(text), found;
  while (RE2::PartialMatch(rest, pattern, &found)) {
    out.append(rest.data(), std::size_t(found.data() - rest.data()));
    out += make({found.data(), found.size()});
    rest.remove_prefix(std::size_t(found.data() + found.size() - rest.data()));
  }
  return out.append(rest.data(), rest.size());
}

std::string other_ids(const std::string& text, Random& random) {
  static const RE2 uuid("(\\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\b)"), time("(\\b\\d{2}:\\d{2}:\\d{2}(?:[.,]\\d+)?)"),
      address("(\\b0x[0-9a-f]{6,16}\\b)"), number("(\\b\\d{7,9}\\b)");
  std::string out = replace_matches(text, uuid, [&](std::string_view old) { return hex_like(old, random); });
  out = replace_matches(out, time, [&](std::string_view old) {
    return "1" + std::string(1, char('0' + random.next() % 10)) + ":3" + std::string(1, char('0' + random.next() % 10)) + ":5" +
           digits_like(old.substr(7), random);
  });
  out = replace_matches(out, address, [&](std::string_view old) { return "0x" + hex_like(old.substr(2), random); });
  return replace_matches(out, number, [&](std::string_view old) { return "1" + digits_like(old.substr(1), random); });
}

std::string upper_hosts(const std::string& text, Random&) {
  static const RE2 host("(\\b[a-z][a-z0-9-]*(?:\\.[a-z0-9-]+)+\\.(?:com|net|org|io|internal|local|example|test)\\b)");
  return replace_matches(text, host, [](std::string_view old) {
    std::string out(old);
    for (char& c : out) c = char(std::toupper(static_cast<unsigned char>(c)));
    return out;
  });
}

// What tells the cause: the root lines, and the known wordings wherever they stand.
std::pair<std::string, std::vector<std::size_t>> telling(const std::string& text) {
  static const DiagnosisModel model = DiagnosisModel::load(kModel);
  const PreparedText prepared = prepare_text(text);
  std::vector<std::size_t> hits;
  for (const SignatureHit& hit : model.signatures->match(prepared.focus)) hits.push_back(hit.signature);
  return {prepared.normal_roots, hits};
}

class Metamorphic : public ::testing::TestWithParam<Variation> {
 protected:
  static void SetUpTestSuite() {
    if (!std::filesystem::exists(kModel)) return;
    diagnoser_ = std::make_unique<StandardDiagnoser>(DiagnosisModel::load(kModel), nullptr, clock_, 0);
    rows_ = corpus();
    for (const LabelledText& row : rows_) plain_.push_back(diagnoser_->diagnose({row.message, row.platform, {}}));
  }
  static void TearDownTestSuite() {
    diagnoser_.reset();
    rows_.clear();
    plain_.clear();
  }
  void SetUp() override {
    if (!diagnoser_) GTEST_SKIP() << kModel << " was not built";
  }
  static inline ManualClock clock_;
  static inline std::unique_ptr<StandardDiagnoser> diagnoser_;
  static inline std::vector<LabelledText> rows_;
  static inline std::vector<Diagnosis> plain_;
};

TEST_P(Metamorphic, TheTypeStays) {
  SeededRandom random(41);
  std::size_t varied = 0, types = 0, fingerprints = 0;
  std::string examples;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const std::string text = GetParam().make(rows_[i].message, random);
    if (text == rows_[i].message) continue;
    ++varied;
    const Diagnosis d = diagnoser_->diagnose({text, rows_[i].platform, {}});
    const bool other_type = d.type != plain_[i].type, other_print = d.fingerprint != plain_[i].fingerprint;
    types += other_type;
    fingerprints += other_print;
    if ((other_type || (GetParam().only_ids && other_print)) && examples.size() < 4000)
      examples += std::string(to_string(plain_[i].type)) + " -> " + std::string(to_string(d.type)) + ": " + text.substr(0, 400) + "\n\n";
  }
  ASSERT_GT(varied, 50U);
  RecordProperty("varied", int(varied));
  std::printf("%s: %zu texts, type changed in %zu, fingerprint in %zu\n", GetParam().name.c_str(), varied, types, fingerprints);
  EXPECT_LT(double(types), kMostTypeChanges * double(varied)) << examples;
  if (GetParam().only_ids) EXPECT_LT(double(fingerprints), kMostFingerprintChanges * double(varied)) << examples;
}

const std::vector<Variation> kVariations = {
    {"timestamps_and_ids", other_ids, true},
    {"log_prefixes", [](const std::string& text, Random& random) { return with_log_prefixes(text, random); }},
    {"lines_of_another_tool", [](const std::string& text, Random& random) { return with_healthy_lines(text, random); }},
    {"frames", [](const std::string& text, Random& random) { return with_frames(text, random); }},
    // Cut before what tells the cause: behind it another text is left, and mostly another cause.
    {"cut_at_the_front",
     [](const std::string& text, Random& random) {
       const std::string cut = without_beginning(text, random);
       return telling(cut) == telling(text) ? cut : text;
     }},
    {"json_escaped", [](const std::string& text, Random&) { return json_escaped(text); }},
    {"colours", [](const std::string& text, Random&) { return with_colours(text); }, true},
    {"crlf", [](const std::string& text, Random&) { return with_crlf(text); }, true},
    {"hosts_in_upper_case", upper_hosts, true},
};

INSTANTIATE_TEST_SUITE_P(Corpus, Metamorphic, ::testing::ValuesIn(kVariations), [](const auto& info) { return info.param.name; });

class MetamorphicRedaction : public Metamorphic {};

TEST_P(MetamorphicRedaction, TheTypeStays) {
  const auto redactor = Redactor::load(read_file(std::filesystem::path(MEND_SOURCE_DIR) / "catalog" / "secrets.yaml").value());
  ASSERT_TRUE(redactor);
  std::size_t varied = 0, types = 0;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const std::string text = (*redactor)->redact(rows_[i].message);
    if (text == rows_[i].message) continue;
    ++varied;
    types += diagnoser_->diagnose({text, rows_[i].platform, {}}).type != plain_[i].type;
  }
  EXPECT_LE(double(types), kMostTypeChanges * double(varied)) << types << " of " << varied;
}

INSTANTIATE_TEST_SUITE_P(Corpus, MetamorphicRedaction, ::testing::Values(Variation{"redaction", nullptr}),
                         [](const auto& info) { return info.param.name; });

// One fingerprint is one incident and one repair: texts of different causes may not share it.
TEST_P(MetamorphicRedaction, DifferentCausesHaveDifferentFingerprints) {
  std::map<std::string, std::size_t> seen;
  std::size_t mixed = 0;
  std::string examples;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const auto [at, fresh] = seen.emplace(plain_[i].fingerprint.str(), i);
    const LabelledText &one = rows_[at->second], &other = rows_[i];
    if (fresh || (one.type == other.type && one.cause == other.cause)) continue;
    ++mixed;
    examples += one.cause + ": " + one.message + "\n-- and --\n" + other.cause + ": " + other.message + "\n\n";
  }
  std::printf("different causes with one fingerprint: %zu of %zu\n", mixed, rows_.size());
  // What is left are texts whose telling lines are the same word for word and whose authors knew more than the text says.
  EXPECT_LE(mixed, rows_.size() / 100) << examples;
}

}  // namespace
}  // namespace mend
