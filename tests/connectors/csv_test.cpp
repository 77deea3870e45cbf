#include "connectors/csv.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace mend {
namespace {

using Row = std::vector<std::string>;

TEST(Csv, ReadsHeaderAndRows) {
  const auto csv = read_csv("id,name\n1,Ada\n2,Bob\n", 1000, true);
  ASSERT_TRUE(csv);
  EXPECT_EQ(csv->header, (Row{"id", "name"}));
  EXPECT_EQ(csv->rows, (std::vector<Row>{{"1", "Ada"}, {"2", "Bob"}}));
}

TEST(Csv, ReadsByteOrderMarkQuotesAndLineEndsInQuotes) {
  const auto csv = read_csv("\xEF\xBB\xBF\"id\",\"a, \"\"b\"\"\"\r\n1,\"two\r\nlines\"\r\n\r\n2,x", 1000, true);
  ASSERT_TRUE(csv);
  EXPECT_EQ(csv->header, (Row{"id", "a, \"b\""}));
  EXPECT_EQ(csv->rows, (std::vector<Row>{{"1", "two\r\nlines"}, {"2", "x"}}));
}

TEST(Csv, FindsTheDelimiter) {
  EXPECT_EQ(read_csv("a;b;c\n1;2;3\n", 10, true)->header.size(), 3U);
  EXPECT_EQ(read_csv("a\tb\n1\t2\n", 10, true)->delimiter, '\t');
  EXPECT_EQ(read_csv("a|b\n1|2\n", 10, true)->delimiter, '|');
  EXPECT_EQ(read_csv("\"a;b;c\",d\n1,2\n", 10, true)->header, (Row{"a;b;c", "d"}));
}

TEST(Csv, CountsRaggedRows) {
  const auto csv = read_csv("a,b\n1\n1,2\n1,2,3\n", 10, true);
  ASSERT_TRUE(csv);
  EXPECT_EQ(csv->rows.size(), 1U);
  EXPECT_EQ(csv->ragged, 2U);
}

TEST(Csv, StopsAtTheRowLimit) {
  std::string text = "a,b\n";
  for (int i = 0; i < 50; ++i) text += "1,2\n";
  EXPECT_EQ(read_csv(text, 10, true)->rows.size(), 10U);
}

TEST(Csv, LeavesOutTheRecordAtACut) {
  EXPECT_EQ(read_csv("a,b\n1,2\n3,4", 10, false)->rows, (std::vector<Row>{{"1", "2"}}));
  EXPECT_EQ(read_csv("a,b\n1,2\n3,\"4", 10, false)->rows, (std::vector<Row>{{"1", "2"}}));
  EXPECT_FALSE(read_csv("a,b", 10, false));
}

TEST(Csv, RefusesWhatIsNoTable) {
  EXPECT_FALSE(read_csv("", 10, true));
  EXPECT_FALSE(read_csv("\xEF\xBB\xBF \r\n\n", 10, true));
  EXPECT_FALSE(read_csv(std::string_view("a,b\n1,\0\n", 8), 10, true));
  const auto open = read_csv("a,b\n1,2\n\"3,4\n5,6\n", 10, true);
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().message, "line 3: a quote that is never closed");
}

// Fields of the characters that matter; a blank header line would be skipped as such.
rc::Gen<std::string> field() { return rc::gen::container<std::string>(rc::gen::element('a', '1', ' ', '"', ',', ';', '\n', '\r', '.')); }

RC_GTEST_PROP(CsvProperty, WhatIsPrintedIsReadBack, ()) {
  const auto width = *rc::gen::inRange<std::size_t>(2, 6);
  const auto rows = *rc::gen::container<std::vector<Row>>(rc::gen::container<Row>(width, field()));
  Row header;
  for (std::size_t i = 0; i < width; ++i) header.push_back("column" + std::to_string(i));
  std::string text = print_csv_row(header) + "\n";
  for (const Row& row : rows) text += print_csv_row(row) + "\n";
  const auto csv = read_csv(text, 1000, true);
  RC_ASSERT(csv.has_value());
  RC_ASSERT(csv->header == header);
  RC_ASSERT(csv->rows == rows);
}

RC_GTEST_PROP(CsvProperty, AnyBytesGiveAnAnswer, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::element('a', '"', ',', '\n', '\r', '\0', '\xEF', '\t'));
  const auto csv = read_csv(text, 5, *rc::gen::arbitrary<bool>());
  if (csv) {
    RC_ASSERT(!csv->header.empty());
    RC_ASSERT(csv->rows.size() <= 5U);
    for (const Row& row : csv->rows) RC_ASSERT(row.size() == csv->header.size());
  } else {
    RC_ASSERT(!csv.error().message.empty());
  }
}

}  // namespace
}  // namespace mend
