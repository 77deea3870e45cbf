#include "diagnose/fact_rules.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <mutex>

#include "base/text.h"
#include "diagnose/fact_names.h"
#include "diagnose/pattern_scan.h"

namespace mend {
namespace {

constexpr std::size_t kWholeUpTo = 12 * 1024;   // texts up to here are read whole
constexpr std::size_t kEnds = 4 * 1024;         // of longer ones this much at either end,
constexpr std::size_t kMiddleRoots = 4 * 1024;  // and this much of the root lines between
constexpr int kMostMatches = 12;                // of one rule in one piece: a better line may follow the first match

struct Piece {
  std::string_view text;
  bool frames = false;  // stack frames, and nothing else
};

// The parts of a text that are read: runs of lines that are frames, and of lines that are none. Most rules skip the former, and
// "File.java:12" looks like a host with its port to some.
std::vector<Piece> pieces_of(const PreparedText& text) {
  const std::string_view clean = text.clean;
  std::size_t head = clean.size(), tail = clean.size();
  if (clean.size() > kWholeUpTo) {
    head = clean.rfind('\n', kEnds);
    tail = clean.find('\n', clean.size() - kEnds);
    if (head == std::string_view::npos) head = kEnds;
    if (tail == std::string_view::npos) tail = clean.size() - kEnds;
  }
  std::vector<Piece> out;
  std::size_t room = kMiddleRoots;
  for (const TextLine& line : text.lines) {
    const auto at = std::size_t(line.text.data() - clean.data());
    std::string_view part = line.text;
    if (at >= head && at < tail) {
      if (line.kind != LineKind::root) continue;
      part = part.substr(0, room);
      room -= part.size();
    } else if (clean.size() > kWholeUpTo) {
      part = part.substr(0, kEnds);
    }
    if (part.empty()) continue;
    const bool frame = line.kind == LineKind::frame;
    if (!out.empty() && out.back().frames == frame) {
      std::string_view& last = out.back().text;
      const char* const end = last.data() + last.size();
      if (part.data() >= end && part.data() <= end + 2) {  // the next line: only its line end stands between
        last = {last.data(), std::size_t(part.data() + part.size() - last.data())};
        continue;
      }
    }
    out.push_back({part, frame});
  }
  return out;
}

LineKind kind_at(const PreparedText& text, const char* place) {
  const auto after = std::ranges::upper_bound(text.lines, place, {}, [](const TextLine& line) { return line.text.data(); });
  return after == text.lines.begin() ? LineKind::plain : std::prev(after)->kind;
}

// Smaller is better.
constexpr int kNothing = 4;
int rank(LineKind kind) {
  switch (kind) {
    case LineKind::root: return 0;
    case LineKind::plain: return 1;
    case LineKind::healthy: return 2;
    case LineKind::frame: return 3;
  }
  return 3;
}

}  // namespace

struct FactRules::Engine {
  struct Compiled {
    std::unique_ptr<const RE2> pattern, refuse;
    std::vector<std::pair<int, std::size_t>> groups;  // number of the group, bit of its name
  };

  explicit Engine(PatternScan made, const std::vector<FactRule>& rules)
      : scan(std::move(made)), compiled(rules.size()), once(rules.size()) {
    // Names as bits: a rule all of whose names are found already is skipped without a look at the text.
    for (const FactRule& rule : rules) {
      std::uint64_t mask = 0;
      for (std::size_t at = rule.pattern.find("(?P<"); at != std::string::npos; at = rule.pattern.find("(?P<", at + 1)) {
        const auto end = rule.pattern.find('>', at);
        if (end == std::string::npos) break;
        mask |= std::uint64_t(1) << bit(fact_name_of_group(std::string_view(rule.pattern).substr(at + 4, end - at - 4)));
      }
      masks.push_back(mask);
    }
  }

  std::size_t bit(std::string_view name) {
    const auto found = std::ranges::find(names, name);
    if (found != names.end()) return std::size_t(found - names.begin());
    names.emplace_back(name);
    return names.size() - 1;
  }

  // Compiled at its first use: not every run meets every rule.
  const Compiled& rule(std::size_t index, const FactRule& rule) const {
    std::call_once(once[index], [&] {
      RE2::Options options;
      options.set_log_errors(false);
      Compiled& made = compiled[index];
      made.pattern = std::make_unique<const RE2>("(?im)" + rule.pattern, options);
      if (!rule.refuse.empty()) made.refuse = std::make_unique<const RE2>("(?i)" + rule.refuse, options);
      if (!made.pattern->ok()) return;
      for (const auto& [number, name] : made.pattern->CapturingGroupNames()) {
        const auto found = std::ranges::find(names, fact_name_of_group(name));
        if (found != names.end()) made.groups.emplace_back(number, std::size_t(found - names.begin()));
      }
    });
    return compiled[index];
  }

  PatternScan scan;
  std::vector<std::string> names;          // by bit
  std::vector<std::uint64_t> masks;        // by rule
  mutable std::vector<Compiled> compiled;  // by rule
  mutable std::vector<std::once_flag> once;
};

FactRules::FactRules(std::vector<FactRule> rules, std::unique_ptr<Engine> engine) : rules_(std::move(rules)), engine_(std::move(engine)) {}
FactRules::~FactRules() = default;

Result<std::unique_ptr<FactRules>> FactRules::compile(std::vector<FactRule> rules) {
  std::vector<PatternScan::Pattern> patterns;
  for (const FactRule& rule : rules) patterns.push_back({fmt::format("the fact rule in line {}", rule.line), rule.pattern});
  MEND_TRY(auto scan, PatternScan::compile(patterns));
  auto engine = std::make_unique<Engine>(std::move(scan), rules);
  return std::unique_ptr<FactRules>(new FactRules(std::move(rules), std::move(engine)));
}

Result<std::unique_ptr<FactRules>> FactRules::load(std::vector<FactRule> rules, std::string_view scanner) {
  MEND_TRY(auto scan, PatternScan::load(scanner, "the fact scanner"));
  auto engine = std::make_unique<Engine>(std::move(scan), rules);
  return std::unique_ptr<FactRules>(new FactRules(std::move(rules), std::move(engine)));
}

Result<std::string> FactRules::serialise() const { return engine_->scan.serialise(); }

namespace {

struct Candidate {
  std::string_view value;
  int rank = kNothing;
};

// Looks a rule up in a piece and keeps, for each wanted name, the value on the best line.
template <class Compiled>
void look(const FactRule& rule, const Compiled& compiled, std::span<const std::string> names, const PreparedText& text,
          std::string_view piece, std::uint64_t wanted, std::span<Candidate> best) {
  if (!compiled.pattern || !compiled.pattern->ok()) return;
  std::array<re2::StringPiece, 12> found;
  const int groups = std::min(compiled.pattern->NumberOfCapturingGroups(), int(found.size()) - 1);
  const re2::StringPiece whole(piece.data(), piece.size());
  std::size_t from = 0;
  for (int n = 0; n < kMostMatches && from < piece.size(); ++n) {
    if (!compiled.pattern->Match(whole, from, piece.size(), RE2::UNANCHORED, found.data(), groups + 1)) return;
    from = std::max(std::size_t(found[0].data() - piece.data()) + found[0].size(), from + 1);
    // One group that cannot be what it says (a source file taken for a host) spoils what the others captured beside it.
    const auto refused = [&](const auto& group_and_bit) {
      const auto& group = found[std::size_t(group_and_bit.first)];
      if (group_and_bit.first > groups || group.data() == nullptr) return false;
      const std::string_view value = trimmed_fact(names[group_and_bit.second], {group.data(), group.size()});
      if (compiled.refuse && RE2::FullMatch(re2::StringPiece(value.data(), value.size()), *compiled.refuse)) return true;
      return names[group_and_bit.second] == "host" && !is_fact_value("host", value);
    };
    if (std::ranges::any_of(compiled.groups, refused)) continue;
    bool complete = true;
    for (const auto& [number, bit] : compiled.groups) {
      if (number > groups || !(wanted >> bit & 1)) continue;
      Candidate& candidate = best[bit];
      const auto& group = found[std::size_t(number)];
      if (group.data() != nullptr && candidate.rank > 0) {
        const std::string_view value = trimmed_fact(names[bit], {group.data(), group.size()});
        const LineKind kind = kind_at(text, group.data());
        const bool allowed = (kind != LineKind::frame || rule.frames) && is_fact_value(names[bit], value);
        if (allowed && rank(kind) < candidate.rank) candidate = {value, rank(kind)};
      }
      complete = complete && candidate.rank == 0;
    }
    if (complete) return;
  }
}

bool near_enough(const FactRule& rule, std::string_view lower_text) {
  return rule.near.empty() ||
         std::ranges::any_of(rule.near, [&](const std::string& word) { return lower_text.find(word) != std::string_view::npos; });
}

}  // namespace

std::vector<Fact> FactRules::find(const PreparedText& text, std::span<const Fact> known) const {
  std::uint64_t missing = engine_->names.size() >= 64 ? ~std::uint64_t(0) : (std::uint64_t(1) << engine_->names.size()) - 1;
  for (const Fact& fact : known)
    if (const auto at = std::ranges::find(engine_->names, fact.name); at != engine_->names.end())
      missing &= ~(std::uint64_t(1) << (at - engine_->names.begin()));

  const auto pieces = pieces_of(text);
  std::vector<std::pair<unsigned, std::size_t>> order;  // rule, piece
  for (std::size_t p = 0; p < pieces.size(); ++p)
    for (const unsigned rule : engine_->scan.candidates(pieces[p].text))
      if (rule < rules_.size() && (!pieces[p].frames || rules_[rule].frames))
        order.emplace_back(rule, p);  // a scanner may know more rules than these
  std::ranges::sort(order);

  std::string lower;  // made when the first rule asks for words
  std::vector<Fact> out;
  std::vector<Candidate> best(engine_->names.size());
  for (std::size_t i = 0; i < order.size() && missing != 0;) {
    const unsigned index = order[i].first;
    const std::uint64_t wanted = engine_->masks[index] & missing;
    const FactRule& rule = rules_[index];
    if (!rule.near.empty() && lower.empty()) lower = lower_ascii(text.clean);
    const bool looked = wanted != 0 && near_enough(rule, lower);
    for (; i < order.size() && order[i].first == index; ++i)
      if (looked) look(rule, engine_->rule(index, rule), engine_->names, text, pieces[order[i].second].text, wanted, best);
    if (!looked) continue;
    for (std::size_t bit = 0; bit < best.size(); ++bit) {
      if (best[bit].rank == kNothing) continue;
      out.push_back({engine_->names[bit], std::string(best[bit].value), std::size_t(best[bit].value.data() - text.clean.data())});
      missing &= ~(std::uint64_t(1) << bit);
      best[bit] = {};
    }
  }
  return out;
}

std::vector<Fact> FactRules::find_by(std::size_t index, const PreparedText& text) const {
  std::vector<Fact> out;
  if (!near_enough(rules_[index], lower_ascii(text.clean))) return out;
  std::vector<Candidate> best(engine_->names.size());
  look(rules_[index], engine_->rule(index, rules_[index]), engine_->names, text, text.clean, engine_->masks[index], best);
  for (std::size_t bit = 0; bit < best.size(); ++bit)
    if (best[bit].rank != kNothing)
      out.push_back({engine_->names[bit], std::string(best[bit].value), std::size_t(best[bit].value.data() - text.clean.data())});
  return out;
}

}  // namespace mend
