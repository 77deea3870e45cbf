#include "runtime/http_client.h"

#include <thread>

#include <fcntl.h>

#include <gmock/gmock.h>

#include "web_server.h"

namespace mend {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Http : public testing::Test {
 protected:
  Result<HttpResponse> get(const std::string& url) { return client.send(HttpRequest{.url = url}, real.call); }
  // The kind and message of the error, or the status.
  static std::string outcome(const Result<HttpResponse>& result) {
    return result ? std::to_string(result->status) : fmt::format("{}: {}", to_string(result.error().kind), result.error().message);
  }
  RealCall real;
  WebServer server;
  HttpClient client;
};

TEST_F(Http, SendsAndReceives) {
  HttpRequest request;
  request.method = "PUT";
  request.url = server.url("/echo?a=b");
  request.headers = {{"X-Own", "yes"}, {"X-Empty", ""}};
  request.body = std::string("body\0\xff", 6);
  const auto response = client.send(request, real.call);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 200);
  EXPECT_THAT(response->body, AllOf(HasSubstr(R"("method": "PUT")"), HasSubstr(R"("x-own": "yes")"), HasSubstr(R"("x-empty": "")"),
                                    HasSubstr(R"("body": "body\u0000\u00ff")"), Not(HasSubstr("expect"))));
  EXPECT_EQ(response->header("x-twice"), "a");
  EXPECT_EQ(response->header("x-none"), std::nullopt);
}

TEST_F(Http, AnyStatusIsAnAnswer) {
  for (const int status : {200, 201, 204, 400, 404, 418, 500, 503})
    EXPECT_EQ(outcome(get(server.url(fmt::format("/status/{}", status)))), std::to_string(status));
  HttpRequest head{.method = "HEAD", .url = server.url("/bytes/1000")};
  const auto response = client.send(head, real.call);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "");
  EXPECT_EQ(response->header("content-length"), "1000");
}

TEST_F(Http, AnEmptyPostHasALength) {
  const auto response = client.send(HttpRequest{.method = "POST", .url = server.url("/echo")}, real.call);
  ASSERT_TRUE(response);
  EXPECT_THAT(response->body, HasSubstr(R"("content-length": "0")"));
}

TEST_F(Http, AnswersAreUnpackedAndBounded) {
  EXPECT_EQ(get(server.url("/gzip"))->body, "unpacked");
  HttpRequest request{.url = server.url("/bytes/2000"), .most_response_bytes = 2000};
  EXPECT_EQ(client.send(request, real.call)->body.size(), 2000U);
  request.most_response_bytes = 1999;
  EXPECT_THAT(outcome(client.send(request, real.call)), AllOf(HasSubstr("exhausted"), HasSubstr("larger than 1999 bytes")));
  EXPECT_THAT(outcome(get(server.url("/bomb"))), HasSubstr("exhausted"));
  EXPECT_THAT(outcome(get(server.url("/many-headers"))), AllOf(HasSubstr("exhausted"), HasSubstr("headers")));
}

TEST_F(Http, RedirectsAreFollowedForReadingOnlyAndBounded) {
  EXPECT_EQ(outcome(get(server.url("/to/302?/status/418"))), "418");
  EXPECT_EQ(outcome(get(server.url("/to/307?" + server.url("/status/204")))), "204");
  EXPECT_THAT(outcome(get(server.url("/loop"))), AllOf(HasSubstr("unavailable"), HasSubstr("redirected more than 5 times")));
  EXPECT_EQ(get(server.url("/count/loop"))->body, "6");
  EXPECT_EQ(outcome(client.send(HttpRequest{.method = "POST", .url = server.url("/to/307?/echo")}, real.call)), "307");
  EXPECT_EQ(outcome(client.send(HttpRequest{.url = server.url("/to/301?/echo"), .most_redirects = 0}, real.call)), "301");
  EXPECT_THAT(outcome(get(server.url("/to/302?file:///etc/passwd"))), AllOf(HasSubstr("unavailable"), HasSubstr("not followed")));
  EXPECT_THAT(outcome(get(server.url("/to/302?ftp://127.0.0.1/x"))), HasSubstr("not followed"));
}

TEST_F(Http, HeadersDoNotGoToAnotherHost) {
  HttpRequest request{.url = server.url("/to/302?/echo"), .headers = {{"X-Api-Key", "hunter2"}}};
  EXPECT_THAT(client.send(request, real.call)->body, HasSubstr("hunter2"));
  request.url = server.url(fmt::format("/to/302?http://localhost:{}/echo", server.port()));
  const auto response = client.send(request, real.call);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 200);
  EXPECT_THAT(response->body, Not(HasSubstr("hunter2")));
}

TEST_F(Http, WhatIsWrongWithARequestIsInvalidInput) {
  for (const char* url : {"", "no address", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http://127.0.0.1:99999/", "http://a b/"})
    EXPECT_THAT(outcome(get(url)), testing::StartsWith("invalid_input")) << url;
  for (const auto& header : HttpHeaders{{"X", "a\r\nInjected: yes"}, {"X\nY", "a"}, {"", "a"}, {"X Y", "a"}, {"X", std::string("a\0b", 3)}})
    EXPECT_THAT(outcome(client.send(HttpRequest{.url = server.url("/echo"), .headers = {header}}, real.call)),
                testing::StartsWith("invalid_input"));
  EXPECT_THAT(outcome(client.send(HttpRequest{.method = "GET /x", .url = server.url("/echo")}, real.call)),
              testing::StartsWith("invalid_input"));
}

TEST_F(Http, NobodyThereIsUnavailable) {
  std::string closed;
  {
    const WebServer gone;
    closed = gone.url("/x");
  }
  EXPECT_THAT(outcome(get(closed)), testing::StartsWith("unavailable"));
  EXPECT_THAT(outcome(get("http://no-such-host.invalid/x")), AllOf(testing::StartsWith("unavailable"), HasSubstr("no-such-host.invalid")));
  EXPECT_THAT(outcome(get(server.url("/broken"))), testing::StartsWith("unavailable"));
}

TEST_F(Http, SecretsOfAnAddressAreNotInMessages) {
  const auto result = get("http://user:hunter2@no-such-host.invalid/path?token=hunter3#hunter4");
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message,
              AllOf(HasSubstr("http://no-such-host.invalid/path"), Not(HasSubstr("hunter")), Not(HasSubstr("user"))));
  EXPECT_EQ(url_for_people("https://u:p@Example.com:443/a/b?c=d#e"), "https://example.com/a/b");
  EXPECT_EQ(url_for_people("http://example.com:8080"), "http://example.com:8080/");
  EXPECT_EQ(url_for_people("no address at all"), "(unreadable address)");
  EXPECT_EQ(url_for_people("http://user:pass word@host/"), "(unreadable address)");
}

TEST_F(Http, TimeLimitsOfTheRequestAndOfTheCall) {
  HttpRequest request{.url = server.url("/hang"), .timeout = milliseconds{200}};
  EXPECT_THAT(outcome(client.send(request, real.call)), testing::StartsWith("timed_out"));
  request.timeout = seconds{100};
  CallContext call = real.call.within(milliseconds{200});
  EXPECT_THAT(outcome(client.send(request, call)), testing::StartsWith("timed_out"));
}

TEST_F(Http, AStopEndsTheCallAtOnce) {
  const auto begun = real.clock.steady();
  std::jthread stopper([&] {
    // Not before the request was sent: the server counts it.
    RealCall own;
    while (client.send(HttpRequest{.url = server.url("/count/hang")}, own.call).value().body == "0") std::this_thread::yield();
    real.stop.request_stop();
  });
  EXPECT_THAT(outcome(client.send(HttpRequest{.url = server.url("/hang"), .timeout = seconds{100}}, real.call)),
              testing::StartsWith("cancelled"));
  EXPECT_LT(real.clock.steady() - begun, seconds{20});
}

TEST_F(Http, AnUntrustedCertificateIsRefused) {
  const TempFolder folder;
  auto made = shell("openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost 2>/dev/null");
  made.folder = folder.path();
  const auto certificate = run_process(made, real.call);
  ASSERT_EQ(describe(certificate), "exit=0 signal=0 timed_out=0 stopped=0 forwarded=0");
  auto pipe = make_pipe().value();
  const std::string script =
      "import http.server,ssl\n"
      "s = http.server.HTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)\n"
      "c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\nc.load_cert_chain('cert.pem', 'key.pem')\n"
      "s.socket = c.wrap_socket(s.socket, server_side=True)\nprint(s.server_address[1], flush=True)\ns.serve_forever()\n";
  const Fork tls([&] {
    ::dup2(pipe.writer.get(), 1);
    ::dup2(::open("/dev/null", O_WRONLY), 2);
    if (::chdir(folder.path().c_str()) != 0) return 126;
    ::execlp("python3", "python3", "-c", script.c_str(), nullptr);
    return 127;
  });
  std::string port;
  ASSERT_TRUE(read_until(pipe.reader.get(), port, "\n"));
  EXPECT_THAT(outcome(get(fmt::format("https://localhost:{}/", std::stoi(port)))), testing::StartsWith("permission"));
}

TEST_F(Http, SeveralThreadsAtATime) {
  std::atomic<int> good{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        RealCall own;
        for (int i = 0; i < 10; ++i)
          if (client.send(HttpRequest{.url = server.url("/bytes/10000")}, own.call).value_or(HttpResponse{}).body.size() == 10000) ++good;
      });
  }
  EXPECT_EQ(good, 40);
}

}  // namespace
}  // namespace mend
