// Knowledge as text: cases as NDJSON, runbooks as Markdown. Pure.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "model/knowledge.h"

namespace mend {

// Cases as one JSON object a line. invalid_input names file, line and field.
Result<std::vector<Case>> parse_cases(std::string_view ndjson, std::string_view file_name);

// A Markdown runbook with YAML front matter (id, title, error_types, platforms, strategies), cut at its "## " headings.
// invalid_input names file, line where it can, and key.
Result<std::vector<RunbookPassage>> parse_runbook(std::string_view markdown, std::string_view file_name);
// The same as a whole.
Result<Runbook> runbook_of(std::string_view markdown, std::string_view file_name);

// One line of what `knowledge export` writes and `knowledge import` reads: a case, or a runbook as {"runbook": "---\nid: ..."}.
// A case without an id gets kUnnamed, to be named by name_by_content. invalid_input names the field; unknown fields are refused.
using KnowledgeItem = std::variant<Case, Runbook>;
Result<KnowledgeItem> parse_knowledge_line(std::string_view line);
std::string knowledge_line(const KnowledgeItem& item);  // without a line end

inline constexpr std::string_view kUnnamed = "unnamed";
// Gives the case an id made from everything else in it, so that importing it twice changes nothing. Only after redaction: a hash of a
// short secret gives it away.
void name_by_content(Case& past);

}  // namespace mend
