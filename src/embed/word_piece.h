// Text to token ids as BERT's uncased models have it: normalised (control characters out, accents out, lower case), split at blanks,
// punctuation and CJK characters, each word cut into the longest pieces that the vocabulary knows.
//
// One difference from the reference is meant: "[SEP]" and its like in a text are ordinary text, never the token.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "embed/model_file.h"

namespace mend {

// A view of a vocabulary that must outlive it. Immutable, thread-safe.
class WordPiece {
 public:
  // corrupt when the vocabulary lacks [CLS], [SEP] or [UNK].
  static Result<WordPiece> make(const VocabularyView& vocabulary);
  // [CLS], at most `most` - 2 pieces, [SEP]; `most` is at least 2. Bytes that are no UTF-8 are left out. Reads no more of the text
  // than it needs.
  std::vector<std::uint32_t> ids(std::string_view text, std::size_t most) const;

 private:
  explicit WordPiece(const VocabularyView& vocabulary) : vocabulary_(vocabulary) {}
  std::uint32_t find(std::string_view piece) const;  // id + 1, or 0
  void cut(std::string& word, std::vector<std::uint32_t>& ids) const;

  VocabularyView vocabulary_;
  std::size_t longest_ = 0;  // bytes of the longest entry
  std::uint32_t begin_ = 0, end_ = 0, unknown_ = 0;
};

// The hash slots of a vocabulary, for the one who writes it.
std::vector<std::uint32_t> vocabulary_slots(const VocabularyView& vocabulary);

}  // namespace mend
