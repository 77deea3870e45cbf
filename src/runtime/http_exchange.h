// One request and its answer on libcurl, without redirects; used by http_client.cpp only.
#pragma once

#include <string>

#include "runtime/http_client.h"

namespace mend {

struct HttpExchange {
  HttpResponse response;
  std::string redirect_url;  // where the answer sends to, absolute; empty when it does not
};

Result<HttpExchange> exchange(const HttpRequest& request, CallContext& call);

}  // namespace mend
