#include "diagnose/doubts.h"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <re2/re2.h>
#include <re2/set.h>

#include "base/text.h"

namespace mend {
namespace {

// Judged of substance_: a log of one repeated line has more words than this, a mumble has fewer.
constexpr std::size_t kFewWords = 6, kManyTimes = 30, kLeastWords = 3;

RE2::Options pattern_options() {
  RE2::Options options;
  options.set_case_sensitive(false);
  options.set_log_errors(false);
  options.set_max_mem(64 << 20);
  return options;
}

bool in_focus(const TextLine& line) { return line.focus_end > line.focus_begin; }

std::vector<TextSpan> all_lines(std::span<const TextLine> lines) {
  const bool roots = std::ranges::any_of(lines, [](const TextLine& line) { return line.kind == LineKind::root && in_focus(line); });
  std::vector<TextSpan> out;
  for (const TextLine& line : lines)
    if (in_focus(line) && (line.kind == LineKind::root || !roots)) out.push_back({line.focus_begin, line.focus_end});
  return out;
}

}  // namespace

// One set for each way of looking: a line, and the text as a whole.
struct DoubtSet::Engine {
  RE2::Set lines{pattern_options(), RE2::UNANCHORED}, texts{pattern_options(), RE2::UNANCHORED};
  std::vector<std::size_t> line_doubts, text_doubts;  // indices into doubts_

  std::vector<std::size_t> match(const RE2::Set& set, const std::vector<std::size_t>& doubts, std::string_view text) const {
    std::vector<int> found;
    if (!set.Match(re2::StringPiece(text.data(), text.size()), &found)) return {};
    std::vector<std::size_t> out;
    for (const int one : found) out.push_back(doubts[std::size_t(one)]);
    std::ranges::sort(out);
    return out;
  }
};

Result<std::unique_ptr<DoubtSet>> DoubtSet::compile(std::vector<Doubt> doubts) {
  auto engine = std::make_unique<Engine>();
  for (std::size_t i = 0; i < doubts.size(); ++i) {
    const bool whole = doubts[i].scope == DoubtScope::text;
    std::string problem;
    if ((whole ? engine->texts : engine->lines).Add("(?m)" + doubts[i].pattern, &problem) < 0)
      return fail(ErrorKind::invalid_input, fmt::format("doubt {}: {}", doubts[i].id, problem));
    (whole ? engine->text_doubts : engine->line_doubts).push_back(i);
  }
  if (!engine->lines.Compile() || !engine->texts.Compile()) return fail(ErrorKind::exhausted, "the doubts need too much memory");
  return std::unique_ptr<DoubtSet>(new DoubtSet(std::move(doubts), std::move(engine)));
}

DoubtSet::DoubtSet(std::vector<Doubt> doubts, std::unique_ptr<Engine> engine) : doubts_(std::move(doubts)), engine_(std::move(engine)) {}
DoubtSet::~DoubtSet() = default;

std::string DoubtSet::judge(const PreparedText& text, std::span<const TextSpan> claims) const {
  if (!engine_->text_doubts.empty())
    if (const auto found = engine_->match(engine_->texts, engine_->text_doubts, text.clean); !found.empty()) return doubts_[found.front()].note;
  if (engine_->line_doubts.empty()) return {};

  const std::vector<TextLine>& lines = text.lines;
  const std::vector<TextSpan> every_line = claims.empty() ? all_lines(lines) : std::vector<TextSpan>();
  if (claims.empty()) claims = every_line;
  if (claims.empty()) return {};

  // Which scopes are seen in a piece of text; a success that also tells of a failure is none.
  const auto doubt_of = [&](std::string_view piece, DoubtScope scope) -> const Doubt* {
    for (const std::size_t index : engine_->match(engine_->lines, engine_->line_doubts, piece))
      if (doubts_[index].scope == scope) return &doubts_[index];
    return nullptr;
  };
  const auto line_of = [&](const TextSpan& claim) {
    return std::size_t(std::ranges::find_if(lines, [&](const TextLine& line) { return in_focus(line) && claim.begin < line.focus_end; }) - lines.begin());
  };

  // All claims under a doubt of their own line?
  const Doubt* first = nullptr;
  bool all_doubted = true;
  std::size_t last_line = 0, last_end = 0;
  for (const TextSpan& claim : claims) {
    const std::size_t at = line_of(claim);
    if (at >= lines.size()) return {};
    last_line = std::max(last_line, at);
    last_end = std::max(last_end, claim.end);
    const Doubt* doubt = all_doubted ? doubt_of(lines[at].text, DoubtScope::line) : nullptr;
    all_doubted = all_doubted && doubt;
    if (!first) first = doubt;
  }
  if (all_doubted && first) return first->note;

  // Told of a success afterwards, and of no failure after that?
  const Doubt* over = nullptr;
  for (std::size_t i = last_line; i < lines.size(); ++i) {
    if (lines[i].kind == LineKind::frame) continue;
    std::string_view piece = lines[i].text;
    if (i == last_line) {  // what stands in it behind the last claim
      piece = trim(piece);
      piece.remove_prefix(std::min(piece.size(), last_end - lines[i].focus_begin));
    }
    if (doubt_of(piece, DoubtScope::failure)) over = nullptr;
    else if (const Doubt* success = doubt_of(piece, DoubtScope::success)) over = success;
  }
  return over ? over->note : std::string();
}

std::string judge_substance(const PreparedText& text, bool firm) {
  std::set<std::string_view> distinct;
  std::size_t total = 0;
  for (std::string_view rest = text.normal; !rest.empty();) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80; };
    const auto begin = std::ranges::find_if(rest, is_letter);
    const auto end = std::find_if_not(begin, rest.end(), is_letter);
    if (begin == rest.end()) break;
    ++total;
    if (distinct.size() <= kFewWords) distinct.emplace(&*begin, std::size_t(end - begin));
    rest.remove_prefix(std::size_t(end - rest.begin()));
  }
  if (total >= kManyTimes && distinct.size() <= kFewWords) return "it is the same few words again and again";
  if (!firm && (total < kLeastWords || distinct.size() < kLeastWords)) return "the text is too short to stand on";
  return {};
}

}  // namespace mend
