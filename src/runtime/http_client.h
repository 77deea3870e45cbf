// Outbound HTTP and HTTPS as values: one blocking call. Proxies come from the environment (http_proxy, https_proxy, no_proxy),
// certificates from the system's trust; there is no way to switch their check off.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/call_context.h"
#include "base/result.h"

namespace mend {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "GET";
  std::string url{};                               // http or https
  HttpHeaders headers{};
  std::string body{};
  Duration timeout = std::chrono::seconds{30};     // of the whole call; the call's deadline counts too
  std::size_t most_response_bytes = 8U << 20U;     // of the body, unpacked; of the headers together 256 KiB
  int most_redirects = 5;                          // followed for GET and HEAD only: what else a redirect gets is the answer
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;                             // of the last answer; names in lower case
  std::string body;
  // The first value of the header, whose name is written in lower case.
  std::optional<std::string_view> header(std::string_view name) const;
};

// Any thread may use it, several at a time.
class HttpClient {
 public:
  HttpClient();
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Any status is an answer, not an error. Errors: invalid_input (address, method, header, a scheme other than http and https),
  // unavailable (no such host, refused, broken off, too many redirects), timed_out, cancelled at once when the call is stopped,
  // permission (the certificate is not trusted), exhausted (the answer is too large). Messages hold the address without user,
  // password, query and fragment. Redirects from https lead to https only; to another host none of the caller's headers go along.
  Result<HttpResponse> send(const HttpRequest& request, CallContext& call) const;
};

// The address for a message: without user, password, query and fragment. Text that is no address gives "(unreadable address)".
std::string url_for_people(std::string_view url);

}  // namespace mend
