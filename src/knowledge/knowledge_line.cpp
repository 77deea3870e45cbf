#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/text.h"
#include "knowledge/parse.h"
#include "model/json.h"

namespace mend {
namespace {

namespace js = boost::json;

constexpr std::string_view kFields[] = {"id",
                                        "job_id",
                                        "platform",
                                        "error_message",
                                        "error_type",
                                        "cause",
                                        "resolution_strategy",
                                        "resolution",
                                        "success",
                                        "resolution_time_minutes",
                                        "business_impact",
                                        "recorded_at"};

Result<void> check_fields(const js::object& object) {
  for (const auto& field : object) {
    const std::string_view name = field.key();
    if (std::ranges::find(kFields, name) != std::end(kFields)) continue;
    const std::string_view near = nearest(name, kFields);
    return fail(ErrorKind::invalid_input,
                fmt::format("no field '{}' is known{}", name, near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
  }
  return {};
}

}  // namespace

Result<Runbook> runbook_of(std::string_view markdown, std::string_view file_name) {
  MEND_TRY(const auto passages, parse_runbook(markdown, file_name));
  return Runbook{passages.front().runbook, passages.front().title, std::string(markdown)};
}

Result<KnowledgeItem> parse_knowledge_line(std::string_view line) {
  if (!is_valid_utf8(line)) return fail(ErrorKind::invalid_input, "not valid UTF-8");
  MEND_TRY(js::value json, parse_json(line));
  if (!json.is_object()) return fail(ErrorKind::invalid_input, "not a JSON object");
  js::object& object = json.get_object();
  if (const auto* text = object.if_contains("runbook")) {
    if (!text->is_string()) return fail(ErrorKind::invalid_input, "field 'runbook' is not a string");
    if (object.size() > 1) return fail(ErrorKind::invalid_input, "beside 'runbook' there may be no other field");
    MEND_TRY(Runbook runbook, runbook_of(text->get_string(), "runbook"));
    return runbook;
  }
  MEND_CHECK(check_fields(object));
  if (const auto* id = object.if_contains("id"); !id || id->is_null()) object["id"] = kUnnamed;
  MEND_TRY(Case past, case_from_json(json));
  if (!(past.resolution_time_minutes >= 0)) return fail(ErrorKind::invalid_input, "field 'resolution_time_minutes' is negative");
  return past;
}

void name_by_content(Case& past) {
  past.id = CaseId();
  constexpr std::size_t kBytes = 16;
  past.id = CaseId("imported-" + blake2b_hex(to_line(to_json(past)), kBytes));
}

std::string knowledge_line(const KnowledgeItem& item) {
  if (const auto* past = std::get_if<Case>(&item)) return to_line(to_json(*past));
  return to_line(js::object{{"runbook", std::get<Runbook>(item).text}});
}

}  // namespace mend
