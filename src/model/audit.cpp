#include "model/audit.h"

#include <fmt/format.h>

#include "base/time_text.h"

namespace mend {

std::string canonical_text(const AuditRecord& record) {
  std::string text;
  const auto add = [&](std::string_view value) { text += fmt::format("{}:{}\n", value.size(), value); };
  add(fmt::format("{}", record.sequence));
  add(format_rfc3339(record.timestamp));
  add(record.actor);
  add(record.action);
  add(record.job_id.str());
  add(record.incident.str());
  add(record.step.str());
  add(record.error_type);
  add(record.strategy);
  add(record.confidence ? fmt::format("{}", *record.confidence) : "-");
  add(record.success ? (*record.success ? "true" : "false") : "-");
  add(record.duration ? fmt::format("{}", record.duration->count()) : "-");
  add(record.rag_enhanced ? "true" : "false");
  add(fmt::format("{}", record.similar_cases_found));
  add(record.detail);
  add(record.previous_hash);
  return text;
}

}  // namespace mend
