// The channels by which people are told, made from settings by name.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ports/notifier.h"
#include "runtime/http_client.h"

namespace mend {

using NotifierOptions = std::map<std::string, std::string>;

// Makes the notifier of this channel. invalid_input names an unknown channel, an unknown, missing or wrong option and what there
// is. `http` must outlive it. Options:
//   file     folder (required): made when missing
//   webhook  url (required, http or https), authorization (the value of that header; secret), timeout ("10s")
Result<std::unique_ptr<Notifier>> make_notifier(std::string_view channel, const NotifierOptions& options, const HttpClient& http);
std::span<const std::string_view> notifier_channels();

#define NOTIFIER(name) Result<std::unique_ptr<Notifier>> make_##name##_notifier(const NotifierOptions& options, const HttpClient& http);
#include "notifiers/notifiers.def"
#undef NOTIFIER

}  // namespace mend
