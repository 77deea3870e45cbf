#include <boost/json.hpp>
#include <cmath>

#include <fmt/format.h>

#include "model/json.h"

namespace mend {
namespace {

namespace js = boost::json;

void write(std::string& out, const js::value& json, int indent, bool pretty) {
  const auto new_line = [&](int depth) {
    if (pretty) {
      out += '\n';
      out.append(std::size_t(depth) * 2, ' ');
    }
  };
  switch (json.kind()) {
    case js::kind::double_: {
      const double number = json.get_double();
      out += std::isfinite(number) ? fmt::format("{}", number) : std::string("null");  // JSON has no NaN
      break;
    }
    case js::kind::array: {
      const auto& array = json.get_array();
      out += '[';
      bool first = true;
      for (const auto& item : array) {
        if (!first) out += ',';
        first = false;
        new_line(indent + 1);
        write(out, item, indent + 1, pretty);
      }
      if (!array.empty()) new_line(indent);
      out += ']';
      break;
    }
    case js::kind::object: {
      const auto& object = json.get_object();
      out += '{';
      bool first = true;
      for (const auto& [key, value] : object) {
        if (!first) out += ',';
        first = false;
        new_line(indent + 1);
        out += js::serialize(js::string_view(key));
        out += pretty ? ": " : ":";
        write(out, value, indent + 1, pretty);
      }
      if (!object.empty()) new_line(indent);
      out += '}';
      break;
    }
    default: out += js::serialize(json);
  }
}

}  // namespace

std::string to_line(const js::value& json) {
  std::string out;
  write(out, json, 0, false);
  return out;
}

std::string to_pretty(const js::value& json) {
  std::string out;
  write(out, json, 0, true);
  return out;
}

Result<js::value> parse_json(std::string_view text) {
  js::parse_options options;
  options.max_depth = 64;
  boost::system::error_code error;
  js::value parsed = js::parse(js::string_view(text.data(), text.size()), error, {}, options);
  if (error) return fail(ErrorKind::invalid_input, "not valid JSON: " + error.message());
  return parsed;
}

}  // namespace mend
