#include "embed/model_file.h"

#include <gtest/gtest.h>

#include "embed/golden.h"
#include "embed/quantise.h"
#include "support/temp_folder.h"

namespace mend {
namespace {

class EncoderFiles : public ::testing::Test {
 protected:
  void write(std::string_view bytes) const { ASSERT_TRUE(write_file_durably(path_, bytes)); }
  Error error() const {
    auto file = EncoderFile::open(path_);
    return file ? Error{ErrorKind::internal, "it opened"} : file.error();
  }
  void expect_corrupt(const char* why) const {
    const Error found = error();
    EXPECT_EQ(found.kind, ErrorKind::corrupt) << found.message;
    EXPECT_NE(found.message.find(why), std::string::npos) << found.message;
    EXPECT_NE(found.message.find(path_.string()), std::string::npos) << found.message;
  }

  ScratchFolder folder_;
  const std::filesystem::path path_ = folder_.path() / "minilm.bin";
  std::string good_ = read_file(model_path()).value();
};

TEST_F(EncoderFiles, OfTheBuildIsWhole) {
  const auto file = EncoderFile::open(model_path());
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ((*file)->view().shape.hidden, 384U);
  EXPECT_EQ((*file)->view().shape.words, 30522U);
  EXPECT_LT(good_.size(), 24'000'000U);
  for (const LayerView& layer : (*file)->view().layers) EXPECT_EQ(reinterpret_cast<std::uintptr_t>(layer.narrow.weights) % 64, 0U);
}

// What keeps AVX2's sums from saturating.
TEST_F(EncoderFiles, HaveNoPairOfWeightsAboveTheLimit) {
  const auto file = EncoderFile::open(model_path());
  ASSERT_TRUE(file);
  for (const LayerView& layer : (*file)->view().layers)
    for (const LinearView* linear : {&layer.query_key_value, &layer.mix, &layer.widen, &layer.narrow})
      for (std::size_t i = 0; i < linear->inputs * linear->outputs; i += 2) {
        const int a = linear->weights[i], b = linear->weights[i + 1];
        ASSERT_LE(std::max(a, 0) + std::max(b, 0), kPairLimit);
        ASSERT_LE(std::max(-a, 0) + std::max(-b, 0), kPairLimit);
      }
}

TEST_F(EncoderFiles, ThatAreMissing) { EXPECT_EQ(error().kind, ErrorKind::not_found); }

TEST_F(EncoderFiles, ThatAreEmpty) {
  write("");
  expect_corrupt("empty");
}

TEST_F(EncoderFiles, ThatAreSomethingElse) {
  write(std::string(1000, 'x'));
  expect_corrupt("not a sentence encoder's model");
  write("MENDMODEL1\n");
  expect_corrupt("not a sentence encoder's model");
}

TEST_F(EncoderFiles, ThatAreCutOff) {
  for (const std::size_t size : {1UL, 8UL, 100UL, 127UL, 128UL, 5000UL, good_.size() / 2, good_.size() - 1}) {
    write(good_.substr(0, size));
    expect_corrupt("cut off");
  }
}

TEST_F(EncoderFiles, ThatGoOn) {
  write(good_ + "x");
  expect_corrupt("something follows");
}

TEST_F(EncoderFiles, OfAnotherVersion) {
  good_[8] = 9;
  write(good_);
  expect_corrupt("format 9");
}

TEST_F(EncoderFiles, WithOneBitChanged) {
  for (const std::size_t at : {33UL, 60UL, 200UL, 1'000'000UL, good_.size() / 2, good_.size() - 64}) {
    std::string changed = good_;
    changed[at] = char(changed[at] ^ 1);
    write(changed);
    expect_corrupt("changed");
  }
}

// With a hash that fits, as an encoder of our own making could write it: still nothing outside of the file is read.
class EncoderFilesWithTheRightHash : public EncoderFiles {
 protected:
  void write_with_hash(std::string bytes) const {
    const std::uint64_t hash = hash64(std::string_view(bytes).substr(24));
    std::memcpy(bytes.data() + 16, &hash, sizeof hash);
    write(bytes);
  }
  std::string with_number(std::size_t at, std::uint32_t number) const {
    std::string changed = good_;
    std::memcpy(changed.data() + at, &number, sizeof number);
    return changed;
  }
};

TEST_F(EncoderFilesWithTheRightHash, ButAShapeThatDoesNotFit) {
  for (std::size_t field = 0; field < 8; ++field)
    for (const std::uint32_t number : {0U, 1U, 64U, 128U, 65536U, 0xFFFFFFFFU}) {
      std::uint32_t now = 0;
      std::memcpy(&now, good_.data() + 32 + field * 4, 4);
      if (number == now) continue;
      write_with_hash(with_number(32 + field * 4, number));
      EXPECT_EQ(error().kind, ErrorKind::corrupt) << "field " << field << " = " << number << ": " << error().message;
    }
}

TEST_F(EncoderFilesWithTheRightHash, ButAVocabularyThatPointsOutside) {
  std::uint32_t word_bytes = 0;
  std::memcpy(&word_bytes, good_.data() + 32 + 6 * 4, 4);
  const std::size_t offsets = (128 + word_bytes + 63) / 64 * 64, slots = (offsets + 30523 * 4 + 63) / 64 * 64;
  write_with_hash(with_number(offsets + 400, 0xFFFFFF00U));
  expect_corrupt("vocabulary");
  write_with_hash(with_number(slots + 400, 40000));
  expect_corrupt("vocabulary");
}

// Quantising 91 MB takes a while under a sanitizer; the release build proves it.
TEST(Quantising, GivesTheSameBytesAsTheBuild) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  GTEST_SKIP() << "slow under a sanitizer";
#endif
#endif
  const auto bytes = quantise_minilm(std::filesystem::path(MEND_SOURCE_DIR) / "build/third_party/minilm");
  ASSERT_TRUE(bytes) << bytes.error().message;
  EXPECT_TRUE(*bytes == read_file(model_path()).value());
}

TEST(Quantising, SaysWhatIsWrongWithItsInput) {
  const ScratchFolder folder;
  EXPECT_EQ(quantise_minilm(folder.path()).error().kind, ErrorKind::not_found);
  const auto with = [&](std::string weights, std::string vocabulary) {
    EXPECT_TRUE(write_file_durably(folder.path() / "model.safetensors", weights));
    EXPECT_TRUE(write_file_durably(folder.path() / "vocab.txt", vocabulary));
    return quantise_minilm(folder.path()).error();
  };
  const auto tensors = [](std::string header) {
    return std::string("\x00\x00\x00\x00\x00\x00\x00\x00", 8).replace(0, 1, 1, char(header.size())) + header;
  };
  EXPECT_NE(with("abc", "[CLS]\n").message.find("cut off"), std::string::npos);
  EXPECT_NE(with(std::string(100, '\xff'), "[CLS]\n").message.find("not a safetensors file"), std::string::npos);
  EXPECT_NE(with(tensors("[]  "), "[CLS]\n").message.find("JSON object"), std::string::npos);
  EXPECT_NE(with(tensors(R"({"a":{"dtype":"F32","shape":[9],"data_offsets":[0,36]}} )"), "[CLS]\n").message.find("outside"),
            std::string::npos);
  const Error missing = with(tensors("{}  "), "[CLS]\n");
  EXPECT_EQ(missing.kind, ErrorKind::invalid_input);
  EXPECT_NE(missing.message.find("embeddings.word_embeddings.weight"), std::string::npos) << missing.message;
}

}  // namespace
}  // namespace mend
