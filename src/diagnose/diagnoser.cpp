#include "diagnose/diagnoser.h"

#include <algorithm>
#include <cmath>
#include <list>
#include <unordered_map>

#include <fmt/format.h>

#include "base/text.h"
#include "diagnose/fact_names.h"

namespace mend {
namespace {

constexpr std::size_t kCases = 5, kPassages = 3;
constexpr double kAlike = 0.35;      // similarity from which a past case counts as evidence that confirms
constexpr std::size_t kNowhere = std::size_t(-1);
constexpr double kVotersApart = 0.6; // both sure of different things: capped below auto

std::string_view strategy_of(const ErrorTypeTable& types, ErrorType type) {
  const std::string& strategy = types[std::size_t(type)].strategy;
  return strategy.empty() ? std::string_view("escalate_to_human") : std::string_view(strategy);
}

std::uint64_t context_hash(const EventContext& context) {
  return hash64(fmt::format("{}/{}/{}/{}", context.exit_code.value_or(-1), context.signal.value_or(-1), context.http_status.value_or(-1),
                            context.oom_killed.value_or(false)));
}

}  // namespace

// Diagnoses by normalised text: least recently used goes first.
class StandardDiagnoser::Cache {
 public:
  explicit Cache(std::size_t size) : size_(size) {}

  std::optional<Entry> find(std::uint64_t key) {
    std::lock_guard lock(mutex_);
    const auto found = index_.find(key);
    if (found == index_.end()) return std::nullopt;
    order_.splice(order_.begin(), order_, found->second);
    return found->second->second;
  }
  void put(std::uint64_t key, Entry entry) {
    if (size_ == 0) return;
    std::lock_guard lock(mutex_);
    if (const auto found = index_.find(key); found != index_.end()) {
      found->second->second = std::move(entry);
      order_.splice(order_.begin(), order_, found->second);
      return;
    }
    order_.emplace_front(key, std::move(entry));
    index_[key] = order_.begin();
    if (order_.size() > size_) {
      index_.erase(order_.back().first);
      order_.pop_back();
    }
  }

 private:
  const std::size_t size_;
  std::mutex mutex_;
  std::list<std::pair<std::uint64_t, Entry>> order_;
  std::unordered_map<std::uint64_t, decltype(order_)::iterator> index_;
};

StandardDiagnoser::StandardDiagnoser(DiagnosisModel model, const Retriever* retriever, const Clock& clock, std::size_t cache_size)
    : model_(std::move(model)), retriever_(retriever), clock_(clock), cache_(std::make_unique<Cache>(cache_size)) {}
StandardDiagnoser::~StandardDiagnoser() = default;

Fingerprint fingerprint_of(const PreparedText& text, ErrorType type, std::string_view cause) {
  const std::string& told = text.normal_roots.empty() ? text.normal : text.normal_roots;
  return Fingerprint(blake2b_hex(fmt::format("{}/{}\n{}", to_string(type), cause, told), 16));
}

Fingerprint StandardDiagnoser::fingerprint(const DiagnosisRequest& request) { return diagnose(request).fingerprint; }

Votes StandardDiagnoser::votes(const DiagnosisRequest& request) const {
  Votes votes;
  votes.context = context_votes(request.context);
  if (!model_.signatures) return votes;
  const PreparedText text = prepare_text(request.text);
  const auto hits = model_.signatures->match(text.focus);
  const HitView view = judge_hits(*model_.signatures, hits);
  votes.hits = hit_votes(*model_.signatures, view, text);
  votes.linear_present = model_.linear.present();
  if (votes.linear_present) votes.linear = model_.linear.predict(make_features(text, request.platform, *model_.signatures, view));
  return votes;
}

Diagnosis StandardDiagnoser::diagnose(const DiagnosisRequest& request) {
  const PreparedText text = prepare_text(request.text);
  std::vector<SignatureHit> hits;
  if (model_.signatures) hits = model_.signatures->match(text.focus);
  // Signatures read what the normal form leaves out (SQLSTATE 23505 and 40001 have one form), so the hits are part of the key.
  std::uint64_t key = hash64(text.normal, hash64(request.platform, context_hash(request.context)));
  for (const SignatureHit& hit : hits) key = hash64(fmt::format("{}", hit.signature), key);
  if (auto known = cache_->find(key)) {
    Diagnosis diagnosis = std::move(known->diagnosis);
    diagnosis.path = "cached";
    diagnosis.made_at = clock_.now();
    diagnosis.facts.clear();
    if (!request.thorough) return diagnosis;
    // The text may name another host or number than the one that was cached: its facts are its own.
    diagnosis.facts = facts_of(request, text, hits, known->hits);
    doubt(diagnosis, text, hits);
    return diagnosis;
  }
  Entry fresh = diagnose_fully(request, text, hits);
  cache_->put(key, fresh);
  doubt(fresh.diagnosis, text, hits);
  return std::move(fresh.diagnosis);
}

// After the cache, whose key leaves out lines of no failure: a success told there matters here.
void StandardDiagnoser::doubt(Diagnosis& diagnosis, const PreparedText& text, std::span<const SignatureHit> hits) const {
  if (diagnosis.type == ErrorType::unknown_error || diagnosis.confidence < kAutoFrom || !model_.signatures) return;
  std::vector<TextSpan> firm, hints;
  for (const SignatureHit& hit : hits) {
    const Signature& signature = model_.signatures->signatures()[hit.signature];
    if (signature.type == diagnosis.type) (signature.strength == Strength::hint ? hints : firm).push_back({hit.begin, hit.end});
  }
  std::string why = judge_substance(text, !firm.empty());
  if (why.empty() && model_.doubts) why = model_.doubts->judge(text, firm.empty() ? hints : firm);
  if (why.empty()) return;
  diagnosis.confidence = kAutoFrom - 0.01;
  diagnosis.evidence_status = EvidenceStatus::hypothesis;
  diagnosis.notes.push_back(fmt::format("a person decides, because {}", why));
}

StandardDiagnoser::Entry StandardDiagnoser::diagnose_fully(const DiagnosisRequest& request, const PreparedText& text,
                                                           std::span<const SignatureHit> hits) {
  Diagnosis out;
  out.fingerprint = fingerprint_of(text, out.type, out.cause);
  out.model = model_.version();
  out.path = "full";
  out.made_at = clock_.now();
  out.notes = model_.degraded;
  const bool speechless = trim(text.focus).empty();
  if (!model_.signatures && !model_.linear.present()) {
    out.strategy = "escalate_to_human";
    out.evidence_gaps.emplace_back("the model file is missing or damaged");
    return {std::move(out), {}};
  }

  HitView view;
  Votes votes;
  votes.context = context_votes(request.context);
  if (model_.signatures) {
    view = judge_hits(*model_.signatures, hits);
    votes.hits = hit_votes(*model_.signatures, view, text);
    if (model_.linear.present()) {
      votes.linear = model_.linear.predict(make_features(text, request.platform, *model_.signatures, view));
      votes.linear_present = true;
    }
  }
  const FusedVerdict verdict = fuse(votes, model_.numbers);

  const std::size_t linear_best = index_of_largest(votes.linear), signature_best = index_of_largest(verdict.signatures),
                    context_best = index_of_largest(votes.context);
  if (votes.linear_present) out.voters.push_back({"linear", kErrorTypes[linear_best], votes.linear[linear_best]});
  if (verdict.signatures[signature_best] > 0)
    out.voters.push_back({"signatures", kErrorTypes[signature_best], 1 / (1 + std::exp(-verdict.signatures[signature_best]))});
  if (votes.context[context_best] > 0)
    out.voters.push_back({"context", kErrorTypes[context_best], 1 / (1 + std::exp(-votes.context[context_best]))});

  out.type = verdict.type;
  out.confidence = verdict.confidence;
  if (speechless && votes.context[context_best] <= 0) {
    out.type = ErrorType::unknown_error;
    out.confidence = std::min(out.confidence, 0.4);
    out.notes.emplace_back("the text is empty");
  }
  if (votes.linear_present && verdict.firm_hit && linear_best != signature_best && votes.linear[linear_best] > kVotersApart &&
      out.confidence >= kAutoFrom && verdict.signatures[signature_best] < model_.numbers.decisive) {
    out.confidence = kAutoFrom - 0.01;
    out.notes.push_back(fmt::format("the voters contradict each other: signatures say {}, the linear model says {}",
                                    to_string(kErrorTypes[signature_best]), to_string(kErrorTypes[linear_best])));
  }
  if (!model_.linear.present() || !model_.signatures || !model_.degraded.empty()) {
    out.confidence = std::min(out.confidence, kAutoFrom - 0.01);
    out.notes.emplace_back("a part of the model is missing: nothing is decided without a person");
  }

  // Cause and facts come from the hits of the type that won, the strongest first.
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < hits.size(); ++i)
    if (!view.silenced[i] && model_.signatures->signatures()[hits[i].signature].type == out.type) order.push_back(i);
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return model_.signatures->signatures()[hits[a].signature].strength > model_.signatures->signatures()[hits[b].signature].strength;
  });
  std::vector<std::size_t> used;
  for (const std::size_t i : order) {
    const Signature& signature = model_.signatures->signatures()[hits[i].signature];
    if (out.cause.empty()) out.cause = signature.cause;
    out.transient = out.transient || signature.transient;
    used.push_back(hits[i].signature);
    out.evidence.push_back({EvidenceKind::signature, signature.id, std::string(cut_utf8(text.focus.substr(hits[i].begin, hits[i].end - hits[i].begin), 160)),
                            signature.strength == Strength::decisive ? 1.0 : signature.strength == Strength::strong ? 0.7 : 0.3});
  }
  // What other hits captured is still true of the text (a host, a status).
  for (std::size_t i = 0; i < hits.size(); ++i)
    if (std::ranges::find(used, hits[i].signature) == used.end() && !hits[i].facts.empty()) used.push_back(hits[i].signature);
  out.facts = facts_of(request, text, hits, used);
  out.strategy = std::string(strategy_of(model_.types, out.type));
  add_evidence(out, text, request.platform, view, votes);
  if (!std::isfinite(out.confidence)) {
    out.confidence = 0;
    out.type = ErrorType::unknown_error;
    out.notes.emplace_back("a number went wrong (not finite)");
  }
  out.fingerprint = fingerprint_of(text, out.type, out.cause);
  return {std::move(out), std::move(used)};
}

std::vector<Fact> StandardDiagnoser::facts_of(const DiagnosisRequest& request, const PreparedText& text, std::span<const SignatureHit> hits,
                                              std::span<const std::size_t> order) const {
  std::vector<Fact> out;
  for (const std::size_t index : order)
    for (const SignatureHit& hit : hits) {
      if (hit.signature != index) continue;
      for (const Fact& fact : hit.facts) {
        const std::string_view value = trimmed_fact(fact.name, fact.value);
        // One value a name: the strongest signature's.
        if (is_fact_value(fact.name, value) && std::ranges::find(out, fact.name, &Fact::name) == out.end())
          out.push_back({fact.name, std::string(value), kNowhere});
      }
    }
  if (model_.facts) {
    // The rules read the cleaned text; where cleaning changed nothing, its places are the original's.
    const bool same = text.clean == request.text;
    for (Fact& fact : model_.facts->find(text, out)) {
      if (!same) fact.offset = kNowhere;
      out.push_back(std::move(fact));
    }
  }
  for (Fact& fact : out)
    if (fact.offset == kNowhere) {
      const auto at = request.text.find(fact.value);
      fact.offset = at == std::string_view::npos ? 0 : at;
    }
  return out;
}

void StandardDiagnoser::add_evidence(Diagnosis& out, const PreparedText& text, std::string_view platform, const HitView& hits,
                                     const Votes& votes) const {
  bool case_agrees = false;
  if (retriever_) {
    const std::string& query = text.normal_roots.empty() ? text.normal : text.normal_roots;
    for (const RetrievedCase& found : retriever_->similar_cases(query, platform, kCases)) {
      if (found.similarity >= kAlike && found.past.error_type == out.type) case_agrees = true;
      out.evidence.push_back({EvidenceKind::similar_case, found.past.id.str(),
                              fmt::format("{} -> {}: {}", to_string(found.past.error_type), found.past.resolution_strategy,
                                          cut_utf8(found.past.resolution, 160)),
                              found.similarity});
    }
    for (const RetrievedPassage& found : retriever_->passages(query, out.type, kPassages))
      out.evidence.push_back({EvidenceKind::runbook, found.passage.runbook + "#" + found.passage.section,
                              found.passage.title + ": " + found.passage.section, found.similarity});
  }
  const bool linear_agrees =
      votes.linear_present && index_of_largest(votes.linear) == std::size_t(out.type);
  bool firm_hit = false;
  for (std::size_t i = 0; i < hits.hits.size(); ++i) {
    const Signature& signature = model_.signatures->signatures()[hits.hits[i].signature];
    if (!hits.silenced[i] && signature.type == out.type && signature.strength != Strength::hint) firm_hit = true;
  }
  const bool context_agrees = votes.context[std::size_t(out.type)] > 0;
  const int agreeing = int(firm_hit) + int(linear_agrees) + int(case_agrees) + int(context_agrees);
  if (out.type == ErrorType::unknown_error) {
    out.evidence_status = firm_hit ? EvidenceStatus::hypothesis : EvidenceStatus::insufficient;
  } else if (firm_hit && agreeing >= 2 && out.confidence >= kAssistFrom) {
    out.evidence_status = EvidenceStatus::confirmed;
  } else {
    out.evidence_status = out.confidence >= kAssistFrom ? EvidenceStatus::hypothesis : EvidenceStatus::insufficient;
  }
  if (!firm_hit) out.evidence_gaps.emplace_back("no known wording settles the type: the full error text or the tool's error code would");
  if (!case_agrees) out.evidence_gaps.emplace_back("no past case resembles this error closely");
  if (votes.linear_present && !linear_agrees) out.evidence_gaps.emplace_back("the linear model leans to another type");
  if (out.type == ErrorType::unknown_error && out.transient)
    out.evidence_gaps.emplace_back("the failure is of a passing kind (conflict, deadlock): a retry may help, a person decides");
}

}  // namespace mend
