// SPDX-License-Identifier: MIT
// The table of the module, and that OpenSSL is a guest in the program.
#include <gtest/gtest.h>

#ifdef FREEVISA_TLS_MODULE

#include <openssl/err.h>

#include <cstring>
#include <string>

#include "conformance/unit/drivers/support/tls_memory.h"

namespace visa::test {
namespace {

class TlsModuleTable : public testing::Test {
 protected:
  Authority authority;
  TlsServerContext server{authority.issue()};
  std::string file = authority.file();
  TlsMemory wire{server, tls_settings(file.c_str())};
  const fv_tls_table& table = wire.table();
};

TEST_F(TlsModuleTable, IsWholeAndOfThisVersion) {
  EXPECT_EQ(table.abi, FREEVISA_TLS_ABI);
  EXPECT_EQ(table.size, sizeof(fv_tls_table));
  EXPECT_TRUE(std::string(table.version()).starts_with("OpenSSL 3.")) << table.version();
}

TEST_F(TlsModuleTable, LibrariesAndContextsStandBesideEachOther) {
  fv_tls_library* const other = table.library_open();
  ASSERT_NE(other, nullptr);
  fv_tls_context* context = nullptr;
  const fv_tls_settings settings = tls_settings(file.c_str());
  fv_tls_text text{};
  EXPECT_EQ(table.context_open(other, &settings, &context, &text), FV_TLS_DONE) << text.line;
  table.context_close(context);
  table.library_close(other);
  EXPECT_EQ(wire.handshake(), FV_TLS_DONE) << "the first one is not disturbed";
  table.context_close(nullptr);
  table.library_close(nullptr);
}

// The next call of the program must not take our failure for its own.
TEST_F(TlsModuleTable, NoErrorIsLeftInTheQueueOfTheThread) {
  const TlsMemory wrong(server, tls_settings("/none.pem"));
  EXPECT_EQ(wrong.opened, FV_TLS_SETUP);
  EXPECT_EQ(ERR_peek_error(), 0UL);
  ASSERT_EQ(wire.handshake(), FV_TLS_DONE) << wire.text.line;
  ERR_clear_error();
  wire.ended = true;
  std::string data;
  EXPECT_NE(wire.read(data), FV_TLS_DONE);
  EXPECT_EQ(ERR_peek_error(), 0UL);
}

TEST_F(TlsModuleTable, RandomBytesAreDifferentEachTime) {
  Call call(Deadline::after(std::chrono::seconds(20)));
  const auto module = drivers::TlsModule::get(call);
  ASSERT_TRUE(module) << call.detail;
  unsigned char one[16] = {};
  unsigned char two[16] = {};
  EXPECT_EQ(table.random_bytes((*module)->library(), one, sizeof one), 1);
  EXPECT_EQ(table.random_bytes((*module)->library(), two, sizeof two), 1);
  EXPECT_NE(std::memcmp(one, two, sizeof one), 0);
}

TEST_F(TlsModuleTable, OldVersionsAreNotSpoken) {
  const TlsServerContext old(authority.issue(), {.version = TLS1_1_VERSION});
  TlsMemory other(old, tls_settings(file.c_str()));
  EXPECT_EQ(other.handshake(), FV_TLS_FAILED);
}

}  // namespace
}  // namespace visa::test

#else

TEST(TlsModuleTable, NeedsOpenSsl) {
  GTEST_SKIP() << "this build has no TLS module (Debian, Ubuntu: libssl-dev)";
}

#endif
