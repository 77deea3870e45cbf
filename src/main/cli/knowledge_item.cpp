#include "main/cli/knowledge_item.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace mend {
namespace {

constexpr std::string_view kImpacts[] = {"low", "medium", "high", "critical"};

Error unknown_name(std::string_view what, std::string_view name, std::span<const std::string_view> known) {
  const std::string_view near = nearest(name, known);
  return {ErrorKind::invalid_input, near.empty() ? fmt::format("no {} '{}'; there are: {}", what, name, fmt::join(known, ", "))
                                                 : fmt::format("no {} '{}'; did you mean {}?", what, name, near)};
}

}  // namespace

Result<ErrorType> error_type_named(std::string_view name) {
  if (const auto type = parse_error_type(name)) return *type;
  std::vector<std::string_view> names;
  for (const ErrorType type : kErrorTypes) names.push_back(to_string(type));
  return std::unexpected(unknown_name("error type", name, names));
}

Result<void> check_case(const Case& past, const StrategyRegistry& registry) {
  if (!past.resolution_strategy.empty() && !registry.find(past.resolution_strategy)) {
    std::vector<std::string_view> names;
    for (const Strategy& strategy : registry.all()) names.push_back(strategy.name);
    return std::unexpected(unknown_name("strategy", past.resolution_strategy, names));
  }
  if (!past.business_impact.empty() && std::ranges::find(kImpacts, past.business_impact) == std::end(kImpacts))
    return std::unexpected(unknown_name("business impact", past.business_impact, kImpacts));
  return {};
}

Result<KnowledgeItem> redacted_item(const Redactor& redactor, KnowledgeItem item) {
  if (auto* runbook = std::get_if<Runbook>(&item)) {
    MEND_TRY(Runbook clean, runbook_of(redactor.redact(runbook->text), runbook->id));
    return clean;
  }
  auto& past = std::get<Case>(item);
  past.job = JobId(redactor.redact(past.job.str()));
  for (std::string* text : {&past.platform, &past.error_message, &past.cause, &past.resolution}) *text = redactor.redact(*text);
  constexpr std::size_t kMostBytes = 16 * 1024;  // as of the error text of an event
  for (std::string* text : {&past.error_message, &past.resolution}) *text = shorten_middle(*text, kMostBytes);
  if (past.id.str() == kUnnamed || redactor.redact(past.id.str()) != past.id.str()) name_by_content(past);
  return item;
}

std::string id_of(const KnowledgeItem& item) {
  if (const auto* past = std::get_if<Case>(&item)) return past->id.str();
  return std::get<Runbook>(item).id;
}

AuditRecord knowledge_audit(const AppContext& app, std::string action, std::string detail) {
  AuditRecord record;
  record.timestamp = app.clock.now();
  record.actor = "user:" + app.user;
  record.action = std::move(action);
  record.detail = std::move(detail);
  return record;
}

}  // namespace mend
