// CSV as loaders write it (RFC 4180 and its common relatives). Pure; thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mend {

struct CsvSample {
  char delimiter = ',';
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;  // each as long as the header
  std::size_t ragged = 0;                      // rows left out because their length differs
};

// The header and up to `most_rows` rows. The delimiter is the one of , ; tab | that stands most often in the first line.
// A byte order mark is skipped, quotes may hold delimiters and line ends, "" is a quote, \n and \r\n end a line, blank lines are
// skipped. `complete`: the text is the whole file; otherwise its last record is cut off and left out.
// invalid_input: empty, not text, a quote never closed, or text after a closing quote in the header.
Result<CsvSample> read_csv(std::string_view text, std::size_t most_rows, bool complete);

// The fields as one line without its end: quoted where needed.
std::string print_csv_row(const std::vector<std::string>& fields, char delimiter = ',');

}  // namespace mend
