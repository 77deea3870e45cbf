// Training of the linear model: labelled messages and the signatures' own examples, multiplied by deterministic variations.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "diagnose/linear_model.h"
#include "diagnose/signatures.h"

namespace mend {

struct LabelledText {
  std::string message;
  ErrorType type = ErrorType::unknown_error;
  std::string cause;
  std::string platform;
};

// One JSON object a line, as catalog/README.md describes. invalid_input names file, line and field.
Result<std::vector<LabelledText>> parse_corpus(std::string_view ndjson, std::string_view file_name);

struct TrainingSettings {
  std::uint64_t seed = 20261124;
  double cost = 4.0;          // liblinear's C
  double hit_dropout = 0.45;  // part of the variations that are made without signature hits: the catalog knows its own
                              // examples better than it will know the world's, and the n-grams must learn to speak alone
  std::function<void(std::string_view)> progress;  // one line each; may be empty
};

struct TrainedModel {
  std::string bytes;          // for LinearModel::from_bytes
  std::size_t texts = 0;      // as given
  std::size_t samples = 0;    // with variations
  double seconds = 0;
};

// Deterministic for the same input and settings. Blocking, minutes at most, two threads.
Result<TrainedModel> train_linear(const std::vector<LabelledText>& corpus, const SignatureSet& set, const TrainingSettings& settings);

}  // namespace mend
