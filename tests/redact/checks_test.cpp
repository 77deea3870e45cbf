// The check sums of numbers and the ends of values, one by one.
#include <gtest/gtest.h>

#include <string>

#include "redact/number_checks.h"
#include "redact/scan_expression.h"
#include "redact/secret_value.h"
#include "redact/spans.h"
#include "redact/text_shape.h"

namespace mend {
namespace {

bool card(std::string_view text) { return is_card_number(text, 0, text.size()); }

TEST(NumberChecks, CardNumbers) {
  EXPECT_TRUE(card("4111111111111111"));
  EXPECT_TRUE(card("378282246310005"));
  EXPECT_TRUE(card("30569309025904"));
  EXPECT_TRUE(card("3530111333300000"));
  EXPECT_FALSE(card("4111111111111112")) << "the sum";
  EXPECT_FALSE(card("1111111111111117")) << "no issuer starts with 11";
  EXPECT_FALSE(card("1732460000123"));
  EXPECT_FALSE(is_card_number("0.4111111111111111", 2, 18)) << "a fraction";
  EXPECT_FALSE(is_card_number("x-4111111111111111", 2, 18)) << "a part of an id";
}

TEST(NumberChecks, Ibans) {
  EXPECT_TRUE(is_iban("DE89370400440532013000"));
  EXPECT_TRUE(is_iban("NO93 8601 1117 947"));
  EXPECT_FALSE(is_iban("DE88370400440532013000"));
  EXPECT_FALSE(is_iban("DE8937040044053201300")) << "too short for the country";
  EXPECT_FALSE(is_iban("QQ89370400440532013000")) << "no such country";
}

TEST(NumberChecks, PersonalNumbers) {
  const auto ssn = [](std::string_view text) { return is_us_ssn(text, 0, text.size()); };
  EXPECT_TRUE(ssn("078-05-1120"));
  EXPECT_FALSE(ssn("000-05-1120"));
  EXPECT_FALSE(ssn("666-05-1120"));
  EXPECT_FALSE(ssn("900-05-1120"));
  EXPECT_FALSE(ssn("078-00-1120"));
  EXPECT_FALSE(ssn("078-05-0000"));
  EXPECT_TRUE(is_uk_nino("AB123456C"));
  EXPECT_FALSE(is_uk_nino("GB123456C"));
  EXPECT_TRUE(is_fr_insee("255081416802538"));
  EXPECT_FALSE(is_fr_insee("255081416802539"));
  EXPECT_TRUE(is_de_tax_id("86095742719"));
  EXPECT_FALSE(is_de_tax_id("86095742718"));
  EXPECT_TRUE(is_phone_number("+49 170 1234567"));
  EXPECT_TRUE(is_phone_number("+14155552671"));
  EXPECT_FALSE(is_phone_number("+1732460000123"));
  EXPECT_FALSE(is_phone_number("+0123456789"));
}

std::string value_of(std::string_view text) {
  const auto at = text.find_first_of("=:") + 1;
  const FoundValue value = take_value(text, at);
  return std::string(text.substr(value.begin, value.end - value.begin));
}

TEST(TakeValue, EndsWhereTheValueEnds) {
  EXPECT_EQ(value_of("a=b c"), "b");
  EXPECT_EQ(value_of("a=b"), "b");
  EXPECT_EQ(value_of("a=b,c;d&e"), "b,c;d&e") << "no list of pairs";
  EXPECT_EQ(value_of("a=b,c=d"), "b");
  EXPECT_EQ(value_of("a=b;c=d"), "b");
  EXPECT_EQ(value_of("a=b&c=d"), "b");
  EXPECT_EQ(value_of("f(a=b)"), "b");
  EXPECT_EQ(value_of("a=b(c)d"), "b(c)d");
  EXPECT_EQ(value_of("a=b."), "b");
  EXPECT_EQ(value_of("a=it's ok"), "it's") << "a quote inside a word";
  EXPECT_EQ(value_of("'a=xyz' c"), "xyz");
  EXPECT_EQ(value_of("a=b\\nc"), "b") << "an escaped line end";
}

TEST(TakeValue, Quotes) {
  EXPECT_EQ(value_of(R"(a="b c" d)"), "b c");
  EXPECT_EQ(value_of(R"(a='b c' d)"), "b c");
  EXPECT_EQ(value_of(R"(a="b\"c" d)"), R"(b\"c)");
  EXPECT_EQ(value_of(R"(a="b\\" c)"), R"(b\\)");
  EXPECT_EQ(value_of(R"(a=\"b c\", d)"), "b c");
  EXPECT_EQ(value_of(R"(a=\\\"b c\\\", d)"), "b c");
  EXPECT_EQ(value_of("a='b''c' d"), "b''c");
  EXPECT_EQ(value_of("a=b'xy'"), "xy") << "Python's bytes";
  EXPECT_EQ(value_of("a=\"\"\"b\"\"\""), "b");
  EXPECT_EQ(value_of("a=\"cut off\nnext"), "cut off");
  EXPECT_EQ(value_of("a=\"\" b=c"), "");
}

TEST(TakeValue, Brackets) {
  EXPECT_EQ(value_of("a={b;c};d"), "b;c");
  EXPECT_EQ(value_of(R"(a={"b": 1})"), "") << "an object is no value";
  EXPECT_EQ(value_of(R"(a=["b", "c"])"), "b");
  EXPECT_EQ(value_of("a={{ b }}"), "{{");
}

TEST(Spans, OverlapsBecomeOneNamedByTheLongest) {
  auto merged = merge_spans({{10, 20, 3}, {0, 5, 1}, {15, 40, 9}});
  ASSERT_EQ(merged.size(), 2U);
  EXPECT_EQ(merged[1].begin, 10U);
  EXPECT_EQ(merged[1].end, 40U);
  EXPECT_EQ(merged[1].pattern, 9U);
  merged = merge_spans({{10, 20, 7}, {10, 20, 3}});
  ASSERT_EQ(merged.size(), 1U);
  EXPECT_EQ(merged[0].pattern, 3U) << "the more specific of two equal ones";
  merged = merge_spans({{10, 20, 7}, {20, 30, 3}});
  EXPECT_EQ(merged.size(), 2U) << "touching is not overlapping";
}

TEST(Spans, YieldingOnesGiveWay) {
  auto merged = merge_spans({{5, 30, 1, true}, {0, 8, 9}});
  ASSERT_EQ(merged.size(), 1U);
  EXPECT_EQ(merged[0].end, 8U);
  merged = merge_spans({{0, 100, 9}, {20, 21, 8}, {40, 50, 1, true}});
  ASSERT_EQ(merged.size(), 1U) << "inside a long one that began long before";
  merged = merge_spans({{5, 30, 1, true}, {30, 38, 9}});
  EXPECT_EQ(merged.size(), 2U);
}

TEST(Spans, PlaceholdersAreWhole) {
  const std::string text = "x[redacted:jwt]y [redacted:nope]";
  const Placeholders present(text, {"jwt", "token"});
  SecretSpan inside{3, 6, 0};
  EXPECT_FALSE(present.widen(text, inside));
  SecretSpan cut{0, 5, 0};
  EXPECT_TRUE(present.widen(text, cut));
  EXPECT_EQ(cut.end, 15U);
  SecretSpan unknown_kind{17, text.size(), 0};
  EXPECT_TRUE(present.widen(text, unknown_kind)) << "a faked placeholder hides nothing";
}

TEST(ScanExpression, StopsBeforeTheFirstLoop) {
  EXPECT_EQ(scan_expression("abc"), "abc");
  EXPECT_EQ(scan_expression("ab+c"), "ab");
  EXPECT_EQ(scan_expression("ab*c"), "a");
  EXPECT_EQ(scan_expression("ab?c"), "ab{0,1}c");
  EXPECT_EQ(scan_expression("ab{3}c"), "ab{3}c");
  EXPECT_EQ(scan_expression("ab{20}c"), "ab{8}");
  EXPECT_EQ(scan_expression("ab{2,}c"), "ab{2}");
  EXPECT_EQ(scan_expression("ab{2,3}c"), "ab{2}");
  EXPECT_EQ(scan_expression("ab{0,200}c"), "a");
  EXPECT_EQ(scan_expression("a+?b"), "a");
}

TEST(ScanExpression, GroupsClassesAndEscapes) {
  EXPECT_EQ(scan_expression("(?i)a(?P<secret>b|c+d)e"), "(?i)a(?:b|c)");
  EXPECT_EQ(scan_expression("a(b|c)d"), "a(?:b|c)d");
  EXPECT_EQ(scan_expression("a(?:bc+)?d"), "a");
  EXPECT_EQ(scan_expression("a(?:b+c){2}d"), "a(?:b)");
  EXPECT_EQ(scan_expression("(?:^|[^a-z])x$"), "(?:|[^a-z])x");
  EXPECT_EQ(scan_expression("[]a-]\\]b"), "[]a-]\\]b");
  EXPECT_EQ(scan_expression("[[:alpha:]+]b"), "[[:alpha:]+]b");
  EXPECT_EQ(scan_expression("\\x27\\x{41}\\pN\\*a"), "\\x27\\x{41}\\pN\\*a");
  EXPECT_EQ(scan_expression("ab|c+d"), "ab|c");
  EXPECT_EQ(scan_expression("a*"), "(?:)");
}

TEST(TextShape, SaysWhatMayBeThere) {
  EXPECT_TRUE(shape_of("078-05-1120").ssn_shape);
  EXPECT_FALSE(shape_of("2024-11-24-1120").ssn_shape);
  EXPECT_TRUE(shape_of("4111 1111 1111 1111").digit_run);
  EXPECT_FALSE(shape_of("2024-11-24 17:49:17").digit_run);
  EXPECT_TRUE(shape_of("to DE89").capitals);
  EXPECT_TRUE(shape_of("AB 12").capitals);
  EXPECT_FALSE(shape_of("UTF8 SHA256").capitals);
  EXPECT_TRUE(shape_of("+49").plus_digit);
  EXPECT_TRUE(shape_of("a@b").at_sign);
  const TextShape none = shape_of("");
  EXPECT_FALSE(none.at_sign || none.plus_digit || none.digit_run || none.ssn_shape || none.capitals);
}

}  // namespace
}  // namespace mend
