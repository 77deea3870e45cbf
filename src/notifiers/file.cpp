// Each notification a file of its own, for ticket systems and people that look into a folder.
#include <filesystem>

#include <date/date.h>
#include <fmt/format.h>

#include "base/file.h"
#include "notifiers/message.h"
#include "notifiers/notifiers.h"

namespace mend {
namespace {

class FileNotifier final : public Notifier {
 public:
  explicit FileNotifier(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::string_view name() const override { return "file"; }

  Result<void> notify(const Notification& notification, CallContext& call) override {
    MEND_CHECK(call.check());
    const WallTime now = call.clock().now();
    MEND_CHECK(make_folder(folder_));
    std::filesystem::path path = folder_ / fmt::format("{}-{}.json", date::format("%Y%m%dT%H%M%SZ", now), notification_name(notification));
    // Another one of the same incident and moment must not go under.
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored))
      path.replace_filename(path.stem().string() + "-" + notification_key(notification).substr(0, 8) + ".json");
    return write_file_durably(path, notification_json(notification, now), 0600);
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace

Result<std::unique_ptr<Notifier>> make_file_notifier(const NotifierOptions& options, const HttpClient&) {
  static constexpr std::string_view kKnown[] = {"folder"};
  MEND_CHECK(check_options("file", options, kKnown));
  MEND_TRY(const std::string folder, required_option("file", options, "folder"));
  return std::make_unique<FileNotifier>(folder);
}

}  // namespace mend
