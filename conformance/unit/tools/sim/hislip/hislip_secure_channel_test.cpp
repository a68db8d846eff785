// SPDX-License-Identifier: MIT
// Into TLS and out of it: what is announced, what may come when, busy and error, descriptors.
#include <gmock/gmock.h>

#include "conformance/unit/tools/sim/hislip/hislip_secure_client.h"

namespace visa::sim {
namespace {

using testing::HasSubstr;

constexpr unsigned kInsecure = 5;  // of FatalError

TEST_F(HislipSecureTest, WhatIsWantedIsAnnounced) {
  EXPECT_EQ(Session(port, "hislip0").hello.control, 0U);
  EXPECT_EQ(Session(port, "hislip0").async_hello.control, 1U);
  EXPECT_EQ(Session(port, "hislip0", 0x0100).async_hello.control, 0U) << "1.0 has none of it";
  EXPECT_EQ(Session(port, "hislip1").hello.control, 4U);
  EXPECT_EQ(Session(port, "hislip2").hello.control, 7U) << "and overlap mode";
  EXPECT_EQ(Session(port, "hislip4").async_hello.control, 0U);
}

TEST_F(HislipSecureTest, GoesInAndOutAgain) {
  Session client(port, "hislip3");
  EXPECT_EQ(client.query("*OPC?"), "1\n");
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.start(*context)) << client.async_tls->reason;
    EXPECT_EQ(client.query("*OPC?"), "1\n");
    EXPECT_EQ(client.async_tls->ask(kStatusQuery, 0, client.last_id).type, kStatusResponse);
    ASSERT_TRUE(client.end());
    EXPECT_EQ(client.query("*OPC?"), "1\n");
    EXPECT_EQ(client.ask(kStatusQuery, 0, client.last_id).type, kStatusResponse);
  }
}

TEST_F(HislipSecureTest, SynchronousChannelResumesTheSessionOfTheOther) {
  Session client(port, "hislip1");
  EXPECT_EQ(client.ask_turn(kAsyncStartTls, client.received_id), kTurnSuccess);
  ASSERT_TRUE(client.turn_async(*context));
  // The ticket comes with what is read first.
  EXPECT_EQ(client.async_tls->ask(kMaximumSize, 0, 0, number_bytes(4096, 8)).type,
            kMaximumSizeResponse);
  client.sync.put(kStartTls, 0, 0);
  SSL_SESSION* const session = SSL_get1_session(client.async_tls->ssl());
  client.sync_tls = std::make_unique<ChannelTls>(*context, client.sync.fd(), "localhost", session);
  SSL_SESSION_free(session);
  ASSERT_TRUE(client.sync_tls->connect());
  EXPECT_EQ(SSL_session_reused(client.sync_tls->ssl()), 1);
  EXPECT_EQ(client.query("*OPC?"), "1\n");
}

TEST_F(HislipSecureTest, LargeMessagesCross) {
  Session client(port, "hislip3");
  ASSERT_TRUE(client.start(*context));
  const std::string text(65000, 't');
  client.sync_tls->put(kDataEnd, 0, client.next_id, "TEXT \"" + text + "\"");
  client.next_id += 2;
  EXPECT_EQ(client.query("TEXT?"), "\"" + text + "\"\n");
}

TEST_F(HislipSecureTest, NothingButTheSizeComesBeforeItWhereItIsWanted) {
  for (const char* const device : {"hislip1", "hislip2"}) {
    Session client(port, device);
    EXPECT_EQ(client.ask(kMaximumSize, 0, 0, number_bytes(4096, 8)).type, kMaximumSizeResponse);
    client.put("*OPC?");
    expect_fatal(client.sync, kInsecure);
    expect_fatal(client.async, kInsecure);
    for (const int type :
         std::initializer_list<int>{kStatusQuery, kLock, kLockInfo, kRemoteLocal, kAsyncClear,
                                    kGetDescriptors, kAsyncStartTls + 100}) {
      Session other(port, device);
      other.async.put(type, 0, 0);
      expect_fatal(other.async, kInsecure);
    }
    Session errors(port, device);
    errors.async.put(kError, 0, 0);
    EXPECT_TRUE(errors.start(*context)) << "the client's own Error is no offence";
  }
}

TEST_F(HislipSecureTest, AnOldClientIsRefused) {
  for (const char* const device : {"hislip1", "hislip2"}) {
    HislipConnected sync(port);
    sync.put(kInitialize, 0, 0x01000000, device);
    const Got got = sync.next();
    EXPECT_EQ(got.type, kFatalError);
    EXPECT_EQ(got.control, kInsecure);
    EXPECT_THAT(got.payload, HasSubstr("needs HiSLIP 2.0"));
  }
}

TEST_F(HislipSecureTest, InitialEncryptionMayEndAndMandatoryMayNot) {
  Session first(port, "hislip1");
  ASSERT_TRUE(first.start(*context));
  ASSERT_TRUE(first.end());
  EXPECT_EQ(first.query("*OPC?"), "1\n");
  Session always(port, "hislip2");
  always.overlapped = true;
  ASSERT_TRUE(always.start(*context));
  always.async_tls->put(kAsyncEndTls, 0, always.last_id, number_bytes(always.received_id, 4));
  expect_fatal(*always.async_tls, kInsecure);
  expect_fatal(*always.sync_tls, kInsecure);
}

TEST_F(HislipSecureTest, BusyWhileAnythingIsOnItsWay) {
  Session client(port, "hislip3");
  client.put("NEVER?");
  EXPECT_EQ(client.ask_turn(kAsyncStartTls, client.received_id), kTurnBusy) << "an answer is due";
  EXPECT_EQ(client.clear(0), 0U);
  client.put("*OPC", false);
  EXPECT_EQ(client.ask_turn(kAsyncStartTls, client.received_id), kTurnBusy) << "half a message";
  EXPECT_EQ(client.clear(0), 0U);
  EXPECT_EQ(client.query("*OPC?"), "1\n");
  EXPECT_EQ(client.ask_turn(kAsyncStartTls, client.received_id - 2), kTurnBusy) << "not received";
  client.last_id += 2;
  EXPECT_EQ(client.ask_turn(kAsyncStartTls, client.received_id), kTurnBusy) << "still to come";
  client.last_id -= 2;
  client.async.put(kAsyncClear, 0, 0);
  EXPECT_EQ(client.async.next().type, kAsyncClearAcknowledge);
  EXPECT_EQ(client.ask_turn(kAsyncStartTls, client.received_id), kTurnBusy) << "half a clear";
  client.sync.put(kClearComplete, 0, 0);
  EXPECT_EQ(client.sync.next().type, kClearAcknowledge);
  client.last_id = client.received_id = HislipClient::kFirst - 2;
  client.next_id = HislipClient::kFirst;
  EXPECT_TRUE(client.start(*context));
  EXPECT_EQ(client.query("*OPC?"), "1\n");
}

TEST_F(HislipSecureTest, AfterBusyADeviceClearMayHelp) {
  Session client(port, "hislip2");
  client.overlapped = true;
  EXPECT_EQ(client.ask_turn(kAsyncStartTls, 1), kTurnBusy);
  EXPECT_EQ(client.clear(1), 7U);
  ASSERT_TRUE(client.start(*context));
  EXPECT_EQ(client.query("*OPC?"), "1\n");
}

TEST_F(HislipSecureTest, ATurnThatIsNoneIsAnError) {
  Session client(port, "hislip3");
  EXPECT_EQ(client.ask(kAsyncStartTls, 0, client.last_id, "abc").control, kTurnError);
  EXPECT_EQ(
      client.ask(kAsyncEndTls, 0, client.last_id, number_bytes(client.received_id, 4)).control,
      kTurnError);
  Got got = client.ask(kAsyncStartTls, 2, client.last_id, number_bytes(client.received_id, 4));
  EXPECT_EQ(got.type, kError);
  EXPECT_EQ(got.control, 2U);
  ASSERT_TRUE(client.start(*context));
  EXPECT_EQ(client.ask_turn(kAsyncStartTls, client.received_id), kTurnError) << "there is TLS";
  EXPECT_EQ(client.query("*OPC?"), "1\n");
}

TEST_F(HislipSecureTest, OnlyStartTlsAndEndTlsCarryOn) {
  {
    Session client(port, "hislip3");
    client.sync.put(kStartTls, 0, 0);
    expect_fatal(client.sync, kInsecure);
  }
  {
    Session client(port, "hislip3");
    EXPECT_EQ(client.ask_turn(kAsyncStartTls, client.received_id), kTurnSuccess);
    ASSERT_TRUE(client.turn_async(*context));
    client.put("*OPC?");
    expect_fatal(client.sync, kInsecure);
    expect_fatal(*client.async_tls, kInsecure);
  }
  {
    Session client(port, "hislip3");
    EXPECT_EQ(client.ask_turn(kAsyncStartTls, client.received_id), kTurnSuccess);
    ASSERT_TRUE(client.turn_async(*context));
    client.async_tls->put(kAsyncClear);
    expect_fatal(*client.async_tls, kInsecure);
  }
  {
    Session client(port, "hislip3");
    ASSERT_TRUE(client.start(*context));
    client.sync_tls->put(kEndTls);
    expect_fatal(*client.sync_tls, kInsecure);
  }
  {
    Session client(port, "hislip3");
    ASSERT_TRUE(client.start(*context));
    EXPECT_EQ(client.ask_turn(kAsyncEndTls, client.received_id), kTurnSuccess);
    client.sync_tls->put(kDataEnd, 0, client.next_id, "*OPC?");
    expect_fatal(*client.sync_tls, kInsecure);
  }
}

TEST_F(HislipSecureTest, StartTlsMayOvertakeTheLastBytesOfTheOtherChannel) {
  Session client(port, "hislip3");
  EXPECT_EQ(client.ask_turn(kAsyncStartTls, client.received_id), kTurnSuccess);
  client.sync.put(kStartTls, 0, 0);  // before anything of TLS has come on the other
  EXPECT_FALSE(client.sync.readable(50));
  ASSERT_TRUE(client.turn_async(*context));
  ASSERT_TRUE(client.turn_sync(*context));
  EXPECT_EQ(client.query("*OPC?"), "1\n");
  EXPECT_EQ(client.ask_turn(kAsyncEndTls, client.received_id), kTurnSuccess);
  client.sync_tls->put(kEndTls);
  ASSERT_TRUE(client.async_tls->end());
  client.async_tls.reset();
  ASSERT_TRUE(client.sync_tls->end());
  client.sync_tls.reset();
  EXPECT_EQ(client.query("*OPC?"), "1\n");
}

TEST_F(HislipSecureTest, AServiceRequestWaitsForTheHandshake) {
  Session client(port, "hislip3");
  Session other(port, "hislip3");
  EXPECT_EQ(client.query("*CLS;*ESE 1;*SRE 32;*OPC?"), "1\n");
  EXPECT_EQ(client.ask_turn(kAsyncStartTls, client.received_id), kTurnSuccess);
  EXPECT_EQ(other.query("*OPC;*OPC?"), "1\n");
  EXPECT_FALSE(client.async.readable(50));
  ASSERT_TRUE(client.turn_async(*context));
  EXPECT_EQ(client.async_tls->next().type, kServiceRequest);
  client.sync.put(kStartTls, 0, 0);
  ASSERT_TRUE(client.turn_sync(*context));
  EXPECT_EQ(client.query("*SRE 0;*OPC?"), "1\n");
}

TEST_F(HislipSecureTest, DescriptorsTellOfTls) {
  Session client(port, "hislip3");
  const std::string versions = number_bytes(4, 2) + number_bytes(0, 1) + "\x03\x03\x03\x04";
  Got got = client.ask(kGetDescriptors);
  EXPECT_EQ(got.payload.substr(0, versions.size()), versions);
  EXPECT_THAT(got.payload, HasSubstr("OpenSSL 3"));
  EXPECT_EQ(got.payload.substr(got.payload.size() - 3), number_bytes(0, 2) + number_bytes(2, 1));
  Session failing(port, "hislip3");
  EXPECT_EQ(failing.ask_turn(kAsyncStartTls, failing.received_id), kTurnSuccess);
  failing.async.send("GET / HTTP/1.0\r\n\r\n");
  expect_fatal(failing.sync, kInsecure);
  got = client.ask(kGetDescriptors);
  EXPECT_THAT(got.payload, HasSubstr("asynchronous channel: http request"));
  EXPECT_EQ(Session(port, "hislip4").ask(kGetDescriptors).payload, "");
}

TEST_F(HislipSecureTest, DeviceClearTellsAndChangesEncryption) {
  Session always(port, "hislip2");
  ASSERT_TRUE(always.start(*context));
  EXPECT_EQ(always.async_tls->ask(kAsyncClear).control, 7U);
  EXPECT_EQ(always.sync_tls->ask(kClearComplete, 0).control, 6U) << "this one keeps it";
  Session client(port, "hislip3");
  EXPECT_EQ(client.clear(6), 6U);
  EXPECT_EQ(client.proposed, 0U);
  client.put("*OPC?");
  expect_fatal(client.sync, kInsecure);
  Session next(port, "hislip3");
  EXPECT_EQ(next.hello.control, 6U) << "it is the instrument's";
  ASSERT_TRUE(next.start(*context));
  EXPECT_EQ(next.async_tls->ask(kAsyncClear).control, 6U);
  EXPECT_EQ(next.sync_tls->ask(kClearComplete, 0).control, 0U);
  EXPECT_EQ(Session(port, "hislip3", 0x0100).hello.control, 0U);
}

TEST_F(HislipSecureTest, AClientMaySayInClearThatItDoesNotWantIt) {
  Session client(port, "hislip3");
  EXPECT_EQ(client.ask_turn(kAsyncStartTls, client.received_id), kTurnSuccess);
  client.async.put(kFatalError, 5, 0, "no");
  EXPECT_TRUE(client.async.closed());
  EXPECT_TRUE(client.sync.closed());
  Session other(port, "hislip3");
  EXPECT_EQ(other.ask_turn(kAsyncStartTls, other.received_id), kTurnSuccess);
  other.async.put(kStatusQuery, 0, other.last_id);
  expect_fatal(other.async, kInsecure);
}

TEST_F(HislipSecureTest, TimeToStartIsLimited) {
  bench.on_bench_thread([](Bench& one) {
    dynamic_cast<HislipServer&>(*one.server("hislip")).registry().handshake_time =
        std::chrono::milliseconds(100);
  });
  Session client(port, "hislip3");
  EXPECT_EQ(client.ask_turn(kAsyncStartTls, client.received_id), kTurnSuccess);
  expect_fatal(client.sync, kInsecure);
  expect_fatal(client.async, kInsecure);
}

TEST_F(HislipSecureTest, WithoutTlsItsMessagesAreUnknown) {
  Session client(port, "hislip4");
  for (const int type : {kAsyncStartTls, kAsyncEndTls}) {
    const Got got = client.ask(type, 0, client.last_id, number_bytes(client.received_id, 4));
    EXPECT_EQ(got.type, kError);
    EXPECT_EQ(got.control, 1U);
  }
  for (const int type : {kStartTls, kEndTls, kGetMechanisms, kAuthenticationStart}) {
    client.sync.put(type, 0, 0);
    EXPECT_EQ(client.sync.next().type, kError);
  }
  EXPECT_EQ(client.query("*OPC?"), "1\n");
}

TEST_F(HislipSecureTest, CloseNotifyOutOfPlaceEndsTheSession) {
  Session client(port, "hislip3");
  ASSERT_TRUE(client.start(*context));
  SSL_shutdown(client.sync_tls->ssl());
  EXPECT_EQ(client.async_tls->next().type, -1);
  Session next(port, "hislip3");
  EXPECT_EQ(next.query("*OPC?"), "1\n");
}

}  // namespace
}  // namespace visa::sim
