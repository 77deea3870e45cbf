#include <boost/json.hpp>
#include <fmt/format.h>

#include "diagnose/diagnoser.h"
#include "model/json.h"

namespace mend {
namespace {

Result<std::vector<Signature>> signatures_from(std::string_view section) {
  MEND_TRY(const boost::json::value json, parse_json(section));
  std::vector<Signature> out;
  try {
    for (const auto& item : json.as_array()) {
      Signature s;
      s.id = std::string(item.at("id").as_string());
      s.platform = std::string(item.at("platform").as_string());
      s.pattern = std::string(item.at("match").as_string());
      s.cause = std::string(item.at("cause").as_string());
      s.documented = std::string(item.at("documented").as_string());
      s.transient = item.at("transient").as_bool();
      const auto type = parse_error_type(std::string_view(item.at("type").as_string()));
      if (!type) return fail(ErrorKind::corrupt, "an unknown error type in the model file");
      s.type = *type;
      const std::string_view strength(item.at("strength").as_string());
      s.strength = strength == "decisive" ? Strength::decisive : strength == "strong" ? Strength::strong : Strength::hint;
      for (const auto& other : item.at("overrides").as_array())
        if (const auto parsed = parse_error_type(std::string_view(other.as_string()))) s.overrides.push_back(*parsed);
      out.push_back(std::move(s));
    }
  } catch (const std::exception& problem) {
    return fail(ErrorKind::corrupt, fmt::format("the signatures in the model file are damaged: {}", problem.what()));
  }
  return out;
}

Result<std::unique_ptr<SignatureSet>> load_set(const ModelFile& file) {
  MEND_TRY(auto signatures, signatures_from(file.section("signatures")));
  return SignatureSet::load(std::move(signatures), file.section("scanner"));
}

Result<std::unique_ptr<DoubtSet>> load_doubts(const ModelFile& file) {
  MEND_TRY(auto doubts, parse_doubts(file.section("doubts"), "doubts"));
  return DoubtSet::compile(std::move(doubts));
}

Result<std::unique_ptr<FactRules>> load_facts(const ModelFile& file) {
  if (file.section("facts").empty()) return fail(ErrorKind::not_found, "the model file has none, so only signatures tell facts");
  MEND_TRY(auto rules, fact_rules_from_json(file.section("facts")));
  return FactRules::load(std::move(rules), file.section("fact_scanner"));
}

}  // namespace

DiagnosisModel DiagnosisModel::load(const std::filesystem::path& path) {
  DiagnosisModel model;
  const auto lose = [&](std::string_view part, const Error& error) { model.degraded.push_back(fmt::format("{}: {}", part, error.message)); };
  auto file = ModelFile::open(path);
  if (!file) {
    lose("no model file, so every error is unknown_error and goes to a person", file.error());
    return model;
  }
  model.file = std::move(*file);
  if (auto types = parse_error_type_table(model.file->section("error_types"), "error_types")) model.types = std::move(*types);
  else lose("error types", types.error());
  if (auto numbers = parse_fusion_numbers(model.file->section("calibration"), "calibration")) model.numbers = *numbers;
  else lose("calibration", numbers.error());
  if (auto set = load_set(*model.file)) model.signatures = std::move(*set);
  else lose("signatures", set.error());
  if (auto doubts = load_doubts(*model.file)) model.doubts = std::move(*doubts);
  else lose("doubts", doubts.error());
  if (auto facts = load_facts(*model.file)) model.facts = std::move(*facts);
  else lose("fact rules", facts.error());
  if (auto linear = LinearModel::from_bytes(model.file->section("linear"))) model.linear = *linear;
  else lose("linear model", linear.error());
  return model;
}

}  // namespace mend
