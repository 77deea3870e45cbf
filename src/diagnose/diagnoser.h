// The diagnoser: prepared text -> signatures, linear model, context -> one calibrated verdict, with facts and evidence.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "diagnose/doubts.h"
#include "diagnose/error_type_table.h"
#include "diagnose/fact_rules.h"
#include "diagnose/fuse.h"
#include "diagnose/model_file.h"
#include "ports/diagnoser.h"
#include "ports/retriever.h"

namespace mend {

// What the diagnoser reads from the model file; each part may be missing (see degraded()).
struct DiagnosisModel {
  std::unique_ptr<ModelFile> file;  // owns what the others look into
  std::unique_ptr<SignatureSet> signatures;
  std::unique_ptr<DoubtSet> doubts;
  std::unique_ptr<FactRules> facts;
  LinearModel linear;
  FusionNumbers numbers;
  ErrorTypeTable types;
  std::vector<std::string> degraded;  // a sentence for every part that is missing; empty when all is there

  static DiagnosisModel load(const std::filesystem::path& path);
  std::string version() const { return file ? file->version() : "none"; }
};

class StandardDiagnoser final : public Diagnoser {
 public:
  // `retriever` may be null; it and `clock` must outlive the diagnoser. `cache_size`: diagnoses kept, by normalised text.
  StandardDiagnoser(DiagnosisModel model, const Retriever* retriever, const Clock& clock, std::size_t cache_size = 8192);
  ~StandardDiagnoser() override;

  Diagnosis diagnose(const DiagnosisRequest& request) override;
  Fingerprint fingerprint(const DiagnosisRequest& request) override;
  // What the voters say, before it is fused: for fitting the fusion's numbers.
  Votes votes(const DiagnosisRequest& request) const;
  const DiagnosisModel& model() const { return model_; }

 private:
  class Cache;
  struct Entry {
    Diagnosis diagnosis;
    std::vector<std::size_t> hits;  // signatures whose facts are read again from each text
  };
  Entry diagnose_fully(const DiagnosisRequest& request, const PreparedText& text, std::span<const SignatureHit> hits);
  void doubt(Diagnosis& diagnosis, const PreparedText& text, std::span<const SignatureHit> hits) const;
  // What the hits captured, in this order, then what the rules find; offsets into the request's text.
  std::vector<Fact> facts_of(const DiagnosisRequest& request, const PreparedText& text, std::span<const SignatureHit> hits,
                             std::span<const std::size_t> order) const;
  void add_evidence(Diagnosis& diagnosis, const PreparedText& text, std::string_view platform, const HitView& hits, const Votes& votes) const;

  DiagnosisModel model_;
  const Retriever* retriever_;
  const Clock& clock_;
  std::unique_ptr<Cache> cache_;
};

// BLAKE2b-128 of what the diagnosis says and of the normalised root lines (of everything, when there are none): same cause, same
// fingerprint. The lines alone would not do: "Bash command failed" or "403 Forbidden" is the last line of many causes.
Fingerprint fingerprint_of(const PreparedText& text, ErrorType type, std::string_view cause);

}  // namespace mend
