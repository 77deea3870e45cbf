#include "diagnose/calibrate.h"

#include <array>
#include <cmath>
#include <vector>

#include <fmt/format.h>

namespace mend {
namespace {

bool right(const CalibrationSample& sample, ErrorType type) { return type == sample.label || (sample.alternative && type == *sample.alternative); }

double log_loss(std::span<const CalibrationSample> samples, const FusionNumbers& numbers) {
  double sum = 0;
  for (const auto& sample : samples) {
    const FusedVerdict verdict = fuse(sample.votes, numbers);
    double p = verdict.fused[std::size_t(sample.label)];
    if (sample.alternative) p += verdict.fused[std::size_t(*sample.alternative)];
    sum -= std::log(std::max(p, 1e-6));
  }
  // A weak pull towards small weights: few messages decide about them.
  const double pull = numbers.decisive * numbers.decisive + numbers.strong * numbers.strong + numbers.hint * numbers.hint +
                      numbers.linear_weight * numbers.linear_weight;
  return sum / double(samples.size()) + 2e-4 * pull;
}

void fit_weights(std::span<const CalibrationSample> samples, FusionNumbers& numbers) {
  const std::array weights = {&FusionNumbers::linear_weight, &FusionNumbers::decisive, &FusionNumbers::strong, &FusionNumbers::hint,
                              &FusionNumbers::further_hits, &FusionNumbers::root_bonus};
  double best = log_loss(samples, numbers);
  for (int round = 0; round < 8; ++round) {
    for (const auto weight : weights)
      for (const double factor : {0.6, 0.8, 0.9, 1.1, 1.25, 1.6}) {
        FusionNumbers tried = numbers;
        tried.*weight = std::min(numbers.*weight * factor, weight == &FusionNumbers::further_hits ? 0.9 : 8.0);
        const double loss = log_loss(samples, tried);
        if (loss < best) {
          best = loss;
          numbers = tried;
        }
      }
  }
}

void fit_calibration(std::span<const CalibrationSample> samples, FusionNumbers& numbers) {
  // Features of z: 1, logit(p), margin, agreement, no_hit, then one of eleven for the type.
  constexpr std::size_t kShared = 5, kAll = kShared + kErrorTypeCount;
  struct Row {
    std::array<double, kAll> x{};
    double y = 0;
  };
  std::vector<Row> rows;
  for (const auto& sample : samples) {
    const FusedVerdict verdict = fuse(sample.votes, numbers);
    const double p = std::clamp(verdict.fused[std::size_t(verdict.type)], 1e-4, 1 - 1e-4);
    Row row;
    row.x[0] = 1;
    row.x[1] = std::log(p / (1 - p));
    row.x[2] = p - verdict.second;
    row.x[3] = verdict.agreement ? 1 : 0;
    row.x[4] = verdict.firm_hit ? 0 : 1;
    row.x[kShared + std::size_t(verdict.type)] = 1;
    row.y = right(sample, verdict.type) ? 1 : 0;
    rows.push_back(row);
  }
  std::array<double, kAll> w{}, penalty{};
  penalty.fill(0.02);
  penalty[0] = 0;
  penalty[1] = 0.002;
  std::array<double, kAll> square{};
  for (int step = 0; step < 20'000; ++step) {
    std::array<double, kAll> gradient{};
    for (const Row& row : rows) {
      double z = 0;
      for (std::size_t k = 0; k < kAll; ++k) z += w[k] * row.x[k];
      const double error = 1 / (1 + std::exp(-z)) - row.y;
      for (std::size_t k = 0; k < kAll; ++k) gradient[k] += error * row.x[k];
    }
    // AdaGrad (Duchi 2011): one rate fits the rare types and the common features.
    for (std::size_t k = 0; k < kAll; ++k) {
      const double g = gradient[k] / double(rows.size()) + penalty[k] * w[k];
      square[k] += g * g;
      w[k] -= 0.2 * g / (std::sqrt(square[k]) + 1e-9);
    }
  }
  numbers.offset = w[0];
  numbers.slope = w[1];
  numbers.margin = w[2];
  numbers.agreement = w[3];
  numbers.no_hit = w[4];
  for (std::size_t t = 0; t < kErrorTypeCount; ++t) numbers.by_type[t] = w[kShared + t];
}

}  // namespace

FusionNumbers fit_numbers(std::span<const CalibrationSample> samples, FusionNumbers start) {
  if (samples.empty()) return start;
  fit_weights(samples, start);
  fit_calibration(samples, start);
  return start;
}

std::string to_yaml(const FusionNumbers& n, std::string_view how) {
  std::string out = fmt::format("# Weights of the voters and the calibration of the confidence (src/diagnose/fuse.h says what each number does).\n# {}\n", how);
  const auto line = [&](std::string_view name, double value) { out += fmt::format("{}: {:.3f}\n", name, value); };
  line("linear_weight", n.linear_weight);
  line("decisive", n.decisive);
  line("strong", n.strong);
  line("hint", n.hint);
  line("further_hits", n.further_hits);
  line("root_bonus", n.root_bonus);
  line("no_linear", n.no_linear);
  line("offset", n.offset);
  line("slope", n.slope);
  line("margin", n.margin);
  line("agreement", n.agreement);
  line("no_hit", n.no_hit);
  out += "by_type:\n";
  for (const ErrorType type : kErrorTypes) out += fmt::format("  {}: {:.3f}\n", to_string(type), n.by_type[std::size_t(type)]);
  line("least", n.least);
  line("most", n.most);
  return out;
}

}  // namespace mend
