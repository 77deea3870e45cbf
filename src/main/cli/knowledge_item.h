// What the knowledge commands share: items checked and redacted before they are stored, and their audit record.
#pragma once

#include <string>
#include <string_view>

#include "knowledge/parse.h"
#include "main/app_context.h"
#include "model/audit.h"
#include "remediate/registry.h"

namespace mend {

// invalid_input names the value and what it may be.
Result<ErrorType> error_type_named(std::string_view name);
Result<void> check_case(const Case& past, const StrategyRegistry& registry);

// Secrets and personal data taken out of every text; a case whose id held some, or that has none, is named by its content. invalid_input
// when a runbook cannot be read any more then.
Result<KnowledgeItem> redacted_item(const Redactor& redactor, KnowledgeItem item);
std::string id_of(const KnowledgeItem& item);

AuditRecord knowledge_audit(const AppContext& app, std::string action, std::string detail);

}  // namespace mend
