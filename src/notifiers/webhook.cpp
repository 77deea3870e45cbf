// One POST a notification, tried again while the receiver is not there. The key lets a receiver drop what it got twice.
#include <array>
#include <chrono>

#include <fmt/format.h>

#include "base/text.h"
#include "base/time_text.h"
#include "notifiers/message.h"
#include "notifiers/notifiers.h"

namespace mend {
namespace {

using std::chrono::seconds;

constexpr std::array<Duration, 3> kWaits{seconds{1}, seconds{2}, seconds{4}};

class WebhookNotifier final : public Notifier {
 public:
  WebhookNotifier(HttpRequest request, const HttpClient& http) : template_(std::move(request)), http_(http) {}
  std::string_view name() const override { return "webhook"; }

  Result<void> notify(const Notification& notification, CallContext& call) override {
    HttpRequest request = template_;
    request.headers.emplace_back("Idempotency-Key", notification_key(notification));
    request.body = notification_json(notification, call.clock().now());
    for (std::size_t attempt = 0;; ++attempt) {
      auto outcome = post(request, call);
      const bool again = !outcome && (outcome.error().kind == ErrorKind::unavailable || outcome.error().kind == ErrorKind::timed_out);
      if (!again || attempt == kWaits.size() || !call.take_retry()) return outcome;
      // Not the call's own end, which the next check finds: the wait says so then.
      if (auto waited = call.sleep(kWaits[attempt]); !waited)
        return std::unexpected(waited.error().in(outcome.error().message + "; waiting to try again"));
    }
  }

 private:
  // unavailable: worth another try.
  Result<void> post(const HttpRequest& request, CallContext& call) const {
    MEND_TRY(const HttpResponse response, http_.send(request, call));
    if (response.status >= 200 && response.status < 300) return {};
    const std::string what = fmt::format("webhook {} answered with status {}", url_for_people(request.url), response.status);
    if (response.status >= 500 || response.status == 429 || response.status == 408) return fail(ErrorKind::unavailable, what);
    if (response.status == 401 || response.status == 403) return fail(ErrorKind::permission, what);
    if (response.status == 404 || response.status == 410) return fail(ErrorKind::not_found, what);
    return fail(ErrorKind::invalid_input, what);
  }

  HttpRequest template_;
  const HttpClient& http_;
};

}  // namespace

Result<std::unique_ptr<Notifier>> make_webhook_notifier(const NotifierOptions& options, const HttpClient& http) {
  static constexpr std::string_view kKnown[] = {"url", "authorization", "timeout"};
  MEND_CHECK(check_options("webhook", options, kKnown));
  HttpRequest request;
  request.method = "POST";
  request.most_response_bytes = 1U << 20U;
  request.timeout = seconds{10};
  MEND_TRY(request.url, required_option("webhook", options, "url"));
  if (!starts_with_ignoring_case(request.url, "http://") && !starts_with_ignoring_case(request.url, "https://"))
    return fail(ErrorKind::invalid_input, "notifier webhook: the option 'url' must begin with http:// or https://");
  if (const auto timeout = options.find("timeout"); timeout != options.end()) {
    auto length = parse_duration(timeout->second);
    if (!length) return std::unexpected(length.error().in("notifier webhook: timeout"));
    if (*length <= Duration{0}) return fail(ErrorKind::invalid_input, "notifier webhook: the option 'timeout' must be more than 0");
    request.timeout = *length;
  }
  request.headers.emplace_back("Content-Type", "application/json");
  if (const auto value = options.find("authorization"); value != options.end() && !value->second.empty())
    request.headers.emplace_back("Authorization", value->second);
  return std::make_unique<WebhookNotifier>(std::move(request), http);
}

}  // namespace mend
