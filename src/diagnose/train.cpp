#include "diagnose/train.h"

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <chrono>
#include <thread>

#include <fmt/format.h>
#include <linear.h>

#include "base/random.h"
#include "base/text.h"
#include "diagnose/variations.h"
#include "model/json.h"

namespace mend {
namespace {

struct Sample {
  std::vector<feature_node> nodes;  // 1-based, ended by index -1, as liblinear wants them
  ErrorType type = ErrorType::unknown_error;
  double weight = 1;
};

Sample make_sample(std::string_view text, std::string_view platform, ErrorType type, const SignatureSet& set, bool with_hits) {
  const PreparedText prepared = prepare_text(text);
  const std::vector<SignatureHit> hits = with_hits ? set.match(prepared.focus) : std::vector<SignatureHit>{};
  Sample sample;
  sample.type = type;
  for (const Feature& feature : make_features(prepared, platform, set, judge_hits(set, hits)))
    sample.nodes.push_back({int(feature.index) + 1, double(feature.value)});
  std::ranges::sort(sample.nodes, {}, &feature_node::index);
  sample.nodes.push_back({int(kFeatureCount) + 1, 1.0});  // the bias
  sample.nodes.push_back({-1, 0.0});
  return sample;
}

// One class against the rest; the weights of kFeatureCount features and the bias.
std::vector<double> train_one(std::vector<Sample>& samples, ErrorType type, double cost) {
  std::vector<double> labels;
  std::vector<feature_node*> rows;
  for (Sample& sample : samples) {
    labels.push_back(sample.type == type ? 1 : -1);
    rows.push_back(sample.nodes.data());
  }
  problem task{};
  task.l = int(samples.size());
  task.n = int(kFeatureCount) + 1;
  task.y = labels.data();
  task.x = rows.data();
  task.bias = -1;  // it is a feature of ours
  int weight_labels[] = {1, -1};
  double weights[] = {1.6, 1.0};  // the rest is ten times as many: without this every class is too shy
  parameter settings{};
  settings.solver_type = L2R_LR;
  settings.C = cost;
  settings.eps = 0.01;
  settings.nr_weight = 2;
  settings.weight_label = weight_labels;
  settings.weight = weights;
  ::model* trained = train(&task, &settings);
  std::vector<double> out(trained->w, trained->w + kFeatureCount + 1);
  if (trained->label[0] != 1)
    for (double& value : out) value = -value;
  free_and_destroy_model(&trained);
  return out;
}

}  // namespace

Result<std::vector<LabelledText>> parse_corpus(std::string_view ndjson, std::string_view file_name) {
  std::vector<LabelledText> out;
  std::size_t number = 0;
  for (const auto line : split_lines(ndjson)) {
    ++number;
    if (trim(line).empty()) continue;
    const auto json = parse_json(line);
    const auto wrong = [&](std::string_view why) { return fail(ErrorKind::invalid_input, fmt::format("{}:{}: {}", file_name, number, why)); };
    if (!json) return wrong(json.error().message);
    const auto* object = json->if_object();
    if (!object) return wrong("not a JSON object");
    LabelledText row;
    const auto text = [&](const char* key) {
      const auto* value = object->if_contains(key);
      return value && value->is_string() ? std::string(value->get_string()) : std::string();
    };
    row.message = text("message");
    row.cause = text("cause");
    row.platform = text("platform");
    const auto type = parse_error_type(text("type"));
    if (row.message.empty()) return wrong("field 'message' is missing");
    if (!type) return wrong(fmt::format("field 'type': no error type '{}'", text("type")));
    row.type = *type;
    out.push_back(std::move(row));
  }
  return out;
}

Result<TrainedModel> train_linear(const std::vector<LabelledText>& corpus, const SignatureSet& set, const TrainingSettings& settings) {
  const auto begin = std::chrono::steady_clock::now();
  const auto say = [&](std::string_view line) {
    if (settings.progress) settings.progress(line);
  };
  if (corpus.empty()) return fail(ErrorKind::invalid_input, "there is nothing to train on");
  set_print_string_function([](const char*) {});  // liblinear prints its iterations otherwise

  SeededRandom random(settings.seed);
  std::vector<Sample> samples;
  for (const LabelledText& row : corpus) {
    samples.push_back(make_sample(row.message, row.platform, row.type, set, true));
    for (const std::string& varied : make_variations(row.message, random))
      samples.push_back(make_sample(varied, random.unit() < 0.5 ? row.platform : std::string(), row.type, set, random.unit() >= settings.hit_dropout));
  }
  for (const Signature& signature : set.signatures()) {
    // A hint's example is a bare word: it teaches the n-grams nothing true.
    if (signature.strength == Strength::hint) continue;
    for (const std::string& example : signature.examples) {
      samples.push_back(make_sample(example, signature.platform, signature.type, set, false));
      samples.push_back(make_sample(example, "", signature.type, set, true));
    }
  }
  say(fmt::format("{} texts, {} samples with their variations and the signatures' examples", corpus.size(), samples.size()));

  std::vector<float> weights(std::size_t(kFeatureCount) * kErrorTypeCount), bias(kErrorTypeCount);
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t t = next++; t < kErrorTypeCount; t = next++) {
      const std::vector<double> one = train_one(samples, kErrorTypes[t], settings.cost);
      for (std::size_t f = 0; f < kFeatureCount; ++f) weights[f * kErrorTypeCount + t] = float(one[f]);
      bias[t] = float(one[kFeatureCount]);
    }
  };
  {
    // Each class writes its own column, so the threads share nothing that they write.
    std::jthread other(work);
    work();
  }
  TrainedModel out;
  out.bytes = LinearModel::to_bytes(weights, bias);
  out.texts = corpus.size();
  out.samples = samples.size();
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  say(fmt::format("linear model trained in {:.0f} s", out.seconds));
  return out;
}

}  // namespace mend
