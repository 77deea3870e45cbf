#include <set>

#include <gtest/gtest.h>

#include "base/sealed.h"
#include "support/property.h"

namespace mend {
namespace {

SecretKey key_of(unsigned char fill) {
  SecretKey key;
  key.fill(fill);
  return key;
}

RC_GTEST_PROP(Sealed, OpensToWhatWasSealed, ()) {
  const auto plain = *any::bytes();
  const Sealer sealer(key_of(7));
  const std::string sealed = sealer.seal(plain);
  RC_ASSERT(sealer.open(sealed).value() == plain);
  if (plain.size() > 8) RC_ASSERT(sealed.find(plain) == std::string::npos);
}

TEST(Sealed, EveryChangedByteAndEveryCutIsNoticed) {
  const Sealer sealer(key_of(7));
  const std::string sealed = sealer.seal("user: etl\npassword: hunter2\n");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    for (const char flip : {'\x01', '\x80'}) {
      std::string changed = sealed;
      changed[i] = static_cast<char>(changed[i] ^ flip);
      const auto opened = sealer.open(changed);
      ASSERT_FALSE(opened) << "byte " << i;
      EXPECT_EQ(opened.error().kind, ErrorKind::corrupt);
    }
    ASSERT_FALSE(sealer.open(sealed.substr(0, i))) << "cut at " << i;
    ASSERT_FALSE(sealer.open(sealed.substr(i + 1))) << "beginning cut at " << i;
  }
  EXPECT_FALSE(sealer.open(sealed + "x"));
  EXPECT_FALSE(sealer.open(""));
}

TEST(Sealed, AnotherKeyDoesNotOpenIt) {
  const auto opened = Sealer(key_of(8)).open(Sealer(key_of(7)).seal("secret"));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::corrupt);
  EXPECT_EQ(opened.error().message.find("secret"), std::string::npos);
}

TEST(Sealed, TheSameTextIsNeverSealedTheSame) {
  const Sealer sealer(key_of(7));
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(seen.insert(sealer.seal("x")).second);
  EXPECT_EQ(sealer.open(sealer.seal("")).value(), "");
}

TEST(Sealed, DerivedKeysDependOnKeyAndPurpose) {
  EXPECT_EQ(derive_key(key_of(1), "store"), derive_key(key_of(1), "store"));
  EXPECT_NE(derive_key(key_of(1), "store"), derive_key(key_of(1), "sealed"));
  EXPECT_NE(derive_key(key_of(1), "store"), derive_key(key_of(2), "store"));
  EXPECT_NE(derive_key(key_of(1), "store"), key_of(1));
  EXPECT_NE(derive_key(key_of(1), ""), key_of(1));
}

}  // namespace
}  // namespace mend
