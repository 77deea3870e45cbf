#include <fmt/format.h>

#include <boost/json.hpp>
#include <limits>

#include "base/file.h"
#include "main/cli/commands.h"
#include "main/cli/home_access.h"
#include "main/cli/knowledge_item.h"
#include "main/output.h"

namespace mend {
namespace {

struct Exported {
  std::string lines;
  std::size_t cases = 0, runbooks = 0;
};

// Oldest first, so that an import gives the same order.
Result<Exported> collect(Store& store) {
  Exported out;
  MEND_TRY(const auto cases, store.cases(std::numeric_limits<std::size_t>::max()));
  for (auto past = cases.rbegin(); past != cases.rend(); ++past) out.lines += knowledge_line(*past) + "\n";
  MEND_TRY(const auto runbooks, store.runbooks());
  for (const Runbook& runbook : runbooks) out.lines += knowledge_line(runbook) + "\n";
  out.cases = cases.size();
  out.runbooks = runbooks.size();
  return out;
}

}  // namespace

ExitStatus knowledge_export_command(AppContext& app, const KnowledgeFileOptions& options) {
  const auto store = open_existing_store(app);
  if (!store) return report_error(store.error());
  Result<Exported> exported = Exported{};
  if (*store) exported = collect(**store);
  if (!exported) return report_error(exported.error());
  if (options.file.empty() || options.file == "-") {
    print(exported->lines);
    return ExitStatus::ok;
  }
  if (auto written = write_file_durably(options.file, exported->lines); !written) return report_error(written.error());
  if (options.json)
    print_json(boost::json::object{{"file", options.file}, {"cases", exported->cases}, {"runbooks", exported->runbooks}});
  else
    print(fmt::format("{} cases and {} runbooks in {}\n", exported->cases, exported->runbooks, options.file));
  return ExitStatus::ok;
}

}  // namespace mend
