#include "connectors/sqlite_ddl.h"

#include <gtest/gtest.h>

namespace mend {
namespace {

std::string typed(std::string_view sql, std::string_view column, std::string_view type) {
  const auto result = with_column_type(sql, column, type);
  return result ? *result : "error: " + result.error().message;
}

TEST(Ddl, ChangesOneTypeAndNothingElse) {
  EXPECT_EQ(typed("CREATE TABLE t(a INTEGER NOT NULL, b INTEGER)", "a", "REAL"), "CREATE TABLE t(a REAL NOT NULL, b INTEGER)");
  EXPECT_EQ(
      typed("CREATE TABLE t (\n  \"A b\"  VARCHAR ( 10 ) DEFAULT 'x,(' -- note, a INT\n, c DECIMAL(10,2) UNIQUE)", "a B", "VARCHAR(20)"),
      "CREATE TABLE t (\n  \"A b\"  VARCHAR(20) DEFAULT 'x,(' -- note, a INT\n, c DECIMAL(10,2) UNIQUE)");
  EXPECT_EQ(typed("CREATE TABLE t (a DECIMAL(10,2), c UNSIGNED BIG INT CHECK (c > 0))", "c", "TEXT"),
            "CREATE TABLE t (a DECIMAL(10,2), c TEXT CHECK (c > 0))");
  EXPECT_EQ(typed("CREATE TABLE t (a, [b c] INT)", "a", "TEXT"), "CREATE TABLE t (a TEXT, [b c] INT)");
  EXPECT_EQ(typed("CREATE TABLE t (a, [b c] INT)", "b c", "TEXT"), "CREATE TABLE t (a, [b c] TEXT)");
  EXPECT_EQ(typed("CREATE TABLE t (a /* INT */ INT, b INT)", "a", "TEXT"), "CREATE TABLE t (a /* INT */ TEXT, b INT)");
  EXPECT_EQ(typed("CREATE TABLE t (\"q\"\"q\" INT)", "q\"q", "TEXT"), "CREATE TABLE t (\"q\"\"q\" TEXT)");
  EXPECT_EQ(typed("CREATE TABLE t (b TEXT CHECK (b IN ('a', 'c INT')), c INT) STRICT", "c", "TEXT"),
            "CREATE TABLE t (b TEXT CHECK (b IN ('a', 'c INT')), c TEXT) STRICT");
}
TEST(Ddl, FindsOnlyColumns) {
  EXPECT_TRUE(typed("CREATE TABLE t (a INT, CHECK (b > 0))", "b", "TEXT").starts_with("error"));
  EXPECT_TRUE(typed("CREATE TABLE t (a INT, PRIMARY KEY (a))", "PRIMARY", "TEXT").starts_with("error"));
  EXPECT_TRUE(typed("", "a", "TEXT").starts_with("error"));
  EXPECT_TRUE(typed("CREATE TABLE t (", "a", "TEXT").starts_with("error"));
}
TEST(Ddl, ReadsAndChangesCheckedLengths) {
  const std::string sql =
      "CREATE TABLE t (a TEXT CHECK (length(a) <= 10), b TEXT CHECK(LENGTH(\"b\") < 5 AND b <> ''), c TEXT DEFAULT 'length(c) <= 3')";
  EXPECT_EQ(checked_length(sql, "A"), 10U);
  EXPECT_EQ(checked_length(sql, "b"), 4U);
  EXPECT_EQ(checked_length(sql, "c"), std::nullopt);
  EXPECT_EQ(
      *with_checked_length(sql, "b", 9),
      "CREATE TABLE t (a TEXT CHECK (length(a) <= 10), b TEXT CHECK(LENGTH(\"b\") < 10 AND b <> ''), c TEXT DEFAULT 'length(c) <= 3')");
  EXPECT_EQ(*with_checked_length("CREATE TABLE t (a TEXT, CHECK (length(a) <= 3), CHECK (length(a) <= 100))", "a", 12),
            "CREATE TABLE t (a TEXT, CHECK (length(a) <= 12), CHECK (length(a) <= 100))");
  EXPECT_FALSE(with_checked_length(sql, "c", 9));
}
TEST(Ddl, DeclaredLengths) {
  EXPECT_EQ(declared_length("VARCHAR(10)"), 10U);
  EXPECT_EQ(declared_length("nvarchar ( 7 )"), 7U);
  EXPECT_EQ(declared_length("DECIMAL(10)"), std::nullopt);
  EXPECT_EQ(declared_length("TEXT"), std::nullopt);
  EXPECT_EQ(declared_length("VARCHAR(max)"), std::nullopt);
  EXPECT_EQ(with_declared_length("VARCHAR(10)", 32), "VARCHAR(32)");
}

}  // namespace
}  // namespace mend
