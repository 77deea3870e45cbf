// Every set of kernels against the scalar one, which says what they mean.
#include "embed/kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "embed/dispatch.h"

namespace mend {
namespace {

struct Bytes {
  std::vector<std::uint8_t> bytes;
  std::vector<float> scales;
  std::vector<std::int32_t> zeros;
  Bytes(std::size_t count, std::size_t width) : bytes(count * width), scales(count), zeros(count) {}
  QuantisedRows rows() { return {bytes.data(), scales.data(), zeros.data()}; }
};

std::vector<float> numbers(std::size_t count, float width, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.0F, width);
  std::vector<float> out(count);
  for (float& x : out) x = normal(random);
  return out;
}

class KernelsOf : public ::testing::TestWithParam<const Kernels*> {
 protected:
  const Kernels& tried_ = *GetParam();
  const Kernels& plain_ = *kernels_scalar();
};
INSTANTIATE_TEST_SUITE_P(Processor, KernelsOf, ::testing::ValuesIn(usable_kernels()), [](const auto& info) { return info.param->name; });
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(KernelsOf);

// Value by value: not further from the number than half a step.
void expect_quantised(const std::vector<float>& values, std::size_t width, const Bytes& got, float slack) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t row = i / width;
    ASSERT_LE(got.bytes[i], kLevels);
    const float back = got.scales[row] * float(std::int32_t(got.bytes[i]) - got.zeros[row]);
    ASSERT_NEAR(back, values[i], got.scales[row] * 1.001F + slack) << i;
  }
}

TEST_P(KernelsOf, QuantiseToTheNearestStep) {
  constexpr std::size_t kCount = 5, kWidth = 384;
  auto values = numbers(kCount * kWidth, 2.0F, 1);
  std::fill_n(values.begin(), kWidth, 0.0F);                                                    // nothing but zeros
  for (std::size_t i = 0; i < kWidth; ++i) values[kWidth + i] = std::fabs(values[kWidth + i]);  // none below zero
  for (std::size_t i = 0; i < kWidth; ++i) values[2 * kWidth + i] = -std::fabs(values[2 * kWidth + i]) - 3.0F;
  values[3 * kWidth] = 1000.0F;  // one far away
  Bytes got(kCount, kWidth), same(kCount, kWidth);
  tried_.quantise(values.data(), kCount, kWidth, got.rows());
  expect_quantised(values, kWidth, got, 0);
  plain_.quantise(values.data(), kCount, kWidth, same.rows());
  expect_quantised(values, kWidth, same, 0);
}

TEST_P(KernelsOf, GeluIsTheErrorFunctions) {
  constexpr std::size_t kWidth = 1536;
  std::vector<float> values(kWidth);
  for (std::size_t i = 0; i < kWidth; ++i) values[i] = (float(i) - 768.0F) / 96.0F;  // -8 to 8
  auto plain = values;
  Bytes got(1, kWidth), same(1, kWidth);
  tried_.gelu_quantise(values.data(), 1, kWidth, got.rows());
  plain_.gelu_quantise(plain.data(), 1, kWidth, same.rows());
  for (std::size_t i = 0; i < kWidth; ++i) ASSERT_NEAR(values[i], plain[i], 2e-4F) << i;
  expect_quantised(plain, kWidth, got, 2e-4F);
}

TEST_P(KernelsOf, LinearIsExactOnWholeNumbersForEveryHeight) {
  constexpr std::size_t kInputs = 384, kOutputs = 192, kMost = 20;
  std::mt19937 random(7);
  std::vector<std::int8_t> weights(kInputs * kOutputs);
  std::vector<std::int32_t> sums(kOutputs);
  // Pairs as LinearView asks for, the most that is allowed among them: the places where a narrow sum would saturate.
  for (std::size_t i = 0; i < weights.size(); i += 2) {
    const int sign = random() % 2 == 0 ? 1 : -1, first = int(random() % 127) + 1, left = kPairLimit - first;
    weights[i] = std::int8_t(sign * first);
    weights[i + 1] = std::int8_t(random() % 4 == 0 ? -sign * 127 : sign * (random() % 2 == 0 ? left : int(random() % unsigned(left + 1))));
  }
  for (std::size_t o = 0; o < kOutputs; ++o)
    for (std::size_t i = 0; i < kInputs; ++i) sums[o] += weights[(o / 64) * 64 * kInputs + (i / 4) * 256 + (o % 64) * 4 + i % 4];
  const auto scales = numbers(kOutputs, 0.01F, 2), bias = numbers(kOutputs, 1.0F, 3);
  const LinearView linear{kInputs, kOutputs, weights.data(), scales.data(), sums.data(), bias.data()};
  for (std::size_t count = 1; count <= kMost; ++count) {
    Bytes in(count, kInputs);
    for (auto& x : in.bytes) x = std::uint8_t(random() % 4 == 0 ? unsigned(kLevels) : random() % (unsigned(kLevels) + 1));
    for (auto& x : in.scales) x = 0.02F;
    for (auto& x : in.zeros) x = std::int32_t(random() % (unsigned(kLevels) + 1));
    std::vector<float> got(count * kOutputs), plain(count * kOutputs);
    tried_.linear(linear, in.rows(), count, got.data());
    plain_.linear(linear, in.rows(), count, plain.data());
    for (std::size_t i = 0; i < got.size(); ++i)
      ASSERT_NEAR(got[i], plain[i], 1e-5F + std::fabs(plain[i]) * 1e-6F) << count << " rows, " << i;
  }
}

TEST_P(KernelsOf, NormsAgree) {
  constexpr std::size_t kCount = 3, kWidth = 384;
  auto rows = numbers(kCount * kWidth, 3.0F, 4);
  for (std::size_t i = 0; i < kWidth; ++i) rows[i] += 50.0F;  // a mean far from zero
  const auto added = numbers(kCount * kWidth, 1.0F, 5), weight = numbers(kWidth, 1.0F, 6), bias = numbers(kWidth, 1.0F, 7);
  for (const float* second : {static_cast<const float*>(nullptr), added.data()}) {
    auto got = rows, plain = rows;
    tried_.add_norm(got.data(), second, kCount, kWidth, weight.data(), bias.data());
    plain_.add_norm(plain.data(), second, kCount, kWidth, weight.data(), bias.data());
    for (std::size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], plain[i], 2e-4F) << i;
  }
}

TEST_P(KernelsOf, AttentionAgreesForEveryLength) {
  constexpr std::size_t kHeads = 3, kMost = 81;
  const std::size_t lengths[] = {1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 33, 48, 64, 79, 80, kMost};
  const auto qkv = numbers(kMost * 3 * kHeads * kHeadSize, 1.5F, 8);
  for (const std::size_t count : lengths) {
    std::vector<float> scratch(attention_scratch(count)), got(count * kHeads * kHeadSize), plain(got.size());
    tried_.attention(qkv.data(), count, kHeads, scratch.data(), got.data());
    plain_.attention(qkv.data(), count, kHeads, scratch.data(), plain.data());
    for (std::size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], plain[i], 2e-5F) << count << " tokens, " << i;
  }
}

TEST(Dispatch, FindsByName) {
  EXPECT_EQ(find_kernels("scalar"), kernels_scalar());
  EXPECT_EQ(find_kernels("abacus"), nullptr);
  for (const Kernels* kernels : usable_kernels()) EXPECT_EQ(find_kernels(kernels->name), kernels);
}

}  // namespace
}  // namespace mend
