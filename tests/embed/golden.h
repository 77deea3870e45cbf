// The reference that tools/golden/make_embed_golden.py made, and the model of this build.
#pragma once

#include <boost/json.hpp>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "embed/dispatch.h"
#include "embed/encoder.h"

namespace mend {

struct Golden {
  std::string text;
  std::vector<std::uint32_t> ids;  // cut at 80
  std::vector<float> embedding;
};

inline std::string from_base64(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = bits << 6U | std::uint32_t(kDigits.find(c));
    if ((count += 6) >= 8) out += char(bits >> unsigned(count -= 8) & 255U);
  }
  return out;
}

inline float from_half(std::uint16_t half) {
  const float sign = (half & 0x8000U) != 0 ? -1.0F : 1.0F;
  const int exponent = half >> 10U & 31U;
  const auto fraction = float(half & 1023U);
  return sign * (exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(fraction + 1024.0F, exponent - 25));
}

inline std::vector<Golden> goldens(const char* file) {
  std::vector<Golden> out;
  const std::string text = read_file(std::filesystem::path(MEND_SOURCE_DIR) / "tests/embed/golden" / file).value();
  for (const std::string_view line : split_lines(text)) {
    const auto json = boost::json::parse(boost::json::string_view(line.data(), line.size())).as_object();
    Golden golden;
    if (json.contains("text"))
      golden.text = std::string(json.at("text").as_string());
    else
      golden.text = from_base64(std::string(json.at("bytes").as_string()));
    for (const auto& id : json.at("ids").as_array()) golden.ids.push_back(id.to_number<std::uint32_t>());
    const std::string halves = from_base64(std::string(json.at("embedding").as_string()));
    for (std::size_t i = 0; i + 1 < halves.size(); i += 2) {
      std::uint16_t half = 0;
      std::memcpy(&half, halves.data() + i, 2);
      golden.embedding.push_back(from_half(half));
    }
    out.push_back(std::move(golden));
  }
  return out;
}

inline std::filesystem::path model_path() { return MEND_BINARY_DIR "/share/mendline/minilm.bin"; }

inline std::unique_ptr<Encoder> open_encoder(std::string kernels = {}, std::size_t most_tokens = 80) {
  auto encoder = Encoder::open(model_path(), {most_tokens, std::move(kernels)});
  if (!encoder) throw std::runtime_error(encoder.error().message);
  return std::move(*encoder);
}

inline double cosine(std::span<const float> a, std::span<const float> b) {
  double product = 0, of_a = 0, of_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    product += double(a[i]) * b[i];
    of_a += double(a[i]) * a[i];
    of_b += double(b[i]) * b[i];
  }
  return product / std::sqrt(of_a * of_b);
}

}  // namespace mend
