#include "stores/home_key.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/file.h"
#include "base/text.h"
#include "stores/home.h"
#include "stores/key_command.h"

namespace mend {
namespace {

Result<SecretKey> parse_key(std::string_view text, std::string_view from) {
  text = trim(text);
  SecretKey key{};
  std::size_t size = 0;
  const char* end = nullptr;
  if (text.size() != 2 * key.size() || sodium_hex2bin(key.data(), key.size(), text.data(), text.size(), nullptr, &size, &end) != 0 ||
      size != key.size() || end != text.data() + text.size()) {
    sodium_memzero(key.data(), key.size());
    return fail(ErrorKind::invalid_input,
                fmt::format("{} does not give a key: 64 hex digits are wanted, there are {} characters", from, text.size()));
  }
  return key;
}

Result<SecretKey> parse_and_wipe(std::string& text, std::string_view from) {
  auto key = parse_key(text, from);
  sodium_memzero(text.data(), text.size());
  return key;
}

// not_found when the file is not there.
Result<SecretKey> read_key_file(const std::filesystem::path& file) {
  const FileHandle handle(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!handle.valid()) return fail_errno("reading the key file " + file.string(), errno);
  struct stat status{};
  if (::fstat(handle.get(), &status) != 0) return fail_errno("reading the key file " + file.string(), errno);
  if (!S_ISREG(status.st_mode)) return fail(ErrorKind::invalid_input, file.string() + " is not a file");
  if ((status.st_mode & 077) != 0)
    return fail(ErrorKind::permission,
                fmt::format("the key file {} may be read or changed by others (mode {:04o}); anybody who copied it can read the "
                            "store. Make it yours alone: chmod 600 {}",
                            file.string(), status.st_mode & 07777, file.string()));
  std::string text(256, '\0');
  const ssize_t count = ::read(handle.get(), text.data(), text.size());
  if (count < 0) return fail_errno("reading the key file " + file.string(), errno);
  text.resize(std::size_t(count));
  return parse_and_wipe(text, "the key file " + file.string());
}

// Written in full beside it and linked to its name: the first process to link wins, and nobody can read half a key.
Result<void> make_key_file(const HomePaths& paths) {
  std::string scratch = (paths.home / "key.new-XXXXXX").string();
  const FileHandle file(::mkostemp(scratch.data(), O_CLOEXEC));  // O_EXCL and 0600 by definition
  const auto failed = [&](int number) { return fail_errno("making the key file " + paths.key().string(), number); };
  if (!file.valid()) return failed(errno);
  SecretKey key{};
  randombytes_buf(key.data(), key.size());
  std::string text = hex(key) + "\n";
  sodium_memzero(key.data(), key.size());
  const bool written = ::write(file.get(), text.data(), text.size()) == ssize_t(text.size()) && ::fsync(file.get()) == 0;
  int problem = written ? 0 : (errno ? errno : ENOSPC);
  sodium_memzero(text.data(), text.size());
  if (written && ::link(scratch.c_str(), paths.key().c_str()) != 0 && errno != EEXIST) problem = errno;
  ::unlink(scratch.c_str());
  if (problem != 0) return failed(problem);
  return sync_folder(paths.home);
}

const char* environment(const char* name) {
  const char* const value = std::getenv(name);
  return value && *value ? value : nullptr;
}

}  // namespace

KeySource key_source_from_environment() {
  KeySource source;
  if (const char* const value = environment("MENDLINE_KEY")) source.value = value;
  if (const char* const command = environment("MENDLINE_KEY_COMMAND")) source.command = command;
  return source;
}

Result<SecretKey> load_home_key(const std::filesystem::path& home, const KeySource& source) {
  if (source.value) return parse_key(*source.value, "MENDLINE_KEY");
  if (source.command) {
    auto output = run_key_command(*source.command, source.command_limit);
    if (!output) return std::unexpected(output.error().in("MENDLINE_KEY_COMMAND"));
    return parse_and_wipe(*output, "MENDLINE_KEY_COMMAND");
  }
  const HomePaths paths(home);
  MEND_CHECK(make_home(paths));
  // The database is looked for first: whoever made it had made the key before, so a key that is missing afterwards is lost.
  MEND_TRY(const bool database, path_exists(paths.database()));
  auto key = read_key_file(paths.key());
  if (key || key.error().kind != ErrorKind::not_found) return key;
  if (database)
    return fail(ErrorKind::not_found,
                fmt::format("{} exists but its key file {} is missing: put the key file back, or set MENDLINE_KEY. Without the key "
                            "the database cannot be read; to start anew, move the database away",
                            paths.database().string(), paths.key().string()));
  MEND_CHECK(make_key_file(paths));
  return read_key_file(paths.key());
}

}  // namespace mend
