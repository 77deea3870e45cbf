// mendline_quantise FOLDER FILE: part of the build, not shipped. Makes the encoder's model file out of the fetched weights.
#include <cstdio>

#include "base/file.h"
#include "embed/quantise.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: mendline_quantise FOLDER FILE   (FOLDER holds model.safetensors and vocab.txt)\n", stderr);
    return 2;
  }
  const auto bytes = mend::quantise_minilm(argv[1]);
  const auto written = bytes ? mend::write_file_durably(argv[2], *bytes, 0644) : std::unexpected(bytes.error());
  if (written) return 0;
  std::fprintf(stderr, "mendline_quantise: %s\n", written.error().message.c_str());
  return 1;
}
