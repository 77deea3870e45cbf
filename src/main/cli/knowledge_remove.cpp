#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <limits>

#include "diagnose/prepare.h"
#include "knowledge/packed_vector.h"
#include "main/cli/commands.h"
#include "main/cli/home_access.h"
#include "main/cli/incident_action.h"
#include "main/cli/knowledge_item.h"
#include "main/output.h"

namespace mend {
namespace {

// "case" or "runbook", or empty when the home has neither of this id.
Result<std::string> remove(AppContext& app, Store& store, const std::string& id) {
  MEND_TRY(const auto cases, store.cases(std::numeric_limits<std::size_t>::max()));
  const auto past = std::ranges::find(cases, CaseId(id), &Case::id);
  std::string kind;
  MEND_CHECK(store.write([&](StoreTransaction& tx) -> Result<void> {
    kind.clear();
    MEND_TRY(const bool was_case, tx.remove_case(CaseId(id)));
    if (was_case) {
      kind = "case";
      // The vector tells of the text too. A case with the same text gets it made again; the saved index, which holds it as well, is
      // built anew by `knowledge index`.
      if (past != cases.end()) MEND_CHECK(tx.remove_vector(vector_key(normalise(past->error_message))));
      MEND_CHECK(tx.put_vector_graph("", ""));
    } else {
      MEND_TRY(const bool was_runbook, tx.remove_runbook(id));
      if (!was_runbook) return {};
      kind = "runbook";
    }
    MEND_CHECK(tx.append_audit(knowledge_audit(app, "knowledge.removed", fmt::format("{} {}", kind, id))));
    return {};
  }));
  return kind;
}

bool ships(const AppContext& app, const std::string& id) {
  const auto cases = seed_cases(app);
  if (cases && std::ranges::find(*cases, CaseId(id), &Case::id) != cases->end()) return true;
  std::error_code problem;
  return id.find('/') == std::string::npos && std::filesystem::exists(app.data / "catalog/runbooks" / (id + ".md"), problem);
}

}  // namespace

ExitStatus knowledge_remove_command(AppContext& app, const ShowOptions& options) {
  const auto store = open_existing_store(app);
  if (!store) return report_error(store.error());
  Result<std::string> kind = std::string();
  if (*store) kind = remove(app, **store, options.id);
  if (!kind) return report_error(kind.error());
  if (kind->empty()) {
    if (ships(app, options.id)) return refuse(fmt::format("'{}' ships with Mendline and cannot be removed", options.id));
    return report_error({ErrorKind::not_found, fmt::format("there is no case or runbook '{}'; `mendline cases` lists cases", options.id)});
  }
  if (options.json)
    print_json(boost::json::object{{"kind", *kind}, {"id", options.id}, {"removed", true}});
  else
    print(fmt::format("{} {} is removed\n", *kind, options.id));
  return ExitStatus::ok;
}

}  // namespace mend
