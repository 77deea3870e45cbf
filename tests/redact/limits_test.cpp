// Long texts, many threads, and how long a short text takes.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "base/text.h"
#include "catalog.h"

namespace mend {
namespace {

using redact_test::catalog_redactor;
using redact_test::catalog_text;
using redact_test::redact;

constexpr std::size_t kMegabyte = 1U << 20U;

// Of this thread on a processor: what else the machine does is no matter of ours.
double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return double(now.tv_sec) + double(now.tv_nsec) * 1e-9;
}

double seconds_for(const std::string& text) {
  double best = 1e9;
  for (int i = 0; i < 2; ++i) {
    const double start = cpu_seconds();
    const std::string out = redact(text);
    best = std::min(best, cpu_seconds() - start);
    EXPECT_FALSE(out.empty());
  }
  return best;
}

std::string repeated(std::string_view unit, std::size_t bytes) {
  std::string text;
  text.reserve(bytes + unit.size());
  while (text.size() < bytes) text += unit;
  return text;
}

// Ten times the text may take thirty times as long on a busy machine; a quadratic search would take a hundred times.
class LongTexts : public testing::TestWithParam<std::string_view> {};

TEST_P(LongTexts, TimeGrowsWithTheLength) {
  ASSERT_NE(catalog_redactor(), nullptr);
  const double small = seconds_for(repeated(GetParam(), kMegabyte / 4));
  const double large = seconds_for(repeated(GetParam(), kMegabyte * 10 / 4));
  EXPECT_LT(large, std::max(small, 0.001) * 30) << small << " s for the small one";
}

INSTANTIATE_TEST_SUITE_P(Adversarial, LongTexts,
                         testing::Values("a", "password=", "password=a,", "password=null,", "token: \"", "sk-", "://a:b@", "://h:80/",
                                         "a@b.co", "4111 ", "1 ", "DE89 ", "-----BEGIN RSA PRIVATE KEY-----", "curl -u a:null ",
                                         "[redacted:token]", "token=[redacted:token],", "eyJaaaaaaaaaa.", "password=\\\"", "password={",
                                         "cookie: a=", "aa@AA.BB ", "a@b.iam.gserviceaccount.com", "mysql -p "),
                         [](const auto& tested) { return "n" + std::to_string(tested.index); });

TEST(LongText, TenMegabytesInOneLine) {
  const std::string unit = "2026-01-01 02:00:03 INFO wrote part-00000 to s3://lake/raw/orders rows=1732460000123 took 12 ms; ";
  const double one = seconds_for(repeated(unit, kMegabyte));
  const std::string secret = "password=hunter2 ";
  std::string text = repeated(unit, 5 * kMegabyte) + secret + repeated(unit, 5 * kMegabyte) + secret;
  const double start = cpu_seconds();
  const std::string out = redact(text);
  const double ten = cpu_seconds() - start;
  EXPECT_EQ(out.find("hunter2"), std::string::npos);
  EXPECT_EQ(out.size(), text.size() + 2 * (std::string_view("[redacted:password]").size() - 7));
  EXPECT_LT(ten, std::max(one, 0.002) * 40) << one << " s for one megabyte";
}

TEST(ManyThreads, GiveTheSameAnswers) {
  ASSERT_NE(catalog_redactor(), nullptr);
  auto file = parse_secret_patterns(catalog_text(), "secrets.yaml");
  ASSERT_TRUE(file);
  std::atomic<int> wrong{0};
  {
    std::vector<std::jthread> threads;
    for (unsigned t = 0; t < 6; ++t) {
      threads.emplace_back([&, t] {
        for (std::size_t i = 0; i < file->patterns.size(); ++i) {
          const auto& pattern = file->patterns[(i + t * 17) % file->patterns.size()];
          for (const auto& example : pattern.examples) wrong += catalog_redactor()->redact(example.text) == example.want ? 0 : 1;
        }
      });
    }
  }
  EXPECT_EQ(wrong.load(), 0);
}

// Prints the figure; the bound is loose enough for a sanitizer build on a busy machine.
TEST(ShortText, OneKilobyteIsQuick) {
  ASSERT_NE(catalog_redactor(), nullptr);
  auto corpus = read_file(std::string(MEND_SOURCE_DIR) + "/catalog/corpus/written/runtime.jsonl");
  ASSERT_TRUE(corpus) << corpus.error().message;
  std::vector<std::string> texts;
  for (std::size_t at = 0; at + 1024 <= corpus->size() && texts.size() < 200; at += 1024) texts.push_back(corpus->substr(at, 1024));
  ASSERT_FALSE(texts.empty());
  std::size_t bytes = 0;
  for (const auto& text : texts) bytes += redact(text).size();  // RE2 builds its automata at first use
  double best = 1e9;
  for (int round = 0; round < 3; ++round) {
    const auto start = std::chrono::steady_clock::now();
    for (const auto& text : texts) bytes += redact(text).size();
    best =
        std::min(best, std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count() / double(texts.size()));
  }
  std::printf("redact, 1 KB of log: %.1f microseconds on average\n", best);
  EXPECT_GT(bytes, 0U);
  EXPECT_LT(best, 2000.0);
}

// The messages the diagnosis learns from must come through nearly untouched.
TEST(Corpus, NearlyEveryMessageStays) {
  ASSERT_NE(catalog_redactor(), nullptr);
  std::size_t lines = 0, changed = 0;
  for (const auto* name : {"bigdata", "borders", "cloud", "configuration", "runtime", "unknown"}) {
    auto text = read_file(std::string(MEND_SOURCE_DIR) + "/catalog/corpus/written/" + name + ".jsonl");
    ASSERT_TRUE(text) << text.error().message;
    for (const auto line : split_lines(*text)) {
      ++lines;
      const std::string out = redact(line);
      if (out == line) continue;
      ++changed;
      for (const auto* kind : {"[redacted:token]", "[redacted:secret]", "[redacted:api_key]", "[redacted:card_number]", "[redacted:iban]",
                               "[redacted:uk_nino]"})
        EXPECT_EQ(out.find(kind), std::string::npos) << out;
    }
  }
  EXPECT_GT(lines, 500U);
  EXPECT_LT(changed * 100, lines * 3) << changed << " of " << lines;
}

}  // namespace
}  // namespace mend
