#include "notifiers/notifiers.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "model/json.h"
#include "runtime/web_server.h"

#include <boost/json.hpp>

namespace mend {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const Notification kNews{"job daily-load needs a person", R"({"incident":{"id":"inc-1"},"reason":"confidence 0.31"})"};

class Notifiers : public testing::Test {
 protected:
  std::unique_ptr<Notifier> made(std::string_view channel, const NotifierOptions& options) {
    auto notifier = make_notifier(channel, options, http);
    EXPECT_TRUE(notifier) << notifier.error().message;
    return notifier ? std::move(*notifier) : nullptr;
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path() / "out")) names.push_back(entry.path().filename());
    std::ranges::sort(names);
    return names;
  }
  TempFolder folder;
  HttpClient http;
  ManualClock clock{WallTime{std::chrono::seconds{1'780'000'000}}};
  StderrLog log{LogLevel::off};
  std::stop_source stop;
  CallContext call{clock, log, stop.get_token(), "notify"};
};

TEST_F(Notifiers, TheListHasWhatCanBeMade) {
  EXPECT_THAT(notifier_channels(), ElementsAre("file", "webhook"));
  const auto none = make_notifier("pigeon", {}, http);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "no notifier 'pigeon'; there are: file, webhook");
}

TEST_F(Notifiers, OptionsAreChecked) {
  const auto message = [&](std::string_view channel, const NotifierOptions& options) {
    const auto notifier = make_notifier(channel, options, http);
    return notifier ? std::string("made") : notifier.error().message;
  };
  EXPECT_EQ(message("file", {}), "notifier file: the option 'folder' is missing");
  EXPECT_EQ(message("file", {{"foldr", "/x"}}), "notifier file: no option 'foldr', did you mean 'folder'?; there are: folder");
  EXPECT_EQ(message("webhook", {}), "notifier webhook: the option 'url' is missing");
  EXPECT_THAT(message("webhook", {{"url", "ftp://x"}}), HasSubstr("must begin with http://"));
  EXPECT_THAT(message("webhook", {{"url", "http://x"}, {"timeout", "soon"}}), HasSubstr("notifier webhook: timeout"));
  EXPECT_THAT(message("webhook", {{"url", "http://x"}, {"timeout", "0s"}}), HasSubstr("more than 0"));
}

TEST_F(Notifiers, FileHoldsTheWholeContextForItsOwnerOnly) {
  const auto notifier = made("file", {{"folder", folder / "out"}});
  ASSERT_TRUE(notifier->notify(kNews, call));
  ASSERT_THAT(files(), ElementsAre("20260528T202640.000000Z-inc-1.json"));
  const std::string path = folder / "out/20260528T202640.000000Z-inc-1.json";
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const auto text = parse_json(read_file(path).value());
  ASSERT_TRUE(text);
  EXPECT_EQ(text->at("title").as_string(), "job daily-load needs a person");
  EXPECT_EQ(text->at("sent_at").as_string(), "2026-05-28T20:26:40.000000Z");
  EXPECT_EQ(text->at("context").at("incident").at("id").as_string(), "inc-1");
}

TEST_F(Notifiers, FilesOfOneMomentDoNotReplaceEachOther) {
  const auto notifier = made("file", {{"folder", folder / "out"}});
  ASSERT_TRUE(notifier->notify(kNews, call));
  ASSERT_TRUE(notifier->notify({"another", kNews.body_json}, call));
  clock.advance(std::chrono::microseconds{1});
  ASSERT_TRUE(notifier->notify(kNews, call));
  EXPECT_EQ(files().size(), 3U);
}

TEST_F(Notifiers, FileNamesComeFromSafeIdsOnly) {
  const auto notifier = made("file", {{"folder", folder / "out"}});
  ASSERT_TRUE(notifier->notify({"a", R"({"incident":"../../etc/passwd"})"}, call));
  ASSERT_TRUE(notifier->notify({"b", R"({"incident_id":"inc-2"})"}, call));
  ASSERT_TRUE(notifier->notify({"c", "not json \xff"}, call));
  ASSERT_TRUE(notifier->notify({"d", R"({"incident":{"id":17}})"}, call));
  const auto names = files();
  ASSERT_EQ(names.size(), 4U);
  for (const auto& name : names)
    EXPECT_THAT(name, testing::MatchesRegex("20260528T202640.000000Z-([0-9a-f]{16}|inc-2)\\.json"));
  int as_text = 0;
  for (const auto& name : names) {
    const auto json = parse_json(read_file(folder.path() / "out" / name).value());
    ASSERT_TRUE(json);
    as_text += json->as_object().contains("context_text") ? 1 : 0;
  }
  EXPECT_EQ(as_text, 1);
}

TEST_F(Notifiers, FileSaysWhyItCouldNotBeWritten) {
  const auto notifier = made("file", {{"folder", "/proc/nowhere"}});
  const auto told = notifier->notify(kNews, call);
  ASSERT_FALSE(told);
  EXPECT_THAT(told.error().message, HasSubstr("/proc/nowhere"));
}

class Webhook : public Notifiers {
 protected:
  Result<void> tell(const std::string& path, NotifierOptions options = {}) {
    options["url"] = server.url(path);
    return made("webhook", options)->notify(kNews, call);
  }
  boost::json::value last() {
    return parse_json(http.send(HttpRequest{.url = server.url("/last")}, call).value().body).value();
  }
  std::string count(const std::string& path) { return http.send(HttpRequest{.url = server.url("/count" + path)}, call).value().body; }
  WebServer server;
};

TEST_F(Webhook, PostsTheContext) {
  ASSERT_TRUE(tell("/status/204", {{"authorization", "Bearer t0ken"}}));
  const auto seen = last();
  EXPECT_EQ(seen.at("headers").at("content-type").as_string(), "application/json");
  EXPECT_EQ(seen.at("headers").at("authorization").as_string(), "Bearer t0ken");
  const auto body = parse_json(std::string(seen.at("body").as_string()));
  ASSERT_TRUE(body);
  EXPECT_EQ(body->at("context").at("reason").as_string(), "confidence 0.31");
  EXPECT_EQ(clock.slept(), Duration{0});
}

TEST_F(Webhook, TriesAgainWithTheSameKey) {
  ASSERT_TRUE(tell("/flaky/2/a"));
  EXPECT_EQ(count("/flaky/2/a"), "3");
  EXPECT_EQ(clock.slept(), std::chrono::seconds{1 + 2});
  const auto keys = last().at("keys").as_array();
  ASSERT_EQ(keys.size(), 3U);
  EXPECT_EQ(keys[0].as_string().size(), 32U);
  EXPECT_EQ(keys[0], keys[1]);
  EXPECT_EQ(keys[1], keys[2]);
}

TEST_F(Webhook, GivesUpAfterThreeMoreTries) {
  const auto told = tell("/status/503");
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(told.error().message, HasSubstr("answered with status 503"));
  EXPECT_EQ(count("/status/503"), "4");
  EXPECT_EQ(clock.slept(), std::chrono::seconds{1 + 2 + 4});
}

TEST_F(Webhook, ARefusalIsNotTriedAgain) {
  EXPECT_EQ(tell("/status/400").error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(tell("/status/403").error().kind, ErrorKind::permission);
  EXPECT_EQ(tell("/status/404").error().kind, ErrorKind::not_found);
  EXPECT_EQ(tell("/to/302?/echo").error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(count("/status/400"), "1");
  EXPECT_EQ(clock.slept(), Duration{0});
}

TEST_F(Webhook, NobodyThereIsTriedAgainAndTheAddressKeptSecret) {
  std::string port;
  {
    const WebServer gone;
    port = gone.port();
  }
  const auto notifier = made("webhook", {{"url", fmt::format("http://user:hunter2@127.0.0.1:{}/hook?key=hunter3", port)}});
  const auto told = notifier->notify(kNews, call);
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(told.error().message, AllOf(HasSubstr("/hook"), Not(HasSubstr("hunter"))));
  EXPECT_EQ(clock.slept(), std::chrono::seconds{7});
}

TEST_F(Webhook, TheBudgetOfRetriesIsNotOverdrawn) {
  call = call.with_retries(1);
  ASSERT_FALSE(tell("/status/500"));
  EXPECT_EQ(clock.slept(), std::chrono::seconds{1});
}

TEST_F(Webhook, TheCallsDeadlineEndsTheTries) {
  call = call.within(std::chrono::seconds{2});
  const auto told = tell("/status/500");
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().kind, ErrorKind::timed_out);
  EXPECT_THAT(told.error().message, HasSubstr("status 500"));
}

}  // namespace
}  // namespace mend
