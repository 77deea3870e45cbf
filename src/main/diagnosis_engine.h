// The diagnoser with the knowledge it reads: model file, seed cases, runbooks. Made once a process.
#pragma once

#include <memory>

#include "diagnose/diagnoser.h"
#include "knowledge/library.h"
#include "main/app_context.h"

namespace mend {

struct DiagnosisEngine {
  std::unique_ptr<KnowledgeLibrary> library;
  std::unique_ptr<StandardDiagnoser> diagnoser;
};

// Never fails: what is missing shows in diagnoser->model().degraded. `app` must outlive the engine.
DiagnosisEngine make_diagnosis_engine(const AppContext& app);

}  // namespace mend
