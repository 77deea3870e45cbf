#include "embed/encoder.h"

#include <gtest/gtest.h>

#include <thread>

#include "embed/golden.h"

namespace mend {
namespace {

std::vector<std::string> every_kernels() {
  std::vector<std::string> names{"scalar"};
  for (const Kernels* kernels : usable_kernels()) names.emplace_back(kernels->name);
  return names;
}

// The scalar kernels take a second a text: some texts have to do.
std::size_t stride(const std::string& kernels, std::size_t scalar) { return kernels == "scalar" ? scalar : 1; }

class EveryKernels : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Encoder, EveryKernels, ::testing::ValuesIn(every_kernels()), [](const auto& info) { return info.param; });

TEST_P(EveryKernels, AreNearTheReference) {
  const auto encoder = open_encoder(GetParam());
  double least = 1, sum = 0;
  const auto all = goldens("messages.jsonl");
  std::size_t tried = 0;
  for (std::size_t i = 0; i < all.size(); i += stride(GetParam(), 20), ++tried) {
    const Golden& golden = all[i];
    const auto embedding = encoder->embed(golden.text);
    ASSERT_TRUE(embedding) << embedding.error().message;
    ASSERT_EQ(embedding->size(), golden.embedding.size());
    const double near = cosine(*embedding, golden.embedding);
    EXPECT_GE(near, 0.995) << golden.text;
    least = std::min(least, near);
    sum += near;
  }
  std::printf("  cosine to the reference: least %.4f, mean %.4f\n", least, sum / double(tried));
}

TEST_P(EveryKernels, TakeAnyText) {
  const auto encoder = open_encoder(GetParam());
  const auto all = goldens("tricky.jsonl");
  for (std::size_t i = 0; i < all.size(); i += stride(GetParam(), 5)) {
    const Golden& golden = all[i];
    const auto embedding = encoder->embed(golden.text);
    ASSERT_TRUE(embedding) << embedding.error().message;
    EXPECT_NEAR(cosine(*embedding, *embedding), 1.0, 1e-6);
    // Rare signs are where eight bits hurt most; these texts are not what the encoder is for.
    EXPECT_GE(cosine(*embedding, golden.embedding), 0.985) << golden.text;
  }
}

TEST_P(EveryKernels, TakeEveryLength) {
  const auto encoder = open_encoder(GetParam());
  const Golden golden = goldens("messages.jsonl").back();
  for (std::size_t length = 1; length <= golden.ids.size(); length += length < 20 ? stride(GetParam(), 6) : 7 * stride(GetParam(), 6)) {
    const auto embedding = encoder->embed_tokens(std::span(golden.ids).first(length));
    ASSERT_TRUE(embedding);
    double squares = 0;
    for (const float x : *embedding) squares += double(x) * x;
    EXPECT_NEAR(squares, 1.0, 1e-5) << length;
  }
}

TEST(Encoder, GivesTheSameForTheSameText) {
  const auto first = open_encoder(), second = open_encoder();
  for (const Golden& golden : goldens("tricky.jsonl")) EXPECT_EQ(first->embed(golden.text).value(), second->embed(golden.text).value());
  EXPECT_EQ(first->model(), second->model());
  EXPECT_TRUE(first->model().starts_with("all-MiniLM-L6-v2-int8-"));
}

TEST(Encoder, ServesManyThreads) {
  const auto encoder = open_encoder();
  const auto all = goldens("messages.jsonl");
  std::vector<Embedding> alone;
  for (std::size_t i = 0; i < 24; ++i) alone.push_back(encoder->embed(all[i * 8].text).value());
  std::vector<int> different(8);
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < different.size(); ++t)
      threads.emplace_back([&, t] {
        for (std::size_t i = 0; i < alone.size(); ++i) {
          const std::size_t at = (i + t * 5) % alone.size();
          different[t] += encoder->embed(all[at * 8].text).value() != alone[at];
        }
      });
  }
  EXPECT_EQ(different, std::vector<int>(8));
}

TEST(Encoder, LikeTextsAreNearer) {
  const auto encoder = open_encoder();
  const auto a = encoder->embed("permission denied for table orders").value();
  const auto b = encoder->embed("user svc_etl has no SELECT privilege on orders").value();
  const auto c = encoder->embed("connection timed out after 30 seconds").value();
  EXPECT_GT(cosine(a, b), cosine(a, c) + 0.2);
}

TEST(Encoder, HoldsTheCapWithinWhatTheModelKnows) {
  EXPECT_EQ(open_encoder("scalar", 1)->most_tokens(), 2U);
  EXPECT_EQ(open_encoder("scalar", 100000)->most_tokens(), 256U);
  EXPECT_EQ(open_encoder("scalar", 0)->most_tokens(), 80U);
  EXPECT_TRUE(open_encoder("", 256)->embed(std::string(100000, 'x') + std::string(3000, '.')));
}

TEST(Encoder, RefusesWhatIsNotThere) {
  const auto kernels = Encoder::open(model_path(), {0, "abacus"});
  ASSERT_FALSE(kernels);
  EXPECT_EQ(kernels.error().kind, ErrorKind::invalid_input);
  const auto encoder = open_encoder();
  EXPECT_EQ(encoder->embed_tokens({}).error().kind, ErrorKind::invalid_input);
  const std::vector<std::uint32_t> unknown{101, 30522, 102}, many(81, 101);
  EXPECT_EQ(encoder->embed_tokens(unknown).error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(encoder->embed_tokens(many).error().kind, ErrorKind::invalid_input);
}

}  // namespace
}  // namespace mend
