#include "main/cli/labelled_messages.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/file.h"
#include "base/text.h"
#include "model/json.h"

namespace mend {

Result<std::vector<LabelledMessage>> read_labelled_messages(const std::string& file) {
  MEND_TRY(const std::string text, read_file(file));
  std::vector<LabelledMessage> out;
  std::size_t number = 0;
  for (const auto line : split_lines(text)) {
    ++number;
    if (trim(line).empty()) continue;
    const auto wrong = [&](std::string_view why) { return fail(ErrorKind::invalid_input, fmt::format("{}:{}: {}", file, number, why)); };
    const auto json = parse_json(line);
    if (!json || !json->is_object()) return wrong("not a JSON object");
    const auto get = [&](const char* key) {
      const auto* value = json->get_object().if_contains(key);
      return value && value->is_string() ? std::string(value->get_string()) : std::string();
    };
    LabelledMessage row;
    row.id = get("id");
    row.platform = get("platform");
    row.message = get("message");
    std::string label = get("label");
    if (label.empty()) label = get("type");  // the catalog's own corpus
    const auto type = parse_error_type(label);
    if (!type) return wrong(fmt::format("field 'label': no error type '{}'", label));
    if (row.message.empty()) return wrong("field 'message' is missing");
    row.label = *type;
    if (const std::string alternative = get("alt"); !alternative.empty()) {
      row.alternative = parse_error_type(alternative);
      if (!row.alternative) return wrong(fmt::format("field 'alt': no error type '{}'", alternative));
    }
    out.push_back(std::move(row));
  }
  if (out.empty()) return fail(ErrorKind::invalid_input, file + ": no labelled messages");
  return out;
}

}  // namespace mend
