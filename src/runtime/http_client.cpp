#include "runtime/http_client.h"

#include <memory>

#include <curl/curl.h>
#include <fmt/format.h>

#include "base/text.h"
#include "runtime/http_exchange.h"

namespace mend {
namespace {

struct UrlClose {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

struct Address {
  std::string scheme, host, port, path;
  bool same_host(const Address& other) const { return scheme == other.scheme && host == other.host && port == other.port; }
};

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK || text == nullptr) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

std::optional<Address> parse(std::string_view text) {
  const std::unique_ptr<CURLU, UrlClose> url(curl_url());
  if (!url || curl_url_set(url.get(), CURLUPART_URL, std::string(text).c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) return std::nullopt;
  return Address{lower_ascii(part_of(url.get(), CURLUPART_SCHEME)), lower_ascii(part_of(url.get(), CURLUPART_HOST)),
                 part_of(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT), part_of(url.get(), CURLUPART_PATH)};
}

bool is_web(const Address& address) { return address.scheme == "http" || address.scheme == "https"; }

bool is_redirect(int status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

}  // namespace

std::optional<std::string_view> HttpResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return std::nullopt;
}

HttpClient::HttpClient() { curl_global_init(CURL_GLOBAL_DEFAULT); }
HttpClient::~HttpClient() { curl_global_cleanup(); }

std::string url_for_people(std::string_view url) {
  const auto address = parse(url);
  if (!address || address->host.empty()) return "(unreadable address)";
  const bool usual = (address->scheme == "http" && address->port == "80") || (address->scheme == "https" && address->port == "443");
  const bool with_port = !usual && !address->port.empty();
  return to_valid_utf8(
      fmt::format("{}://{}{}{}{}", address->scheme, address->host, with_port ? ":" : "", with_port ? address->port : "", address->path));
}

Result<HttpResponse> HttpClient::send(const HttpRequest& request, CallContext& call) const {
  const auto what = [](const HttpRequest& current) {
    return fmt::format("{} {}", to_valid_utf8(cut_utf8(current.method, 20)), url_for_people(current.url));
  };
  CallContext limited = call.within(request.timeout, "http");
  HttpRequest current = request;
  for (int redirects = 0;; ++redirects) {
    const auto here = parse(current.url);
    if (!here || !is_web(*here)) return fail(ErrorKind::invalid_input, what(current) + ": the address is not one of http:// or https://");
    auto done = exchange(current, limited);
    if (!done) return std::unexpected(done.error().in(what(current)));
    const bool follow = (request.method == "GET" || request.method == "HEAD") && request.most_redirects > 0;
    if (!follow || !is_redirect(done->response.status) || done->redirect_url.empty()) return std::move(done->response);
    if (redirects == request.most_redirects)
      return fail(ErrorKind::unavailable, fmt::format("{}: redirected more than {} times", what(request), request.most_redirects));
    const auto next = parse(done->redirect_url);
    if (!next || !is_web(*next) || (here->scheme == "https" && next->scheme != "https"))
      return fail(ErrorKind::unavailable, fmt::format("{}: redirected to an address that is not followed: {}", what(current),
                                                      url_for_people(done->redirect_url)));
    if (!here->same_host(*next)) current.headers.clear();
    current.url = std::move(done->redirect_url);
  }
}

}  // namespace mend
