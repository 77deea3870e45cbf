#include <csignal>
#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "support/temp_folder.h"

namespace mend {
namespace {

namespace fs = std::filesystem;

std::size_t entries(const fs::path& folder) { return std::size_t(std::distance(fs::directory_iterator(folder), fs::directory_iterator())); }

TEST(File, WrittenAndReadAgainIsTheSame) {
  const ScratchFolder folder;
  const fs::path file = folder.path() / "a.bin";
  const std::string content = std::string("\0\xff line\r\n", 9) + std::string(200'000, 'x');
  ASSERT_TRUE(write_file_durably(file, content));
  EXPECT_EQ(read_file(file).value(), content);
  ASSERT_TRUE(write_file_durably(file, ""));
  EXPECT_EQ(read_file(file).value(), "");
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(File, TheModeIsTheOneAskedForWhateverWasThereBefore) {
  const ScratchFolder folder;
  const fs::path file = folder.path() / "a";
  for (const unsigned mode : {0644U, 0600U, 0640U}) {
    ASSERT_TRUE(write_file_durably(file, "x", mode));
    struct stat status {};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, mode);
  }
}

TEST(File, AnOldReaderKeepsTheOldContent) {
  const ScratchFolder folder;
  const fs::path file = folder.path() / "a";
  ASSERT_TRUE(write_file_durably(file, "old"));
  std::ifstream reader(file);
  ASSERT_TRUE(write_file_durably(file, "new"));
  std::string seen;
  reader >> seen;
  EXPECT_EQ(seen, "old");
}

TEST(File, ErrorsNameThePathAndHaveTheirKind) {
  const ScratchFolder folder;
  const fs::path missing = folder.path() / "no" / "such" / "file";
  const auto read = read_file(missing);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::not_found);
  EXPECT_NE(read.error().message.find(missing.string()), std::string::npos);
  const auto written = write_file_durably(missing, "x");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::not_found);
  EXPECT_EQ(read_file(folder.path()).error().kind, ErrorKind::invalid_input);  // a folder
  ASSERT_TRUE(make_folder(folder.path() / "d"));
  EXPECT_FALSE(write_file_durably(folder.path() / "d", "x"));
  EXPECT_EQ(entries(folder.path()), 1U) << "a scratch file was left behind";
}

TEST(File, TooLargeIsExhausted) {
  const ScratchFolder folder;
  const fs::path file = folder.path() / "a";
  ASSERT_TRUE(write_file_durably(file, "12345"));
  EXPECT_TRUE(read_file(file, 5));
  EXPECT_EQ(read_file(file, 4).error().kind, ErrorKind::exhausted);
}

// In a child, because the limit is the process's own.
TEST(File, AWriteThatRunsOutOfRoomLeavesTheOldFileAndNoScratch) {
  const ScratchFolder folder;
  const fs::path file = folder.path() / "a";
  ASSERT_TRUE(write_file_durably(file, "old"));
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto written = write_file_durably(file, std::string(100'000, 'x'));
    ::_exit(!written && written.error().kind == ErrorKind::exhausted ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(read_file(file).value(), "old");
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(File, FoldersAreMadeWithTheirParents) {
  const ScratchFolder folder;
  const fs::path deep = folder.path() / "a" / "b" / "c";
  ASSERT_TRUE(make_folder(deep, 0700));
  ASSERT_TRUE(make_folder(deep, 0700));  // again
  EXPECT_TRUE(fs::is_directory(deep));
  struct stat status {};
  ASSERT_EQ(::stat(deep.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  ASSERT_TRUE(write_file_durably(folder.path() / "file", "x"));
  EXPECT_EQ(make_folder(folder.path() / "file").error().kind, ErrorKind::not_found);
  EXPECT_FALSE(make_folder(folder.path() / "file" / "below"));
  EXPECT_FALSE(make_folder(""));
}

TEST(FileHandle, ClosesWhatItHolds) {
  const auto open_null = [] { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); };
  const auto is_open = [](int fd) { return ::fcntl(fd, F_GETFD) != -1; };
  const int first = open_null();
  {
    FileHandle handle(first);
    EXPECT_TRUE(handle.valid());
    FileHandle taken(std::move(handle));
    EXPECT_FALSE(handle.valid());  // NOLINT: that is the point
    EXPECT_EQ(taken.get(), first);
    EXPECT_TRUE(is_open(first));
  }
  EXPECT_FALSE(is_open(first));
  const int second = open_null();
  FileHandle handle(second);
  handle = FileHandle(open_null());
  const int third = handle.get();
  EXPECT_TRUE(is_open(third));
  if (third != second) EXPECT_FALSE(is_open(second));
  EXPECT_EQ(handle.release(), third);
  EXPECT_TRUE(is_open(third));
  ::close(third);
}

}  // namespace
}  // namespace mend
