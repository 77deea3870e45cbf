#include "redact/spans.h"

#include <algorithm>

namespace mend {
namespace {

constexpr std::string_view kOpen = "[redacted:";

bool earlier(const SecretSpan& a, const SecretSpan& b) { return a.begin != b.begin ? a.begin < b.begin : a.end > b.end; }

bool is_content(char c) {  // bytes beyond ASCII count: they are letters of some language
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

Placeholders::Placeholders(std::string_view text, const std::vector<std::string>& kinds) {
  for (auto at = text.find(kOpen); at != std::string_view::npos; at = text.find(kOpen, at + 1)) {
    const auto close = text.substr(at, 96).find(']');
    if (close == std::string_view::npos) continue;
    const auto kind = text.substr(at + kOpen.size(), close - kOpen.size());
    if (std::ranges::binary_search(kinds, kind, std::less<>())) parts_.push_back({at, at + close + 1});
  }
}

bool Placeholders::widen(std::string_view text, SecretSpan& span) const {
  if (parts_.empty()) return true;
  auto part = std::ranges::upper_bound(parts_, span.begin, std::less<>(), &Part::end);
  bool content = false;
  std::size_t at = span.begin;
  bool touched = false;
  for (; part != parts_.end() && part->begin < span.end; ++part) {
    touched = true;
    content = content || (at < part->begin && std::ranges::any_of(text.substr(at, part->begin - at), is_content));
    at = part->end;
    span.begin = std::min(span.begin, part->begin);
    span.end = std::max(span.end, part->end);
  }
  if (!touched) return true;
  return content || (at < span.end && std::ranges::any_of(text.substr(at, span.end - at), is_content));
}

std::vector<SecretSpan> merge_spans(std::vector<SecretSpan> spans) {
  std::ranges::sort(spans, earlier);
  std::vector<SecretSpan> firm;
  std::ranges::copy_if(spans, std::back_inserter(firm), [](const SecretSpan& s) { return !s.yields; });
  // The furthest end of the firm ones up to each: an earlier long one may reach further than a later short one.
  std::vector<std::size_t> reach;
  for (const auto& span : firm) reach.push_back(std::max(span.end, reach.empty() ? 0 : reach.back()));
  std::vector<SecretSpan> kept;
  for (const auto& span : spans) {
    if (span.yields) {
      const auto after = std::ranges::lower_bound(firm, span.end, std::less<>(), &SecretSpan::begin) - firm.begin();
      if (after > 0 && reach[std::size_t(after - 1)] > span.begin) continue;
    }
    kept.push_back(span);
  }
  std::vector<SecretSpan> merged;
  std::size_t longest = 0;
  for (const auto& span : kept) {
    if (merged.empty() || span.begin >= merged.back().end) {
      merged.push_back(span);
      longest = span.end - span.begin;
      continue;
    }
    SecretSpan& last = merged.back();
    const std::size_t length = span.end - span.begin;
    if (length > longest || (length == longest && span.pattern < last.pattern)) {
      longest = length;
      last.pattern = span.pattern;
    }
    last.end = std::max(last.end, span.end);
  }
  return merged;
}

}  // namespace mend
