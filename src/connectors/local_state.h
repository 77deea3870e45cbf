// Inside the local connector: what it keeps in the state folder, and careful access to the job's own files.
#pragma once

#include <sys/types.h>

#include <boost/json/fwd.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "connectors/local.h"
#include "model/plan.h"

namespace mend {

// A path of the job's specification: relative ones start at the job's folder.
std::filesystem::path job_path(const JobSpec& job, std::string_view path);

struct FileState {
  std::string bytes;
  mode_t mode = 0;  // permission bits
  uid_t owner = 0;
  gid_t group = 0;
};

// The file's content and who it belongs to. invalid_input for a symbolic link, a folder, a device or a pipe (nothing is
// followed and nothing blocks), not_found, exhausted when larger than `most` bytes.
Result<FileState> read_regular_file(const std::filesystem::path& path, std::size_t most);

// Replaces the file's content, durably and whole, keeping `like`'s mode, owner and group. permission when the owner cannot be kept.
Result<void> replace_file(const std::filesystem::path& path, std::string_view bytes, const FileState& like);

// The folder of one job: state_folder/<job>/{limits.json,config/,undo/}. Cheap to make; not shared between threads.
class JobState {
 public:
  JobState(const LocalConnectorSettings& settings, const JobSpec& job);
  // A name that is one path component whatever the id holds, different for different ids.
  static std::string folder_name(const JobId& job);

  std::filesystem::path limits_file() const { return folder_ / "limits.json"; }
  std::filesystem::path good_copy(const std::filesystem::path& file) const;
  // Where the step keeps what it needs for its undo; `name` tells several apart.
  std::filesystem::path undo_copy(const Step& step, std::string_view name) const;

  // Sealed files; the folders are made when needed.
  Result<void> write_sealed(const std::filesystem::path& path, std::string_view plain) const;
  Result<std::string> read_sealed(const std::filesystem::path& path) const;  // not_found, corrupt
  Result<std::optional<std::string>> read_sealed_if_there(const std::filesystem::path& path) const;

  // Keeps the newest copies made for undo and removes older ones, so that the folder does not grow for ever.
  Result<void> forget_old_copies() const;

 private:
  const LocalConnectorSettings& settings_;
  std::filesystem::path folder_;
};

// Reading what capture wrote, and parameters. internal (pre-image) or invalid_input (parameter) naming what is missing.
Result<boost::json::object> pre_image_of(const Step& step);
Result<std::string> text_in(const boost::json::object& object, std::string_view name);
Result<std::string> parameter(const Step& step, std::string_view name);

}  // namespace mend
