#include "embed/word_piece.h"

#include <utf8proc.h>

#include <algorithm>
#include <bit>

#include "base/text.h"

namespace mend {
namespace {

constexpr std::size_t kLongestWord = 100;   // characters; a longer word is unknown as a whole
constexpr std::string_view kInside = "##";  // marks a piece that does not begin its word

enum class Place : std::uint8_t { dropped, blank, alone, in_word };  // alone: a word of its own

// The ranges of the reference; its sixth begins 256 characters late.
bool is_cjk(utf8proc_int32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F) ||
         (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

// Of a character as it stands in the text.
bool is_dropped(utf8proc_int32_t c) {
  if (c == '\t' || c == '\n' || c == '\r') return false;
  if (c < 0x80) return c < 0x20 || c == 0x7F;
  if (c == 0xFFFD) return true;
  switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CS: return true;
    default: return false;
  }
}

// Of a character after its decomposition.
Place place_of(utf8proc_int32_t c) {
  if (c < 0x80) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) return Place::blank;
    const bool word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    return word ? Place::in_word : Place::alone;
  }
  switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_MN: return Place::dropped;  // accents
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP: return Place::blank;
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO: return Place::alone;
    default: return Place::in_word;
  }
}

// A word as it grows. No more of it is kept than can become pieces.
struct Word {
  std::string text{kInside};  // behind room for the mark, see cut()
  std::size_t characters = 0;

  void add(utf8proc_int32_t c) {
    if (++characters > kLongestWord) return;
    utf8proc_uint8_t bytes[4];
    text.append(reinterpret_cast<const char*>(bytes), std::size_t(utf8proc_encode_char(c, bytes)));
  }
  void clear() {
    text = kInside;
    characters = 0;
  }
};

}  // namespace

Result<WordPiece> WordPiece::make(const VocabularyView& vocabulary) {
  WordPiece made(vocabulary);
  for (std::size_t i = 1; i < vocabulary.offsets.size(); ++i)
    made.longest_ = std::max<std::size_t>(made.longest_, vocabulary.offsets[i] - vocabulary.offsets[i - 1]);
  for (const auto& [name, id] : {std::pair{"[CLS]", &made.begin_}, std::pair{"[SEP]", &made.end_}, std::pair{"[UNK]", &made.unknown_}}) {
    const std::uint32_t found = made.find(name);
    if (found == 0) return fail(ErrorKind::corrupt, std::string("the vocabulary has no ") + name);
    *id = found - 1;
  }
  return made;
}

std::uint32_t WordPiece::find(std::string_view piece) const {
  const std::size_t mask = vocabulary_.slots.size() - 1;
  for (std::size_t at = hash64(piece) & mask;; at = (at + 1) & mask) {
    const std::uint32_t slot = vocabulary_.slots[at];
    if (slot == 0) return 0;
    const std::size_t from = vocabulary_.offsets[slot - 1], to = vocabulary_.offsets[slot];
    if (std::string_view(vocabulary_.bytes.data() + from, to - from) == piece) return slot;
  }
}

// `word` begins with the two bytes of the mark. A piece inside the word wants the mark before it: it is written over the bytes
// before the piece, which have been used by then.
void WordPiece::cut(std::string& word, std::vector<std::uint32_t>& ids) const {
  const std::size_t before = ids.size();
  std::size_t from = kInside.size();
  while (from < word.size()) {
    const std::size_t mark = from == kInside.size() ? from : from - kInside.size();
    if (mark != from) word.replace(mark, kInside.size(), kInside);
    std::size_t to = std::min(word.size(), mark + longest_);
    std::uint32_t found = 0;
    for (; to > from; --to) {
      if (to < word.size() && (static_cast<unsigned char>(word[to]) & 0xC0U) == 0x80U) continue;  // inside a character
      found = find(std::string_view(word).substr(mark, to - mark));
      if (found != 0) break;
    }
    if (found == 0) {
      ids.resize(before);
      ids.push_back(unknown_);
      return;
    }
    ids.push_back(found - 1);
    from = to;
  }
}

std::vector<std::uint32_t> WordPiece::ids(std::string_view text, std::size_t most) const {
  std::vector<std::uint32_t> ids;
  ids.reserve(std::min(most, text.size() + 2) + kLongestWord);
  ids.push_back(begin_);
  Word word;
  const auto finish = [&] {
    if (word.characters > kLongestWord)
      ids.push_back(unknown_);
    else if (word.characters > 0)
      cut(word.text, ids);
    word.clear();
  };
  const auto take = [&](utf8proc_int32_t c, bool cjk) {
    const Place place = place_of(c);
    if (place == Place::dropped) return;
    const bool alone = cjk || place == Place::alone;
    if (place == Place::blank || alone) finish();
    if (place == Place::blank) return;
    word.add(c < 0x80 ? (c >= 'A' && c <= 'Z' ? c + 32 : c) : utf8proc_tolower(c));
    if (alone) finish();
  };
  for (std::size_t at = 0; at < text.size() && ids.size() + 1 < most;) {
    utf8proc_int32_t c = static_cast<unsigned char>(text[at]);
    if (c < 0x80) {
      ++at;
      if (!is_dropped(c)) take(c, false);
      continue;
    }
    const auto length =
        utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at, utf8proc_ssize_t(text.size() - at), &c);
    if (length <= 0) {
      ++at;
      continue;
    }
    at += std::size_t(length);
    if (is_dropped(c)) continue;
    utf8proc_int32_t parts[32];  // a canonical decomposition has at most four characters
    const auto count = utf8proc_decompose_char(c, parts, 32, UTF8PROC_DECOMPOSE, nullptr);
    for (utf8proc_ssize_t i = 0; i < std::min<utf8proc_ssize_t>(count, 32); ++i) take(parts[i], is_cjk(c));
  }
  finish();
  if (ids.size() + 1 > most) ids.resize(most - 1);
  ids.push_back(end_);
  return ids;
}

std::vector<std::uint32_t> vocabulary_slots(const VocabularyView& vocabulary) {
  const std::size_t words = vocabulary.offsets.size() - 1;
  std::vector<std::uint32_t> slots(std::bit_ceil(words * 2));
  for (std::size_t i = 0; i < words; ++i) {
    const std::string_view word(vocabulary.bytes.data() + vocabulary.offsets[i], vocabulary.offsets[i + 1] - vocabulary.offsets[i]);
    std::size_t at = hash64(word) & (slots.size() - 1);
    while (slots[at] != 0) at = (at + 1) & (slots.size() - 1);
    slots[at] = std::uint32_t(i + 1);
  }
  return slots;
}

}  // namespace mend
