#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/text.h"
#include "diagnose/prepare.h"
#include "main/cli/commands.h"
#include "main/cli/home_access.h"
#include "main/cli/input.h"
#include "main/cli/knowledge_item.h"
#include "main/diagnosis_engine.h"
#include "main/output.h"

namespace mend {
namespace {

struct Hit {
  std::string kind, id, text;
  double similarity = 0;
  RetrievalRanks ranks;
  boost::json::object more;
};

struct Found {
  std::vector<Hit> hits;
  std::string degraded;
};

Result<Found> find(AppContext& app, const KnowledgeSearchOptions& options) {
  KnowledgeQuery query;
  if (!options.type.empty()) {
    MEND_TRY(const ErrorType type, error_type_named(options.type));
    query.only_type = type;
  }
  std::string given = options.text;
  if (given == "-") {
    MEND_TRY(given, read_standard_input(1U << 20U));
  }
  MEND_TRY(const std::string clean, redacted_text(app, to_valid_utf8(given)));
  const std::string text = normalise(clean);
  if (trim(text).empty()) return fail(ErrorKind::invalid_input, "there is nothing to search for: the text is empty");
  query.normalised = text;
  query.only_platform = options.platform;
  query.now = app.clock.now();

  MEND_TRY(const auto store, open_existing_store(app));
  DiagnosisEngine engine = make_diagnosis_engine(app, store.get());
  if (store) MEND_CHECK(add_home_knowledge(engine, *store, *app.log));
  constexpr std::size_t kWaitedFor = 500;              // texts without a vector: a person who searches waits two seconds for them once
  (void)engine.library->semantic()->fill(kWaitedFor);  // what is wrong shows in the answers
  const auto cases = engine.library->find_cases(query, options.limit);
  const auto passages = engine.library->find_passages(query, options.limit);
  Found out;
  out.degraded = cases.degraded;
  for (const RetrievedCase& one : cases.found)
    out.hits.push_back({"case",
                        one.past.id.str(),
                        one.past.error_message,
                        one.similarity,
                        one.ranks,
                        {{"error_type", to_string(one.past.error_type)},
                         {"platform", one.past.platform},
                         {"resolution_strategy", one.past.resolution_strategy},
                         {"resolution", one.past.resolution},
                         {"success", one.past.success}}});
  for (const RetrievedPassage& one : passages.found)
    out.hits.push_back({"runbook",
                        one.passage.runbook + "#" + one.passage.section,
                        one.passage.title + ": " + one.passage.section,
                        one.similarity,
                        one.ranks,
                        {{"passage", one.passage.text}}});
  std::ranges::stable_sort(out.hits, [](const Hit& a, const Hit& b) { return a.ranks.score > b.ranks.score; });
  if (out.hits.size() > options.limit) out.hits.resize(options.limit);
  return out;
}

std::string rank_text(std::size_t rank) { return rank == 0 ? "-" : fmt::format("{}", rank); }

}  // namespace

ExitStatus knowledge_search_command(AppContext& app, const KnowledgeSearchOptions& options) {
  const auto found = find(app, options);
  if (!found) return report_error(found.error());
  if (options.json) {
    boost::json::array results;
    for (const Hit& hit : found->hits) {
      boost::json::object one{{"kind", hit.kind},
                              {"id", hit.id},
                              {"similarity", hit.similarity},
                              {"lexical_rank", hit.ranks.lexical_rank},
                              {"vector_rank", hit.ranks.vector_rank},
                              {"score", hit.ranks.score},
                              {"text", hit.text}};
      for (const auto& [name, value] : hit.more) one[name] = value;
      results.push_back(std::move(one));
    }
    print_json(boost::json::object{{"results", std::move(results)}, {"degraded", found->degraded}});
    return ExitStatus::ok;
  }
  if (!found->degraded.empty()) print_error(fmt::format("mendline: {}\n", found->degraded));
  if (found->hits.empty()) {
    print("nothing like it is known\n");
    return ExitStatus::ok;
  }
  Table table({"KIND", "ID", "SIMILARITY", "BY WORDS", "BY MEANING", "TEXT"});
  for (const Hit& hit : found->hits)
    table.add({hit.kind, hit.id, fmt::format("{:.2f}", hit.similarity), rank_text(hit.ranks.lexical_rank), rank_text(hit.ranks.vector_rank),
               one_line(hit.text, 80)});
  print(table.text(app.colours));
  return ExitStatus::ok;
}

}  // namespace mend
