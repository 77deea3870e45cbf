#include "notifiers/notifiers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"

namespace mend {
namespace {

constexpr std::string_view kChannels[] = {
#define NOTIFIER(name) #name,
#include "notifiers/notifiers.def"
#undef NOTIFIER
};

}  // namespace

std::span<const std::string_view> notifier_channels() { return kChannels; }

Result<std::unique_ptr<Notifier>> make_notifier(std::string_view channel, const NotifierOptions& options, const HttpClient& http) {
#define NOTIFIER(name) \
  if (channel == #name) return make_##name##_notifier(options, http);
#include "notifiers/notifiers.def"
#undef NOTIFIER
  return fail(ErrorKind::invalid_input,
              fmt::format("no notifier '{}'; there are: {}", to_valid_utf8(cut_utf8(channel, 40)), fmt::join(kChannels, ", ")));
}

}  // namespace mend
