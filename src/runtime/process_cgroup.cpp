#include "runtime/process_cgroup.h"

#include <cerrno>
#include <charconv>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "runtime/process.h"

namespace mend {
namespace {

constexpr std::size_t kSmallFile = 1U << 20U;

std::string content_of(const std::string& path) { return read_file(path, kSmallFile).value_or(std::string{}); }

bool put(const std::string& path, std::string_view text) {
  const FileHandle file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return file.valid() && ::write(file.get(), text.data(), text.size()) == ssize_t(text.size());
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> found;
  while (!text.empty()) {
    const auto end = text.find_first_of(" \n\t");
    if (end != 0) found.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return found;
}

bool has_word(std::string_view text, std::string_view word) {
  for (const auto found : words(text))
    if (found == word) return true;
  return false;
}

// The number after `key` in "key 12" lines, or the whole text where `key` is empty.
std::optional<std::uint64_t> number_in(std::string_view text, std::string_view key) {
  for (const auto line : split_lines(text)) {
    const auto parts = words(line);
    if (parts.empty() || (!key.empty() && (parts.size() < 2 || parts[0] != key))) continue;
    const auto digits = parts[key.empty() ? 0 : 1];
    std::uint64_t value = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ec == std::errc{}) return value;
  }
  return std::nullopt;
}

// The folder of our own group in the v2 hierarchy, empty when none is mounted; `mount` is where the hierarchy begins.
std::string own_group(std::string& mount) {
  std::string root;
  const std::string mounts = content_of("/proc/self/mountinfo");
  for (const auto line : split_lines(mounts)) {
    const auto dash = line.find(" - cgroup2 ");
    if (dash == std::string_view::npos) continue;
    const auto parts = words(line.substr(0, dash));
    if (parts.size() < 5) continue;
    root = parts[3];
    mount = parts[4];
  }
  const std::string groups = content_of("/proc/self/cgroup");
  for (const auto line : split_lines(groups)) {
    if (mount.empty() || !line.starts_with("0::")) continue;
    std::string_view path = line.substr(3);
    if (root != "/" && path.starts_with(root)) path.remove_prefix(root.size());
    return path == "/" ? mount : mount + std::string(path);
  }
  return {};
}

std::vector<std::string> possible_parents() {
  std::string mount;
  const std::string own = own_group(mount);
  if (own.empty()) return {};
  std::vector<std::string> parents{own};
  // A group that holds processes cannot hand controllers to groups below it; the one above us can, where it is ours.
  if (own.size() > mount.size()) parents.push_back(own.substr(0, own.rfind('/')));
  return parents;
}

bool make_leaf_folder(const std::string& folder) {
  if (::mkdir(folder.c_str(), 0755) == 0) return true;
  // Left by a process of the same number that was killed.
  return errno == EEXIST && ::rmdir(folder.c_str()) == 0 && ::mkdir(folder.c_str(), 0755) == 0;
}

}  // namespace

std::optional<CgroupLeaf> CgroupLeaf::make(std::string_view name, std::optional<std::uint64_t> memory_bytes) {
  std::optional<CgroupLeaf> best;
  for (const auto& parent : possible_parents()) {
    if (memory_bytes && has_word(content_of(parent + "/cgroup.controllers"), "memory") &&
        !has_word(content_of(parent + "/cgroup.subtree_control"), "memory"))
      put(parent + "/cgroup.subtree_control", "+memory");
    const std::string folder = fmt::format("{}/mendline-{}", parent, name);
    if (!make_leaf_folder(folder)) continue;
    CgroupLeaf leaf(folder);
    if (::access((folder + "/cgroup.kill").c_str(), W_OK) != 0) continue;
    if (memory_bytes && put(folder + "/memory.max", std::to_string(*memory_bytes))) {
      put(folder + "/memory.swap.max", "0");   // else the limit only makes it slow
      put(folder + "/memory.oom.group", "1");  // else one process goes and the others wait for it
      leaf.limits_memory_ = true;
    }
    if (!memory_bytes || leaf.limits_memory_) return leaf;
    if (!best) best.emplace(std::move(leaf));
  }
  return best;
}

CgroupLeaf::CgroupLeaf(CgroupLeaf&& other) noexcept
    : folder_(std::exchange(other.folder_, {})), limits_memory_(other.limits_memory_) {}

CgroupLeaf::~CgroupLeaf() {
  if (folder_.empty()) return;
  for (int attempt = 0; attempt < 400; ++attempt) {
    if (::rmdir(folder_.c_str()) == 0 || errno != EBUSY) return;
    if (attempt % 50 == 0) kill_all();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

bool CgroupLeaf::add(pid_t pid) const { return put(folder_ + "/cgroup.procs", std::to_string(pid)); }

void CgroupLeaf::kill_all() const { put(folder_ + "/cgroup.kill", "1"); }

CgroupLeaf::Usage CgroupLeaf::usage() const {
  Usage usage;
  if (const auto cpu = number_in(content_of(folder_ + "/cpu.stat"), "usage_usec")) usage.cpu_time = Duration(std::int64_t(*cpu));
  if (!limits_memory_) return usage;
  usage.peak_memory_bytes = number_in(content_of(folder_ + "/memory.peak"), "");
  if (const auto kills = number_in(content_of(folder_ + "/memory.events"), "oom_kill")) usage.oom_killed = *kills > 0;
  return usage;
}

bool memory_cgroup_available() {
  const auto leaf = CgroupLeaf::make(fmt::format("probe-{}", ::gettid()), std::uint64_t{64} << 20U);
  return leaf && leaf->limits_memory();
}

}  // namespace mend
