// SPDX-License-Identifier: MIT
// Every way in which a connection goes on or ends, one byte after the other where that matters.
#include <gtest/gtest.h>

#ifdef FREEVISA_TLS_MODULE

#include <string>

#include "conformance/unit/drivers/support/tls_memory.h"

namespace visa::test {
namespace {

class TlsConnection : public testing::TestWithParam<int> {
 protected:
  Authority authority;
  TlsServerContext server{authority.issue(), {.version = GetParam()}};
  std::string file = authority.file();
  fv_tls_settings settings = tls_settings(file.c_str());
  TlsMemory wire{server, settings};
  std::string data;
};

INSTANTIATE_TEST_SUITE_P(Versions, TlsConnection, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION));

TEST_P(TlsConnection, CarriesBytesBothWaysAndWaitsWhereThereAreNone) {
  ASSERT_EQ(wire.handshake(), FV_TLS_DONE) << wire.text.line;
  EXPECT_EQ(wire.read(data), FV_TLS_WAIT);
  EXPECT_EQ(wire.write("*IDN?\n"), FV_TLS_DONE);
  EXPECT_EQ(wire.to_server.find("IDN"), std::string::npos) << "encrypted";
  wire.pass_on();
  char asked[16] = "";
  EXPECT_EQ(SSL_read(wire.server(), asked, sizeof asked), 6);
  EXPECT_STREQ(asked, "*IDN?\n");
  wire.serve("ACME\n");
  EXPECT_EQ(wire.read(data, 2), FV_TLS_DONE);
  EXPECT_EQ(data, "AC");
  EXPECT_EQ(wire.read(data), FV_TLS_DONE);
  EXPECT_EQ(data, "ME\n");
}

TEST_P(TlsConnection, RecordMayComeByteByByte) {
  ASSERT_EQ(wire.handshake(), FV_TLS_DONE) << wire.text.line;
  while (wire.read(data) == FV_TLS_DONE) {
  }
  wire.serve("ACME\n");
  const std::string record = wire.to_client;
  wire.to_client.clear();
  for (std::size_t i = 0; i + 1 < record.size(); ++i) {
    wire.to_client = record.substr(i, 1);
    ASSERT_EQ(wire.read(data), FV_TLS_WAIT) << i;
  }
  wire.to_client = record.back();
  EXPECT_EQ(wire.read(data), FV_TLS_DONE);
  EXPECT_EQ(data, "ACME\n");
}

TEST_P(TlsConnection, EndThatIsSaidIsNotACut) {
  ASSERT_EQ(wire.handshake(), FV_TLS_DONE) << wire.text.line;
  SSL_shutdown(wire.server());
  wire.collect();
  wire.ended = true;
  EXPECT_EQ(wire.read(data), FV_TLS_CLOSED);
}

TEST_P(TlsConnection, EndBelowIsACut) {
  ASSERT_EQ(wire.handshake(), FV_TLS_DONE) << wire.text.line;
  wire.serve("ACME\n");
  wire.to_client.pop_back();
  wire.ended = true;
  EXPECT_EQ(wire.read(data), FV_TLS_CUT) << "in the middle of a record";
}

TEST_P(TlsConnection, HandshakeThatIsCutIsACutWhereverThatIs) {
  // A part of the server's first flight, and bytes more or less; signatures differ in length.
  struct Cut {
    std::size_t quarters;
    int more;
  };
  for (const auto& [quarters, more] :
       {Cut{0, 0}, Cut{0, 1}, Cut{0, 5}, Cut{0, 6}, Cut{2, 0}, Cut{4, -1}}) {
    TlsMemory other(server, settings);
    ASSERT_EQ(other.table().handshake(other.get(), &other.text), FV_TLS_WAIT);
    other.pass_on();
    SSL_do_handshake(other.server());
    other.collect();
    const std::size_t whole = other.to_client.size();
    other.to_client.resize(whole * quarters / 4 + static_cast<std::size_t>(more));
    other.ended = true;
    EXPECT_EQ(other.table().handshake(other.get(), &other.text), FV_TLS_CUT)
        << quarters << " quarters and " << more << " of " << whole;
  }
}

TEST_P(TlsConnection, WhatCannotBeSentLosesIt) {
  ASSERT_EQ(wire.handshake(), FV_TLS_DONE) << wire.text.line;
  wire.broken = true;
  EXPECT_EQ(wire.write("*IDN?\n"), FV_TLS_LOST);
}

TEST_P(TlsConnection, ChangedRecordFailsWithAReason) {
  ASSERT_EQ(wire.handshake(), FV_TLS_DONE) << wire.text.line;
  while (wire.read(data) == FV_TLS_DONE) {
  }
  wire.serve("ACME\n");
  wire.to_client.back() = static_cast<char>(wire.to_client.back() ^ 1);
  EXPECT_EQ(wire.read(data), FV_TLS_FAILED);
  EXPECT_STRNE(wire.text.line, "");
}

TEST_P(TlsConnection, SecondOneResumesTheSessionOfTheFirst) {
  ASSERT_EQ(wire.handshake(), FV_TLS_DONE) << wire.text.line;
  wire.serve("data");
  EXPECT_EQ(wire.table().take_session(wire.get()), 1);
  EXPECT_EQ(wire.table().is_resumed(wire.get()), 0);
  EXPECT_EQ(wire.read(data), FV_TLS_DONE);
  EXPECT_EQ(data, "data") << "taking the session takes no data";
  TlsMemory second(server, settings, &wire);
  ASSERT_EQ(second.handshake(), FV_TLS_DONE) << second.text.line;
  EXPECT_EQ(second.table().is_resumed(second.get()), 1);
}

TEST_P(TlsConnection, SaysItsEnd) {
  ASSERT_EQ(wire.handshake(), FV_TLS_DONE) << wire.text.line;
  EXPECT_EQ(wire.table().end(wire.get(), &wire.text), FV_TLS_DONE);
  wire.pass_on();
  char byte = 0;
  EXPECT_LE(SSL_read(wire.server(), &byte, 1), 0);
  EXPECT_NE(SSL_get_shutdown(wire.server()) & SSL_RECEIVED_SHUTDOWN, 0);
}

}  // namespace
}  // namespace visa::test

#else

TEST(TlsConnection, NeedsOpenSsl) {
  GTEST_SKIP() << "this build has no TLS module (Debian, Ubuntu: libssl-dev)";
}

#endif
