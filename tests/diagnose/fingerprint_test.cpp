// Same cause, same fingerprint, whatever the log looks like; another cause, another fingerprint. Over the catalog's whole corpus.
#include <gtest/gtest.h>

#include <map>

#include "base/random.h"
#include "catalog.h"
#include "diagnose/diagnoser.h"
#include "diagnose/variations.h"

namespace mend {
namespace {

// Of one diagnosis, so that only the text matters.
std::string fingerprint(std::string_view text) { return fingerprint_of(prepare_text(text), ErrorType::unknown_error, "").str(); }

// What changes from run to run: every long number, hexadecimal id and clock time is another one.
std::string with_other_ids(const std::string& text) {
  std::string out = text;
  for (std::size_t i = 0; i < out.size();) {
    std::size_t end = i;
    while (end < out.size() && out[end] >= '0' && out[end] <= '9') ++end;
    const bool alone =
        (i == 0 || out[i - 1] == ' ' || out[i - 1] == '=') && (end == out.size() || out[end] == ' ' || out[end] == '\n' || out[end] == ',');
    if (end - i >= 5 && alone)
      for (std::size_t k = i; k < end; ++k) out[k] = static_cast<char>('1' + (out[k] - '0' + 3) % 9);
    i = std::max(end, i + 1);
  }
  return out;
}

TEST(Fingerprint, Is32HexDigits) {
  EXPECT_EQ(fingerprint("boom").size(), 32U);
  EXPECT_EQ(fingerprint("boom").find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(fingerprint("").size(), 32U);
}

TEST(Fingerprint, TellsDiagnosesOfOneTextApart) {
  const PreparedText text =
      prepare_text("airflow.exceptions.AirflowException: Bash command failed. The command returned a non-zero exit code 1.");
  const Fingerprint denied = fingerprint_of(text, ErrorType::permission_denied, "grant_missing");
  EXPECT_EQ(fingerprint_of(text, ErrorType::permission_denied, "grant_missing"), denied);
  EXPECT_NE(fingerprint_of(text, ErrorType::network_timeout, "grant_missing"), denied);
  EXPECT_NE(fingerprint_of(text, ErrorType::permission_denied, "file_mode"), denied);
}

TEST(Fingerprint, TellsSimilarSentencesApart) {
  const std::vector<std::string> texts = {"permission denied for table orders",
                                          "permission denied for table users",
                                          "relation orders does not exist",
                                          "connection to db timed out",
                                          "connection to db refused",
                                          "HTTP 401 from api",
                                          "HTTP 403 from api",
                                          "ORA-00942: table or view does not exist",
                                          "ORA-01017: invalid username",
                                          "exit code 137",
                                          "exit code 139"};
  std::map<std::string, std::string> seen;
  for (const auto& text : texts) {
    const auto [at, fresh] = seen.emplace(fingerprint(text), text);
    EXPECT_TRUE(fresh) << text << " and " << at->second;
  }
}

TEST(Fingerprint, StaysWhenIdsTimesAndNumbersChange) {
  const std::pair<const char*, const char*> pairs[] = {
      {"pod etl-7f9c8d6b5a-1 failed at 2026-01-01T00:00:00Z", "pod etl-6a8b7c5d4e-1 failed at 2026-11-24T17:49:17.123Z"},
      {"query 01a2b3c4-0000-1111-2222-333344445555 timed out after 30123 ms",
       "query 99999999-aaaa-bbbb-cccc-ddddeeeeffff timed out after 45001 ms"},
      {"connection to 10.1.2.3:5432 refused", "connection to 10.9.8.7:5432 refused"},
      {"cannot read /data/2026/01/01/part-0001.parquet", "cannot read /data/2026/11/24/part-0937.parquet"},
      {"task_instance 20260101 failed: disk full", "task_instance 20261124 failed: disk full"},
      {"object at 0x7f12ab34cd is not iterable error", "object at 0x7fffab9900 is not iterable error"}};
  for (const auto& [a, b] : pairs)
    EXPECT_EQ(fingerprint(a), fingerprint(b)) << a << "\n" << b << "\n" << normalise(a) << "\n" << normalise(b);
}

TEST(FingerprintCorpus, StaysUnderColoursCarriageReturnsAndOtherIds) {
  for (const LabelledText& row : corpus()) {
    const std::string before = fingerprint(row.message);
    EXPECT_EQ(fingerprint(with_crlf(row.message)), before) << row.message;
    EXPECT_EQ(fingerprint(with_colours(row.message)), before) << row.message;
    EXPECT_EQ(fingerprint(with_other_ids(row.message)), before) << row.message << "\n" << with_other_ids(row.message);
  }
}

TEST(FingerprintCorpus, OfOneLineStaysUnderLogPrefixes) {
  SeededRandom random(11);
  std::size_t lines = 0, other = 0;
  std::string first;
  for (const LabelledText& row : corpus()) {
    if (row.message.find('\n') != std::string::npos) continue;
    for (int i = 0; i < 4; ++i) {
      const std::string prefixed = with_log_prefixes(row.message, random);
      ++lines;
      if (fingerprint(prefixed) == fingerprint(row.message)) continue;
      if (other++ < 10)
        first += prefixed + "\n  " + prepare_text(prefixed).normal_roots + "\n  " + prepare_text(row.message).normal_roots + "\n";
    }
  }
  EXPECT_GT(lines, 1000U);
  EXPECT_EQ(other, 0U) << "of " << lines << ", for example:\n" << first;
}

}  // namespace
}  // namespace mend
