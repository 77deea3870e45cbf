#include "runtime/daemon.h"

#include <gmock/gmock.h>

#include "helpers.h"

namespace mend {
namespace {

TEST(ProcessIdentity, OfThisProcessIsAliveAndStays) {
  const auto mine = ProcessIdentity::self();
  ASSERT_TRUE(mine);
  EXPECT_EQ(*mine, ProcessIdentity::self().value());
  EXPECT_THAT(*mine, testing::HasSubstr(fmt::format(":{}:", ::getpid())));
  EXPECT_EQ(ProcessIdentity::alive(*mine).value(), true);
}

TEST(ProcessIdentity, AnotherStartOrBootIsDead) {
  const std::string mine = ProcessIdentity::self().value();
  EXPECT_EQ(ProcessIdentity::alive(mine + "0").value(), false);
  EXPECT_EQ(ProcessIdentity::alive("00000000-0000-0000-0000-000000000000" + mine.substr(mine.find(':'))).value(), false);
  EXPECT_EQ(ProcessIdentity::alive(mine.substr(0, mine.find(':')) + ":4194305:1").value(), false);  // above the kernel's most
}

TEST(ProcessIdentity, AZombieIsDead) {
  auto gate = make_pipe().value();
  const pid_t child = ::fork();
  if (child == 0) {
    gate.writer.reset();
    char byte = 0;
    ::_exit(::read(gate.reader.get(), &byte, 1) == 0 ? 0 : 1);
  }
  const FileHandle handle = open_pidfd(child);
  const auto identity = ProcessIdentity::of(child);
  ASSERT_TRUE(identity);
  EXPECT_EQ(ProcessIdentity::alive(*identity).value(), true);
  gate.writer.reset();
  ASSERT_TRUE(readable_soon(handle.get()));  // ended, not reaped
  EXPECT_EQ(ProcessIdentity::alive(*identity).value(), false);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(ProcessIdentity::alive(*identity).value(), false);
  EXPECT_EQ(ProcessIdentity::of(child).error().kind, ErrorKind::not_found);
}

TEST(ProcessIdentity, NonsenseIsRefused) {
  for (const char* text : {"", "a", "a:b", "a:b:c", "a:1:x", "a:-1:5", "a:0:5", ":1:2", "boot:1:", "boot::1"}) {
    const auto alive = ProcessIdentity::alive(text);
    ASSERT_FALSE(alive) << text;
    EXPECT_EQ(alive.error().kind, ErrorKind::invalid_input) << text;
  }
}

TEST(FileLock, ExclusiveAndShared) {
  const TempFolder folder;
  const std::string path = folder / "lock";
  {
    auto reader = FileLock::try_lock(path, FileLock::Mode::shared);
    ASSERT_TRUE(reader);
    EXPECT_TRUE(FileLock::try_lock(path, FileLock::Mode::shared));
    const auto writer = FileLock::try_lock(path);
    ASSERT_FALSE(writer);
    EXPECT_EQ(writer.error().kind, ErrorKind::conflict);
    EXPECT_THAT(writer.error().message, testing::HasSubstr(path));
  }
  const auto writer = FileLock::try_lock(path);
  ASSERT_TRUE(writer);
  EXPECT_FALSE(FileLock::try_lock(path, FileLock::Mode::shared));
}

TEST(FileLock, IsGivenBackWhenTheHolderIsKilled) {
  const TempFolder folder;
  const std::string path = folder / "lock";
  auto ready = make_pipe().value();
  Fork holder([&] {
    const auto lock = FileLock::try_lock(path);
    if (!lock || ::write(ready.writer.get(), "x", 1) != 1) return 1;
    for (;;) ::pause();
  });
  ASSERT_TRUE(readable_soon(ready.reader.get()));
  EXPECT_FALSE(FileLock::try_lock(path));
  ::kill(holder.pid(), SIGKILL);
  EXPECT_EQ(holder.wait(), 1000 + SIGKILL);
  EXPECT_TRUE(FileLock::try_lock(path));
}

TEST(FileLock, AMissingFolderIsNotFound) { EXPECT_EQ(FileLock::try_lock("/no/such/folder/lock").error().kind, ErrorKind::not_found); }

}  // namespace
}  // namespace mend
