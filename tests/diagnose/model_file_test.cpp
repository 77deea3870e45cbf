#include "diagnose/model_file.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/random.h"
#include "support/temp_folder.h"

namespace mend {
namespace {

class ModelFiles : public ::testing::Test {
 protected:
  const std::map<std::string, std::string> sections_{{"a", "first"}, {"b", std::string(1000, '\0') + "x"}, {"empty", ""}};
  ScratchFolder folder_;
  const std::filesystem::path path_ = folder_.path() / "model.bin";
};

TEST_F(ModelFiles, SectionsComeBackAsTheyWereAligned) {
  ASSERT_TRUE(ModelFile::write(path_, sections_));
  const auto file = ModelFile::open(path_);
  ASSERT_TRUE(file) << file.error().message;
  for (const auto& [name, content] : sections_) {
    EXPECT_EQ((*file)->section(name), content) << name;
    if (!content.empty()) EXPECT_EQ(reinterpret_cast<std::uintptr_t>((*file)->section(name).data()) % 64, 0U);
  }
  EXPECT_EQ((*file)->section("none"), "");
  EXPECT_EQ((*file)->version().size(), 12U);
}

TEST_F(ModelFiles, TheVersionFollowsTheContent) {
  const auto version = [&](std::map<std::string, std::string> sections) {
    EXPECT_TRUE(ModelFile::write(path_, sections));
    return ModelFile::open(path_).value()->version();
  };
  const std::string before = version(sections_);
  EXPECT_EQ(version(sections_), before);
  auto changed = sections_;
  changed["a"] = "First";
  EXPECT_NE(version(changed), before);
}

TEST_F(ModelFiles, ManySectionsFitTheHeader) {
  std::map<std::string, std::string> many;
  for (int i = 0; i < 100; ++i) many["a section with a rather long name, number " + std::to_string(i)] = std::to_string(i);
  ASSERT_TRUE(ModelFile::write(path_, many));
  const auto file = ModelFile::open(path_);
  ASSERT_TRUE(file) << file.error().message;
  for (const auto& [name, content] : many) EXPECT_EQ((*file)->section(name), content);
}

TEST_F(ModelFiles, EveryCutIsNoticed) {
  ASSERT_TRUE(ModelFile::write(path_, sections_));
  const std::string bytes = read_file(path_).value();
  const std::size_t used = bytes.rfind('x') + 1;  // behind it there is only padding
  for (std::size_t size = 0; size < used; size += size < 300 ? 1 : 37) {
    ASSERT_TRUE(write_file_durably(path_, bytes.substr(0, size)));
    const auto file = ModelFile::open(path_);
    ASSERT_FALSE(file) << size;
    EXPECT_EQ(file.error().kind, ErrorKind::corrupt);
    EXPECT_NE(file.error().message.find(path_.string()), std::string::npos);
  }
}

TEST_F(ModelFiles, EveryChangedBitOfASectionIsNoticedAndItsSectionNamed) {
  ASSERT_TRUE(ModelFile::write(path_, sections_));
  const std::string bytes = read_file(path_).value();
  SeededRandom random(4);
  const std::size_t begin = bytes.find("first");
  ASSERT_NE(begin, std::string::npos);
  for (int i = 0; i < 40; ++i) {
    std::string changed = bytes;
    const std::size_t at = begin + random.next() % 5;
    changed[at] = static_cast<char>(changed[at] ^ (1 << (random.next() % 8)));
    ASSERT_TRUE(write_file_durably(path_, changed));
    const auto file = ModelFile::open(path_);
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().kind, ErrorKind::corrupt);
    EXPECT_NE(file.error().message.find("section a was changed"), std::string::npos) << file.error().message;
  }
}

TEST_F(ModelFiles, AChangedHeaderNeverCrashesAndNeverChangesASection) {
  ASSERT_TRUE(ModelFile::write(path_, sections_));
  const std::string bytes = read_file(path_).value();
  const std::size_t header = bytes.find('\n', bytes.find('\n') + 1);
  for (std::size_t at = 0; at < header; ++at)
    for (const char flip : {'\x01', '\x10'}) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      ASSERT_TRUE(write_file_durably(path_, changed));
      const auto file = ModelFile::open(path_);
      if (!file) {
        EXPECT_EQ(file.error().kind, ErrorKind::corrupt);
        continue;
      }
      // A changed name leaves a section out; one that is there is whole.
      for (const auto& [name, content] : sections_)
        if (!(*file)->section(name).empty()) EXPECT_EQ((*file)->section(name), content) << at;
    }
}

TEST_F(ModelFiles, WhatIsNoModelFileIsRefused) {
  EXPECT_EQ(ModelFile::open(path_).error().kind, ErrorKind::not_found);
  for (const std::string& content :
       {std::string("x"), std::string("MENDMODEL1\n"), std::string("MENDMODEL1\n{}\n"), std::string("MENDMODEL1\n[]\n"),
        std::string("MENDMODEL1\n{\"sections\":7}\n"), std::string("MENDMODEL1\n{\"sections\":[{\"name\":\"a\"}]}\n"),
        std::string("MENDMODEL1\n{\"sections\":[{\"name\":\"a\",\"offset\":18446744073709551615,\"size\":1,\"hash64\":\"0\"}]}\n"),
        std::string("MENDMODEL1\n{\"sections\":[{\"name\":\"a\",\"offset\":1,\"size\":18446744073709551615,\"hash64\":\"0\"}]}\n"),
        std::string("MENDMODEL1\n{\"sections\":[{\"name\":\"a\",\"offset\":-1,\"size\":1,\"hash64\":\"0\"}]}\n")}) {
    ASSERT_TRUE(write_file_durably(path_, content));
    const auto file = ModelFile::open(path_);
    ASSERT_FALSE(file) << content;
    EXPECT_EQ(file.error().kind, ErrorKind::corrupt);
  }
  ASSERT_TRUE(write_file_durably(path_, ""));
  EXPECT_EQ(ModelFile::open(path_).error().kind, ErrorKind::corrupt);
  EXPECT_FALSE(ModelFile::open(folder_.path()));
}

}  // namespace
}  // namespace mend
