#include "diagnose/variations.h"

#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"

namespace mend {
namespace {

template <std::size_t N>
std::string_view pick(const std::array<std::string_view, N>& from, Random& random) {
  return from[random.next() % N];
}

std::string stamp(Random& random) {
  return fmt::format("20{:02}-{:02}-{:02} {:02}:{:02}:{:02}", 19 + random.next() % 8, 1 + random.next() % 12, 1 + random.next() % 28,
                     random.next() % 24, random.next() % 60, random.next() % 60);
}

constexpr std::array<std::string_view, 8> kHealthy = {
    "INFO  - starting step 2 of 5", "INFO scheduler heartbeat ok", "[info] loaded 1200 rows from stage", "INFO - Running on worker-3",
    "DEBUG poll finished in 12 ms", "INFO Task accepted by pool default", "INFO  - next batch of 500", "[debug] using profile default"};

constexpr std::array<std::string_view, 6> kWrappers = {
    "Task failed with exception", "Job exited with a failure", "Step 3 did not complete", "ERROR - run ended unsuccessfully",
    "the pipeline stopped here:", "command returned non-zero exit status 1"};

}  // namespace

std::string with_log_prefixes(std::string_view message, Random& random) {
  std::string out;
  const auto form = random.next() % 4;
  const std::string time = stamp(random);
  for (const auto line : split_lines(message)) {
    if (!out.empty()) out += '\n';
    switch (form) {
      case 0: out += fmt::format("[{},{:03}] {{job.py:{}}} ERROR - ", time, random.next() % 1000, random.next() % 400); break;
      case 1: out += fmt::format("{} ERROR [main] ", time); break;
      case 2: out += fmt::format("{} | ", time); break;
      default: out += fmt::format("{}Z stderr F ", time); break;
    }
    out += line;
  }
  return out;
}

std::string with_healthy_lines(std::string_view message, Random& random) {
  std::string out = fmt::format("{} {}\n", stamp(random), pick(kHealthy, random));
  out += message;
  out += fmt::format("\n{} {}", stamp(random), pick(kHealthy, random));
  return out;
}

std::string with_frames(std::string_view message, Random& random) {
  std::string out(message);
  if (random.next() % 2 == 0) {
    for (int i = 0; i < 3; ++i) out += fmt::format("\n\tat com.acme.pipeline.Stage{}.run(Stage{}.java:{})", i, i, random.next() % 500);
  } else {
    std::string front;
    for (int i = 0; i < 2; ++i) front += fmt::format("  File \"/app/steps/step_{}.py\", line {}, in run\n    step()\n", i, random.next() % 500);
    out = front + out;
  }
  return out;
}

std::string without_beginning(std::string_view message, Random& random) {
  const auto lines = split_lines(message);
  if (lines.size() < 3) return std::string(message);
  const std::size_t from = 1 + random.next() % (lines.size() / 2);
  std::string out;
  for (std::size_t i = from; i < lines.size(); ++i) {
    if (!out.empty()) out += '\n';
    out += lines[i];
  }
  return out;
}

std::string json_escaped(std::string_view message) {
  return "{\"level\":\"error\",\"message\":" + boost::json::serialize(boost::json::string_view(message.data(), message.size())) + "}";
}

std::string with_colours(std::string_view message) {
  std::string out;
  for (const auto line : split_lines(message)) {
    if (!out.empty()) out += '\n';
    out += "\x1b[31m";
    out += line;
    out += "\x1b[0m";
  }
  return out;
}

std::string with_crlf(std::string_view message) {
  std::string out;
  for (const auto line : split_lines(message)) {
    out += line;
    out += "\r\n";
  }
  return out;
}

std::vector<std::string> make_variations(std::string_view message, Random& random) {
  std::vector<std::string> out;
  out.push_back(with_log_prefixes(message, random));
  out.push_back(with_healthy_lines(without_beginning(message, random), random));
  out.push_back(fmt::format("{}\n{}", pick(kWrappers, random), with_frames(message, random)));
  return out;
}

}  // namespace mend
