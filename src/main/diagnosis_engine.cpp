#include "main/diagnosis_engine.h"

#include <boost/json.hpp>

#include "diagnose/prepare.h"
#include "main/home_vectors.h"
#include "model/json.h"

namespace mend {

DiagnosisEngine make_diagnosis_engine(const AppContext& app, Store* store) {
  DiagnosisEngine engine;
  engine.library =
      std::make_unique<KnowledgeLibrary>([](std::string_view text) { return normalise(text); }, make_home_vectors(app, store));
  DiagnosisModel model = DiagnosisModel::load(app.data / "model.bin");
  if (model.file) {
    if (auto cases = parse_cases(model.file->section("cases"), "seed cases")) {
      for (Case& past : *cases) engine.library->add_case(std::move(past));
    } else {
      model.degraded.push_back("seed cases: " + cases.error().message);
    }
    const auto runbooks = parse_json(model.file->section("runbooks"));
    if (runbooks && runbooks->is_array()) {
      for (const auto& item : runbooks->get_array()) {
        const auto* text = item.is_object() ? item.get_object().if_contains("text") : nullptr;
        const auto* name = item.is_object() ? item.get_object().if_contains("name") : nullptr;
        if (!text || !text->is_string() || !name || !name->is_string()) continue;
        auto passages = parse_runbook(std::string_view(text->get_string()), std::string_view(name->get_string()));
        if (!passages) {
          model.degraded.push_back("runbooks: " + passages.error().message);
          continue;
        }
        for (RunbookPassage& passage : *passages) engine.library->add_passage(std::move(passage));
      }
    } else {
      model.degraded.emplace_back("runbooks: missing in the model file");
    }
  }
  engine.diagnoser = std::make_unique<StandardDiagnoser>(std::move(model), engine.library.get(), app.clock);
  return engine;
}

void add_runbook(KnowledgeLibrary& library, const Runbook& runbook, Log& log) {
  auto passages = parse_runbook(runbook.text, runbook.id);
  if (!passages) {
    log.warning("a runbook in the store cannot be read: {}", passages.error().message);
    return;
  }
  library.remove_runbook(runbook.id);
  for (RunbookPassage& passage : *passages) library.add_passage(std::move(passage));
}

Result<void> add_home_knowledge(DiagnosisEngine& engine, Store& store, Log& log) {
  constexpr std::size_t kMostCases = 20'000;
  MEND_TRY(const auto cases, store.cases(kMostCases));
  for (auto past = cases.rbegin(); past != cases.rend(); ++past) engine.library->add_case(*past);
  MEND_TRY(const auto runbooks, store.runbooks());
  for (const Runbook& runbook : runbooks) add_runbook(*engine.library, runbook, log);
  return {};
}

}  // namespace mend
