// The diagnoser with the knowledge it reads: model file, seed cases, runbooks. Made once a process.
#pragma once

#include <memory>

#include "diagnose/diagnoser.h"
#include "knowledge/library.h"
#include "main/app_context.h"
#include "ports/store.h"

namespace mend {

struct DiagnosisEngine {
  std::unique_ptr<KnowledgeLibrary> library;
  std::unique_ptr<StandardDiagnoser> diagnoser;
};

// Never fails: what is missing shows in diagnoser->model().degraded. `app` must outlive the engine, and so must `store`, in which
// vectors of the home's texts are kept (null: none are).
DiagnosisEngine make_diagnosis_engine(const AppContext& app, Store* store = nullptr);

// What the home knows of its own joins what ships: learned and added cases, added runbooks (one of a shipped one's id takes its place).
Result<void> add_home_knowledge(DiagnosisEngine& engine, Store& store, Log& log);
void add_runbook(KnowledgeLibrary& library, const Runbook& runbook, Log& log);

// Looks for similar cases and runbook passages once more, by meaning too, and puts them in the place of those that the diagnosis found
// by words. Some milliseconds: for a diagnosis that a person will read, not for each of a stream. Type and confidence stay.
void deepen(Diagnosis& diagnosis, const DiagnosisRequest& request, const JobId& job, const KnowledgeLibrary& library, WallTime now);

}  // namespace mend
