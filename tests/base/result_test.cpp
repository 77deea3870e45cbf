#include "base/result.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>

namespace mend {
namespace {

Result<int> number_or_error(bool good) {
  if (good) return 7;
  return fail(ErrorKind::conflict, "no number");
}

Result<std::unique_ptr<int>> moved(bool good) {
  MEND_TRY(const int first, number_or_error(true));
  MEND_TRY(auto second, number_or_error(good));  // two in one function: their helpers must not clash
  return std::make_unique<int>(first + second);
}

Result<void> checked(bool good, int& reached) {
  MEND_CHECK(number_or_error(good));
  if (good) MEND_CHECK(number_or_error(good));  // a statement by itself, without braces
  ++reached;
  return {};
}

TEST(Result, TryGivesTheValueOrReturnsTheError) {
  const auto good = moved(true);
  ASSERT_TRUE(good);
  EXPECT_EQ(**good, 14);
  const auto bad = moved(false);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().kind, ErrorKind::conflict);
  EXPECT_EQ(bad.error().message, "no number");
}

TEST(Result, CheckGoesOnOrReturnsTheError) {
  int reached = 0;
  EXPECT_TRUE(checked(true, reached));
  EXPECT_EQ(reached, 1);
  const auto bad = checked(false, reached);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().message, "no number");
  EXPECT_EQ(reached, 1);
}

TEST(Result, TryMovesOutOfMoveOnlyResults) {
  const auto use = [](bool good) -> Result<int> {
    MEND_TRY(std::unique_ptr<int> value, moved(good));
    return *value;
  };
  EXPECT_EQ(use(true).value(), 14);
  EXPECT_FALSE(use(false));
}

TEST(Result, AnErrorIsPutInContextWithoutLosingItsKind) {
  const Error error = Error{ErrorKind::permission, "open: refused"}.in("reading a.yaml");
  EXPECT_EQ(error.kind, ErrorKind::permission);
  EXPECT_EQ(error.message, "reading a.yaml: open: refused");
}

TEST(Result, KindsHaveNames) {
  for (const auto& [kind, name] : {std::pair{ErrorKind::invalid_input, "invalid_input"},
                                   {ErrorKind::not_found, "not_found"},
                                   {ErrorKind::conflict, "conflict"},
                                   {ErrorKind::permission, "permission"},
                                   {ErrorKind::unavailable, "unavailable"},
                                   {ErrorKind::timed_out, "timed_out"},
                                   {ErrorKind::cancelled, "cancelled"},
                                   {ErrorKind::corrupt, "corrupt"},
                                   {ErrorKind::exhausted, "exhausted"},
                                   {ErrorKind::internal, "internal"}})
    EXPECT_EQ(to_string(kind), name);
}

TEST(Result, ErrnoBecomesAKindACallerCanActOn) {
  const std::pair<int, ErrorKind> table[] = {
      {ENOENT, ErrorKind::not_found},         {EACCES, ErrorKind::permission},    {EPERM, ErrorKind::permission},
      {EROFS, ErrorKind::permission},         {EEXIST, ErrorKind::conflict},      {ENOSPC, ErrorKind::exhausted},
      {EDQUOT, ErrorKind::exhausted},         {EMFILE, ErrorKind::exhausted},     {ETIMEDOUT, ErrorKind::timed_out},
      {ECONNREFUSED, ErrorKind::unavailable}, {EISDIR, ErrorKind::invalid_input}, {EDOM, ErrorKind::internal}};
  for (const auto& [number, kind] : table) {
    const Result<void> result = fail_errno("opening /x", number);
    EXPECT_EQ(result.error().kind, kind) << number;
    EXPECT_TRUE(result.error().message.starts_with("opening /x: ")) << result.error().message;
  }
}

}  // namespace
}  // namespace mend
