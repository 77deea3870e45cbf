#include "redact/redactor.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "redact/number_checks.h"
#include "redact/pattern_scanner.h"
#include "redact/secret_pattern.h"
#include "redact/secret_value.h"
#include "redact/spans.h"

namespace mend {
namespace {

// One pass nearly always suffices, two settle what a replacement uncovered. A text built to need more is replaced whole.
constexpr int kMostPasses = 8;
constexpr std::string_view kUnsettled = "[redacted:text]";
constexpr std::size_t kMostExceptBytes = 512;  // longer ones are never excused
constexpr int kMostGroups = 16;

RE2::Options bytes_options() {
  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingLatin1);
  options.set_log_errors(false);
  return options;
}

// A pattern ready to search with. Thread-safe: RE2 is.
struct Finder {
  SecretPattern pattern;
  std::unique_ptr<const RE2> match;
  std::unique_ptr<const RE2> except;
  int group = 0;  // of the capture `secret`; 0: the whole match
};

Result<Finder> make_finder(SecretPattern pattern, std::string_view file) {
  const auto wrong = [&](std::string_view why) {
    return fail(ErrorKind::invalid_input, fmt::format("{}:{}: {}: {}", file, pattern.line, pattern.kind, why));
  };
  Finder finder;
  finder.match = std::make_unique<const RE2>(pattern.match, bytes_options());
  if (!finder.match->ok()) return wrong(fmt::format("'match' is no valid pattern: {}", finder.match->error()));
  if ((pattern.match + pattern.anchor).find("\\Q") != std::string::npos) return wrong("no \\Q in a pattern, please");
  if (const RE2 anchor(pattern.anchor, bytes_options()); !anchor.ok())
    return wrong(fmt::format("'anchor' is no valid pattern: {}", anchor.error()));
  if (RE2::PartialMatch("", *finder.match)) return wrong("'match' matches the empty text");
  for (const auto& [name, number] : finder.match->NamedCapturingGroups()) {
    if (name != "secret") return wrong(fmt::format("the only named capture is 'secret', not '{}'", name));
    finder.group = number;
  }
  if (finder.group >= kMostGroups) return wrong("too many captures before 'secret': use (?:...)");
  if (pattern.extend && finder.group == 0) return wrong("'extend' needs the capture 'secret'");
  if (!pattern.except.empty()) {
    finder.except = std::make_unique<const RE2>(pattern.except, bytes_options());
    if (!finder.except->ok()) return wrong(fmt::format("'except' is no valid pattern: {}", finder.except->error()));
  }
  finder.pattern = std::move(pattern);
  return finder;
}

bool passes(SecretCheck check, std::string_view text, const FoundValue& value, const HarmlessWords& harmless) {
  const auto found = text.substr(value.begin, value.end - value.begin);
  switch (check) {
    case SecretCheck::none: return true;
    case SecretCheck::luhn: return is_card_number(text, value.begin, value.end);
    case SecretCheck::iban: return is_iban(found);
    case SecretCheck::us_ssn: return is_us_ssn(text, value.begin, value.end);
    case SecretCheck::uk_nino: return is_uk_nino(found);
    case SecretCheck::fr_insee: return is_fr_insee(found);
    case SecretCheck::de_tax_id: return is_de_tax_id(found);
    case SecretCheck::phone: return is_phone_number(found);
    default: return is_secret_value(check, text, value, harmless);
  }
}

}  // namespace

struct Redactor::Impl {
  std::vector<Finder> finders;
  std::vector<std::string> kinds;         // sorted
  std::vector<std::string> placeholders;  // by finder
  HarmlessWords harmless{{}};
  std::unique_ptr<PatternScanner> scanner;

  void find(unsigned index, std::string_view text, const Placeholders& present, std::vector<SecretSpan>& spans) const;
  std::vector<SecretSpan> find_all(std::string_view text) const;
  std::string replace(std::string_view text, std::span<const SecretSpan> spans) const;
  Result<void> check_examples(std::string_view file, const Redactor& redactor) const;
};

void Redactor::Impl::find(unsigned index, std::string_view text, const Placeholders& present, std::vector<SecretSpan>& spans) const {
  const Finder& finder = finders[index];
  const re2::StringPiece piece(text.data(), text.size());
  std::array<re2::StringPiece, kMostGroups> groups;
  const int count = finder.group + 1;
  std::size_t at = 0;
  while (at < text.size() && finder.match->Match(piece, at, text.size(), RE2::UNANCHORED, groups.data(), count)) {
    const auto whole = std::size_t(groups[0].data() - text.data());
    const auto& named = groups[std::size_t(finder.group)];
    const auto& secret = named.data() != nullptr ? named : groups[0];
    const auto begin = std::size_t(secret.data() - text.data());
    FoundValue value{begin, begin + secret.size(), false};
    if (finder.pattern.extend) value = take_value(text, begin);
    SecretSpan span{value.begin, value.end, index, finder.pattern.yields};
    const auto found = text.substr(value.begin, value.end - value.begin);
    std::size_t next = std::max(whole + 1, begin);
    if (finder.except && found.size() <= kMostExceptBytes &&
        RE2::PartialMatch(re2::StringPiece(found.data(), found.size()), *finder.except)) {
      next = std::max(next, value.end);
    } else if (value.end > value.begin && passes(finder.pattern.check, text, value, harmless)) {
      if (present.widen(text, span)) spans.push_back(span);
      next = std::max(next, value.end);
    }
    at = next;
  }
}

std::vector<SecretSpan> Redactor::Impl::find_all(std::string_view text) const {
  std::vector<SecretSpan> spans;
  const auto candidates = scanner->candidates(text);
  if (candidates.empty()) return spans;
  const Placeholders present(text, kinds);
  for (const unsigned index : candidates) find(index, text, present, spans);
  if (spans.size() < 2) return spans;
  return merge_spans(std::move(spans));
}

std::string Redactor::Impl::replace(std::string_view text, std::span<const SecretSpan> spans) const {
  std::string out;
  out.reserve(text.size() + spans.size() * 16);
  std::size_t at = 0;
  for (const auto& span : spans) {
    out += text.substr(at, span.begin - at);
    out += placeholders[span.pattern];
    at = span.end;
  }
  out += text.substr(at);
  return out;
}

// Every example through the whole set, and at least one of each pattern's through that pattern alone: a pattern that never finds
// anything would otherwise hide behind a general one.
Result<void> Redactor::Impl::check_examples(std::string_view file, const Redactor& redactor) const {
  for (unsigned i = 0; i < finders.size(); ++i) {
    const auto& pattern = finders[i].pattern;
    bool found = false;
    const auto check = [&](const SecretExample& example) -> Result<void> {
      const std::string got = redactor.redact(example.text);
      if (got == example.want) return {};
      return fail(ErrorKind::invalid_input,
                  fmt::format("{}:{}: {}: the example becomes '{}', wanted '{}'", file, example.line, pattern.kind, got, example.want));
    };
    for (const auto& example : pattern.examples) {
      MEND_CHECK(check(example));
      std::vector<SecretSpan> spans;
      find(i, example.text, Placeholders(example.text, kinds), spans);
      found = found || !spans.empty();
    }
    for (const auto& example : pattern.counter_examples) MEND_CHECK(check(example));
    if (!found)
      return fail(ErrorKind::invalid_input,
                  fmt::format("{}:{}: {}: none of its examples is found by this pattern", file, pattern.line, pattern.kind));
  }
  return {};
}

Redactor::Redactor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Redactor::~Redactor() = default;

Result<std::unique_ptr<Redactor>> Redactor::load(std::string_view yaml, std::string_view name) {
  MEND_TRY(SecretPatternFile file, parse_secret_patterns(yaml, name));
  auto impl = std::make_unique<Impl>();
  impl->harmless = HarmlessWords(file.harmless);
  for (const auto& pattern : file.patterns) {
    MEND_TRY(Finder finder, make_finder(pattern, name));
    impl->kinds.push_back(finder.pattern.kind);
    impl->placeholders.push_back("[redacted:" + finder.pattern.kind + "]");
    impl->finders.push_back(std::move(finder));
  }
  std::ranges::sort(impl->kinds);
  impl->kinds.erase(std::unique(impl->kinds.begin(), impl->kinds.end()), impl->kinds.end());
  auto scanner = PatternScanner::compile(file.patterns);
  if (!scanner) return fail(scanner.error().kind, fmt::format("{}:{}", name, scanner.error().message));
  impl->scanner = std::move(*scanner);
  std::unique_ptr<Redactor> redactor(new Redactor(std::move(impl)));
  MEND_CHECK(redactor->impl_->check_examples(name, *redactor));
  return redactor;
}

std::string Redactor::redact(std::string_view text) const {
  std::string out;
  std::string_view current = text;
  for (int pass = 0; pass < kMostPasses; ++pass) {
    const auto spans = impl_->find_all(current);
    if (spans.empty()) return pass == 0 ? std::string(text) : out;
    std::string replaced = impl_->replace(current, spans);
    out = std::move(replaced);
    current = out;
  }
  return impl_->find_all(out).empty() ? out : std::string(kUnsettled);
}

}  // namespace mend
