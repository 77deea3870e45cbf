// From voters to one verdict: a weighted sum of log-probabilities, then calibration (Platt 1999 on the top probability, the margin
// and the class). The numbers are data (catalog/calibration.yaml says how they were fitted).
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "diagnose/features.h"
#include "diagnose/linear_model.h"
#include "model/event.h"

namespace mend {

struct FusionNumbers {
  // Votes.
  double linear_weight = 1.0;        // of the linear model's log-probabilities
  double decisive = 3.0;             // log-odds that the strongest hit of a type adds
  double strong = 1.8;
  double hint = 0.6;
  double further_hits = 0.3;         // part that each further hit adds
  double root_bonus = 0.4;           // when the strongest hit lies in a root line
  double no_linear = 0.8;            // scale of the votes when there is no linear model
  // Calibration: confidence = sigmoid(offset + slope * logit(p) + margin * (p - second) + by_type[t]).
  double offset = 0.0;
  double slope = 0.8;
  double margin = 0.0;
  double agreement = 0.0;            // added when signatures and linear model agree on the type, by a hit that is more than a hint
  double no_hit = 0.0;               // added when no signature (by more than a hint) was found at all
  std::array<double, kErrorTypeCount> by_type{};
  double least = 0.02;
  double most = 0.99;                // confidence is never 1
};

// From catalog/calibration.yaml. invalid_input names the unknown or malformed key.
Result<FusionNumbers> parse_fusion_numbers(std::string_view yaml, std::string_view file_name);

// A hit as a vote: what is left of it when only the numbers are to be chosen.
struct HitVote {
  ErrorType type = ErrorType::unknown_error;
  Strength strength = Strength::hint;
  bool in_root = false;              // it lies in a root line
};

struct Votes {
  Probabilities linear{};            // of the linear model; all equal when it is missing
  bool linear_present = false;
  std::vector<HitVote> hits;         // the silenced ones are left out
  Probabilities context{};           // log-odds by type
};

std::vector<HitVote> hit_votes(const SignatureSet& set, const HitView& hits, const PreparedText& text);
// Log-odds of the hits by type.
Probabilities signature_scores(std::span<const HitVote> hits, const FusionNumbers& numbers);
// Log-odds of what is known beside the text: exit code, signal, OOM flag, HTTP status.
Probabilities context_votes(const EventContext& context);

struct FusedVerdict {
  ErrorType type = ErrorType::unknown_error;
  Probabilities signatures{};        // log-odds of the hits
  Probabilities fused{};             // before calibration
  double second = 0;                 // the next best of them
  bool agreement = false;            // signatures (by more than a hint) and linear model both say `type`
  bool firm_hit = false;             // a hit that is more than a hint, whatever it says
  double confidence = 0;             // after calibration
};
// The confidence alone, from everything else in the verdict.
double calibrated(const FusedVerdict& verdict, const FusionNumbers& numbers);
// Votes with NaN give unknown_error at confidence 0.
FusedVerdict fuse(const Votes& votes, const FusionNumbers& numbers);

}  // namespace mend
