// A real HTTP server for tests, in Python, on a port of its own choosing.
#pragma once

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "runtime/helpers.h"

namespace mend {

class WebServer {
 public:
  WebServer() : output_(make_pipe().value()), fork_([this] {
          ::dup2(output_.writer.get(), 1);
          ::execlp("python3", "python3", MEND_SOURCE_DIR "/tests/runtime/web_server.py", nullptr);
          return 127;
        }) {
    output_.writer.reset();
    std::string line;
    if (read_until(output_.reader.get(), line, "\n")) port_ = line.substr(0, line.find('\n'));
  }
  std::string url(std::string_view path) const { return fmt::format("http://127.0.0.1:{}{}", port_, path); }
  const std::string& port() const { return port_; }

 private:
  Pipe output_;
  Fork fork_;
  std::string port_;
};

}  // namespace mend
