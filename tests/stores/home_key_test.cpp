#include "stores/home_key.h"

#include <sys/stat.h>

#include <chrono>

#include "base/text.h"
#include "stores/home_fixture.h"

namespace mend {
namespace {

class HomeKey : public SqliteHome {
 protected:
  std::filesystem::path file() const { return home() / "key"; }
  Result<SecretKey> load(const KeySource& source = {}) { return load_home_key(home(), source); }
  static KeySource by_command(std::string command, Duration limit = std::chrono::seconds{20}) {
    KeySource source;
    source.command = std::move(command);
    source.command_limit = limit;
    return source;
  }
  static unsigned mode_of(const std::filesystem::path& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0U;
  }
};

TEST_F(HomeKey, IsMadeOnceAndReadAgain) {
  const mode_t before = ::umask(0);
  const auto first = load();
  ::umask(before);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(mode_of(file()), 0600U);
  EXPECT_EQ(mode_of(home()), 0700U);
  EXPECT_EQ(read_file(file()).value(), hex(*first) + "\n");
  EXPECT_EQ(load().value(), *first);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(home()), {}), 1) << "scratch files are left";
}

TEST_F(HomeKey, DiffersBetweenHomes) {
  const auto other = load_home_key(folder_.path() / "other", {});
  EXPECT_NE(load().value(), other.value());
}

TEST_F(HomeKey, ProcessesThatStartTogetherAgree) {
  constexpr int kProcesses = 8;
  int start[2];
  ASSERT_EQ(::pipe(start), 0);
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      char go = 0;
      ::close(start[1]);
      (void)!::read(start[0], &go, 1);  // returns when the parent closes its end: all at the same time
      const auto key = load();
      const auto written = key ? write_file_durably(folder_.path() / std::to_string(i), hex(*key)) : Result<void>{};
      ::_exit(key && written ? 0 : 1);
    }
    children.push_back(child);
  }
  ::close(start[0]);
  ::close(start[1]);
  for (const pid_t child : children) {
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  const std::string key = hex(load().value());
  for (int i = 0; i < kProcesses; ++i) EXPECT_EQ(read_file(folder_.path() / std::to_string(i)).value(), key);
}

TEST_F(HomeKey, AFileThatOthersMayReadIsRefused) {
  ASSERT_TRUE(load());
  for (const mode_t mode : {0640, 0604, 0660, 0601}) {
    ASSERT_EQ(::chmod(file().c_str(), mode), 0);
    const auto key = load();
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().kind, ErrorKind::permission);
    EXPECT_NE(key.error().message.find("chmod 600 " + file().string()), std::string::npos) << key.error().message;
  }
  ASSERT_EQ(::chmod(file().c_str(), 0400), 0);
  EXPECT_TRUE(load());
}

TEST_F(HomeKey, ADatabaseWhoseKeyFileIsMissingIsNeverGivenANewKey) {
  const auto key = load();
  SqliteStoreOptions with = options();
  with.home_key = *key;
  open(with).reset();
  std::filesystem::remove(file());
  const auto again = load();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::not_found);
  EXPECT_NE(again.error().message.find(database().string()), std::string::npos);
  EXPECT_NE(again.error().message.find(file().string()), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(file()));
  KeySource source;
  source.value = hex(*key);  // but the key may come from elsewhere
  EXPECT_EQ(load(source).value(), *key);
}

TEST_F(HomeKey, TextThatIsNoKeyIsRefusedAndNotRepeated) {
  ASSERT_TRUE(make_folder(home()));
  for (const std::string& text : {std::string(), std::string("secret-secret"), std::string(63, 'a'), std::string(65, 'a'),
                                  std::string(64, 'g'), std::string(62, 'a') + " b"}) {
    ASSERT_TRUE(write_file_durably(file(), text));
    const auto from_file = load();
    ASSERT_FALSE(from_file) << text;
    EXPECT_EQ(from_file.error().kind, ErrorKind::invalid_input);
    KeySource source;
    source.value = text;
    const auto from_value = load(source);
    ASSERT_FALSE(from_value) << text;
    if (!text.empty()) EXPECT_EQ(from_value.error().message.find(text), std::string::npos);
  }
}

TEST_F(HomeKey, TheEnvironmentIsReadAndComesFirst) {
  ::unsetenv("MENDLINE_KEY_COMMAND");
  ::setenv("MENDLINE_KEY", "", 1);
  EXPECT_FALSE(key_source_from_environment().value);
  ::setenv("MENDLINE_KEY", std::string(64, 'A').c_str(), 1);
  ::setenv("MENDLINE_KEY_COMMAND", "exit 1", 1);
  const KeySource source = key_source_from_environment();
  ::unsetenv("MENDLINE_KEY");
  ::unsetenv("MENDLINE_KEY_COMMAND");
  EXPECT_EQ(source.command, "exit 1");
  EXPECT_EQ(load(source).value(), test_key(0xaa));
  EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(HomeKey, ACommandMayPrintIt) {
  EXPECT_EQ(load(by_command("printf %064d 0 | tr 0 7; echo")).value(), test_key(0x77));
  EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(HomeKey, ACommandThatFailsIsAnErrorThatSaysSo) {
  const auto failed = load(by_command("printf %064d 0; exit 3"));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::unavailable);
  EXPECT_NE(failed.error().message.find("exit code 3"), std::string::npos) << failed.error().message;
  const auto killed = load(by_command("kill -9 $$"));
  ASSERT_FALSE(killed);
  EXPECT_NE(killed.error().message.find("signal 9"), std::string::npos) << killed.error().message;
  const auto chatty = load(by_command("head -c 100000 /dev/zero"));
  ASSERT_FALSE(chatty);
  EXPECT_EQ(chatty.error().kind, ErrorKind::invalid_input);
}

TEST_F(HomeKey, ACommandThatDoesNotEndIsKilledWithItsChildren) {
  const auto mark = folder_.path() / "children";
  // The second one closed its output already, which must not end the waiting for it either.
  for (const char* const command : {"sleep 600 & echo $! >$MARK; wait", "sleep 600 >&- & echo $! >$MARK; exec >&-; wait"}) {
    ::setenv("MARK", mark.c_str(), 1);
    const auto slow = load(by_command(command, std::chrono::milliseconds{700}));
    ::unsetenv("MARK");
    ASSERT_FALSE(slow);
    EXPECT_EQ(slow.error().kind, ErrorKind::timed_out) << slow.error().message;
    const int child = std::stoi(read_file(mark).value());
    // Killed, though perhaps not yet reaped by whoever adopted it.
    std::string state = "gone";
    for (int i = 0; i < 2000 && state != "Z"; ++i) {
      const auto status = read_file("/proc/" + std::to_string(child) + "/stat");
      if (!status) {
        state = "Z";
        break;
      }
      state = status->substr(status->rfind(')') + 2, 1);
      ::usleep(1000);
    }
    EXPECT_EQ(state, "Z");
  }
}

}  // namespace
}  // namespace mend
