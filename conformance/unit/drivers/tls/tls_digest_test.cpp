// SPDX-License-Identifier: MIT
// Known answers: FIPS 180-4, RFC 4231 and RFC 7914 (section 11).
#include <gtest/gtest.h>

#ifdef FREEVISA_TLS_MODULE

#include <cstdint>
#include <string>
#include <string_view>

#include "conformance/unit/drivers/support/tls_wire.h"
#include "drivers/common/tls_module.h"

namespace visa::test {
namespace {

class TlsDigest : public testing::Test {
 protected:
  void SetUp() override {
    use_module_of_this_build();
    Call call(Deadline::after(kLong));
    const auto opened = drivers::TlsModule::get(call);
    ASSERT_TRUE(opened.has_value()) << call.detail;
    module_ = *opened;
  }

  std::string digest() const {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : out_) {
      text += kDigits[byte >> 4];
      text += kDigits[byte & 15];
    }
    return text;
  }

  const drivers::TlsModule* module_ = nullptr;
  unsigned char out_[32] = {};
};

TEST_F(TlsDigest, Sha256) {
  ASSERT_EQ(module_->table().sha256(module_->library(), "abc", 3, out_), 1);
  EXPECT_EQ(digest(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  ASSERT_EQ(module_->table().sha256(module_->library(), "", 0, out_), 1);
  EXPECT_EQ(digest(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_F(TlsDigest, HmacSha256) {
  const std::string_view data = "what do ya want for nothing?";
  ASSERT_EQ(
      module_->table().hmac_sha256(module_->library(), "Jefe", 4, data.data(), data.size(), out_),
      1);
  EXPECT_EQ(digest(), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_F(TlsDigest, Pbkdf2Sha256) {
  ASSERT_EQ(module_->table().pbkdf2_sha256(module_->library(), "passwd", 6, "salt", 4, 1, out_), 1);
  EXPECT_EQ(digest(), "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
}

TEST_F(TlsDigest, RandomBytesDiffer) {
  unsigned char other[32] = {};
  ASSERT_EQ(module_->table().random_bytes(module_->library(), out_, sizeof out_), 1);
  ASSERT_EQ(module_->table().random_bytes(module_->library(), other, sizeof other), 1);
  EXPECT_NE(std::string(out_, out_ + 32), std::string(other, other + 32));
}

}  // namespace
}  // namespace visa::test

#else

TEST(TlsDigest, NeedsOpenSsl) {
  GTEST_SKIP() << "this build has no TLS module: install libssl-dev";
}

#endif
