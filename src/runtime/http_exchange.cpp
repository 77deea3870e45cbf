#include "runtime/http_exchange.h"

#include <algorithm>
#include <memory>
#include <stop_token>

#include <curl/curl.h>
#include <fmt/format.h>

#include "base/text.h"
#include "runtime/process_signals.h"

namespace mend {
namespace {

constexpr std::size_t kMostHeaderBytes = 256U * 1024;

struct EasyClose {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct MultiClose {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct ListFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, EasyClose>;
using Multi = std::unique_ptr<CURLM, MultiClose>;
using HeaderList = std::unique_ptr<curl_slist, ListFree>;

// Takes its easy handle out again before either goes.
class InMulti {
 public:
  InMulti(CURLM* multi, CURL* easy) : multi_(multi), easy_(easy) { curl_multi_add_handle(multi_, easy_); }
  ~InMulti() { curl_multi_remove_handle(multi_, easy_); }
  InMulti(const InMulti&) = delete;
  InMulti& operator=(const InMulti&) = delete;

 private:
  CURLM* multi_;
  CURL* easy_;
};

struct Received {
  HttpResponse response;
  std::size_t most_bytes = 0, header_bytes = 0;
  std::string too_large;  // what was, and than what
};

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& received = *static_cast<Received*>(self);
  const std::size_t bytes = size * count;
  if (received.response.body.size() + bytes > received.most_bytes) {
    received.too_large = fmt::format("the answer is larger than {} bytes", received.most_bytes);
    return 0;
  }
  received.response.body.append(data, bytes);
  return bytes;
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& received = *static_cast<Received*>(self);
  const std::size_t bytes = size * count;
  received.header_bytes += bytes;
  if (received.header_bytes > kMostHeaderBytes) {
    received.too_large = fmt::format("the answer's headers are larger than {} bytes", kMostHeaderBytes);
    return 0;
  }
  const std::string_view line(data, bytes);
  if (line.starts_with("HTTP/")) received.response.headers.clear();  // an interim answer (100, a proxy's 200) came before
  if (const auto colon = line.find(':'); colon != std::string_view::npos && !line.starts_with("HTTP/"))
    received.response.headers.emplace_back(lower_ascii(trim(line.substr(0, colon))), std::string(trim(line.substr(colon + 1))));
  return bytes;
}

bool is_token(std::string_view text) {  // RFC 9110: names of methods and headers
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").contains(c);
  });
}

Result<HeaderList> header_list(const HttpRequest& request) {
  HeaderList list;
  const auto add = [&](const std::string& line) {
    if (curl_slist* longer = curl_slist_append(list.get(), line.c_str()); longer != nullptr) {
      list.release();
      list.reset(longer);
    }
  };
  add("Expect:");  // no extra round trip before a body
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name) || value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      return fail(ErrorKind::invalid_input, fmt::format("HTTP header '{}': its name or value holds what may not stand there",
                                                        to_valid_utf8(cut_utf8(name, 40))));
    add(trim(value).empty() ? name + ";" : name + ": " + value);
  }
  return list;
}

void set_method(CURL* easy, const HttpRequest& request) {
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH") {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
  } else if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  }
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

ErrorKind kind_of(CURLcode code) {
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT: return ErrorKind::invalid_input;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH: return ErrorKind::permission;
    case CURLE_OPERATION_TIMEDOUT: return ErrorKind::timed_out;
    case CURLE_OUT_OF_MEMORY: return ErrorKind::exhausted;
    case CURLE_FAILED_INIT:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_UNKNOWN_OPTION: return ErrorKind::internal;
    default: return ErrorKind::unavailable;
  }
}

// Lets libcurl work until the exchange is done; a stop of the call ends it at once.
Result<CURLcode> perform(CURLM* multi, CallContext& call) {
  const std::stop_callback wake(call.stop(), [multi] { curl_multi_wakeup(multi); });
  for (;;) {
    MEND_CHECK(call.check());
    int running = 0;
    if (const CURLMcode code = curl_multi_perform(multi, &running); code != CURLM_OK)
      return fail(ErrorKind::internal, curl_multi_strerror(code));
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left))
      if (message->msg == CURLMSG_DONE) return message->data.result;
    curl_multi_poll(multi, nullptr, 0, 250, nullptr);
  }
}

}  // namespace

Result<HttpExchange> exchange(const HttpRequest& request, CallContext& call) {
  const SigpipeBlock no_sigpipe;
  const Easy easy(curl_easy_init());
  const Multi multi(curl_multi_init());
  if (!easy || !multi) return fail(ErrorKind::exhausted, "no memory for an HTTP request");
  if (!is_token(request.method)) return fail(ErrorKind::invalid_input, "the HTTP method is no word");
  if (request.url.find('\0') != std::string::npos) return fail(ErrorKind::invalid_input, "the address holds a NUL byte");
  MEND_TRY(const HeaderList headers, header_list(request));

  Received received;
  received.most_bytes = request.most_response_bytes;
  char why[CURL_ERROR_SIZE] = "";
  const auto limit = std::max<std::int64_t>(std::chrono::ceil<std::chrono::milliseconds>(call.left(request.timeout)).count(), 1);
  CURL* const handle = easy.get();
  curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, long(limit));
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, long(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "mendline");
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, why);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &received);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &on_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &received);
  set_method(handle, request);

  const InMulti in_multi(multi.get(), handle);
  MEND_TRY(const CURLcode code, perform(multi.get(), call));
  if (!received.too_large.empty()) return fail(ErrorKind::exhausted, received.too_large);
  if (code != CURLE_OK) return fail(kind_of(code), to_valid_utf8(why[0] != '\0' ? why : curl_easy_strerror(code)));

  HttpExchange done;
  long status = 0;
  char* location = nullptr;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(handle, CURLINFO_REDIRECT_URL, &location);
  done.response = std::move(received.response);
  done.response.status = int(status);
  if (location != nullptr) done.redirect_url = location;
  return done;
}

}  // namespace mend
