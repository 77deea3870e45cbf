// Builds the model file from the catalog: compiles the signatures, trains the linear model, packs cases and runbooks.
#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

#include "base/result.h"

namespace mend {

struct ModelBuildReport {
  std::size_t signatures = 0, fact_rules = 0, texts = 0, samples = 0, cases = 0, passages = 0;
  double seconds = 0;
};

// Reads `catalog`, writes `model` (see model_file.h) and `model` + ".card.json" (what it was made of). Deterministic.
// Errors name file and line.
Result<ModelBuildReport> build_model(const std::filesystem::path& catalog, const std::filesystem::path& model,
                                     const std::function<void(std::string_view)>& progress);

}  // namespace mend
