#include "yaml/keys.h"

#include <gtest/gtest.h>

#include <array>

namespace mend {
namespace {

constexpr std::array<std::string_view, 3> kKnown = {"id", "match", "examples"};

std::string problem(const char* yaml) {
  const auto found = key_problem(YAML::Load(yaml), kKnown);
  return found ? std::to_string(found->line) + ": " + found->what : std::string();
}

TEST(YamlKeys, KnownOnesOnceEachAreFine) {
  EXPECT_EQ(problem("{}"), "");
  EXPECT_EQ(problem("id: a\nexamples: []\nmatch: x\n"), "");
}

TEST(YamlKeys, TheFirstWrongOneIsNamedWithItsLine) {
  EXPECT_EQ(problem("id: a\nmatch: x\nid: b\n"), "3: duplicate key 'id'");
  EXPECT_EQ(problem("id: a\nexmaples: []\n"), "2: unknown key 'exmaples', did you mean 'examples'?");
  EXPECT_EQ(problem("colour: red\nid: a\nid: b\n"), "1: unknown key 'colour'");
}

}  // namespace
}  // namespace mend
