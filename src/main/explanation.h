// The analysis of a diagnosis with this program's knowledge: its evidence looked up again, the registry and the rules that read
// resolutions.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <vector>

#include "diagnose/analysis.h"
#include "main/diagnosis_engine.h"
#include "ports/store.h"

namespace mend {

// What the home knows beside the catalog; empty without a home.
struct LearnedHere {
  std::vector<Case> cases;  // newest first
  std::vector<StrategyStatistics> statistics;
};
Result<LearnedHere> read_learned(StoreReader& store);
// The cases join the seed cases.
void add_learned(DiagnosisEngine& engine, const LearnedHere& learned);

// Evidence that does not exist any more is left out. invalid_input and not_found name the file of the catalog that is wrong.
Result<Analysis> explain(const AppContext& app, const DiagnosisEngine& engine, const Diagnosis& diagnosis, const LearnedHere& learned);

boost::json::object to_json(const Analysis& analysis);
// The paragraph in lines of at most `width` bytes where words allow it, harmless on a terminal.
std::string explanation_text(const Analysis& analysis, std::size_t width = 100);

}  // namespace mend
