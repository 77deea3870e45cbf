#include <set>

#include <gtest/gtest.h>

#include "base/ids.h"
#include "base/random.h"

namespace mend {
namespace {

TEST(Random, TheSameSeedGivesTheSameNumbers) {
  SeededRandom a(1), b(1), c(2);
  const std::uint64_t first = a.next();
  EXPECT_EQ(first, b.next());
  EXPECT_NE(first, c.next());
  SeededRandom known(1234567);  // splitmix64's published test values
  EXPECT_EQ(known.next(), 6457827717110365317ULL);
  EXPECT_EQ(known.next(), 3203168211198807973ULL);
}

TEST(Random, UnitLiesInTheHalfOpenInterval) {
  SeededRandom random(3);
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double value = random.unit();
    ASSERT_GE(value, 0.0);
    ASSERT_LT(value, 1.0);
    sum += value;
  }
  EXPECT_NEAR(sum / 10'000, 0.5, 0.02);
}

TEST(Random, TheKernelsNumbersDiffer) {
  SystemRandom random;
  EXPECT_NE(random.next(), random.next());
}

TEST(Random, IdsAreUniqueWithinOneMillisecond) {
  SeededRandom random(5);
  std::set<std::string> seen;
  for (int i = 0; i < 20'000; ++i) EXPECT_TRUE(seen.insert(make_id("inc", WallTime{std::chrono::seconds{1'780'000'000}}, random)).second);
}

TEST(Random, IdsOfLaterMillisecondsSortLater) {
  SeededRandom random(5);
  std::string before;
  for (const long ms : {0L, 1L, 31L, 32L, 1'000L, 1'780'000'000'000L, 1'780'000'000'001L, 4'000'000'000'000L}) {
    const std::string id = make_id("run", WallTime{std::chrono::milliseconds{ms}}, random);
    EXPECT_LT(before, id) << ms;
    EXPECT_EQ(id.size(), std::string("run-").size() + 19);
    EXPECT_TRUE(id.starts_with("run-"));
    EXPECT_EQ(id.find_first_not_of("0123456789abcdefghjkmnpqrstvwxyz", 4), std::string::npos) << id;
    before = id;
  }
}

TEST(StrongId, IsAValueOfItsOwnType) {
  using A = StrongId<struct ATag>;
  using B = StrongId<struct BTag>;
  static_assert(!std::is_convertible_v<A, B> && !std::is_convertible_v<std::string, A> && !std::is_constructible_v<A, B>);
  EXPECT_LT(A("a"), A("b"));
  EXPECT_EQ(A("a"), A("a"));
  EXPECT_TRUE(A().empty());
  EXPECT_EQ(std::hash<A>{}(A("x")), std::hash<std::string>{}("x"));
}

}  // namespace
}  // namespace mend
