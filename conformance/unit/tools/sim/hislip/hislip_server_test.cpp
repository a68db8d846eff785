// SPDX-License-Identifier: MIT
// The handshake, the synchronous channel and device clear, in both modes, over loopback.
#include "tools/sim/hislip/hislip_server.h"

#include <gmock/gmock.h>

#include <vector>

#include "conformance/unit/tools/sim/hislip/hislip_fixture.h"

namespace visa::sim {
namespace {

using testing::HasSubstr;

TEST_F(HislipTest, ServesEveryInstrumentUnderItsSubAddress) {
  EXPECT_EQ(bench.resource("dmm-hislip"),
            "TCPIP0::127.0.0.1::hislip1," + std::to_string(port) + "::INSTR");
  EXPECT_EQ(bench.resource("only-hislip"),
            "TCPIP0::127.0.0.1::hisliponly," + std::to_string(port) + "::INSTR");
  EXPECT_THAT(HislipClient(port, "hislip1").query("*IDN?"), HasSubstr("Virtual Multimeter"));
  EXPECT_THAT(HislipClient(port, "HiSLIP2").query("*IDN?"), HasSubstr("Oscilloscope"));
  EXPECT_THAT(HislipClient(port, "").query("*IDN?\n"), HasSubstr("FreeVISA"));
}

TEST_F(HislipTest, NegotiatesTheLowerVersionAndAnnouncesTheMode) {
  const HislipClient two(port, "hislip1");
  EXPECT_EQ(two.hello.parameter >> 16U, 0x0200U);
  EXPECT_EQ(two.hello.control, 0U);
  EXPECT_EQ(two.async_hello.control, 0U) << "no secure connection";
  const HislipClient one(port, "hislip1", {.version = 0x0100});
  EXPECT_EQ(one.hello.parameter >> 16U, 0x0100U);
  const HislipClient later(port, "hislip1", {.version = 0x0305});
  EXPECT_EQ(later.hello.parameter >> 16U, 0x0200U);
  EXPECT_EQ(HislipClient(port, "hislip5").hello.parameter >> 16U, 0x0100U);
  EXPECT_EQ(HislipClient(port, "hislip4").hello.control, 1U);
  EXPECT_NE(two.session, one.session);
}

TEST_F(HislipTest, RefusesWhatIsNoHandshake) {
  const auto refused = [this](const std::string& bytes) {
    HislipConnected channel(port);
    channel.send(bytes);
    const Got got = channel.next();
    EXPECT_EQ(got.type, kFatalError);
    EXPECT_FALSE(got.payload.empty());
    EXPECT_TRUE(channel.closed());
    return got.control;
  };
  EXPECT_EQ(refused(hislip_message(kInitialize, 0, 0x02000000, "hislip9")), 0U);
  EXPECT_EQ(refused(hislip_message(kInitialize, 0, 0x00010000, "hislip0")), 3U);
  EXPECT_EQ(refused(hislip_header(kInitialize, 0, 0x02000000, 1ULL << 63U)), 3U);
  EXPECT_EQ(refused(hislip_message(kAsyncInitialize, 0, 77)), 3U);
  EXPECT_EQ(refused(hislip_message(kAsyncInitialize, 0, 0x10000)), 3U);
  EXPECT_EQ(refused(hislip_message(kDataEnd, 0, 0xFFFFFF00, "*IDN?")), 3U);
  EXPECT_EQ(refused("GET / HTTP/1.0\r\n\r\n"), 1U);
  HislipClient client(port, "hislip1");
  HislipConnected third(port);
  third.put(kAsyncInitialize, 0, client.session);
  EXPECT_EQ(third.next().control, 3U) << "it has its second channel";
  EXPECT_EQ(client.query("*OPC?"), "1\n") << "and keeps it";
}

TEST_F(HislipTest, SynchronousChannelNeedsTheOther) {
  HislipConnected sync(port);
  sync.put(kInitialize, 0, 0x02000000, "hislip1");
  EXPECT_EQ(sync.next().type, kInitializeResponse);
  sync.put(kDataEnd, 0, 0xFFFFFF00, "*IDN?");
  const Got got = sync.next();
  EXPECT_EQ(got.type, kFatalError);
  EXPECT_EQ(got.control, 2U);
  EXPECT_TRUE(sync.closed());
}

TEST_F(HislipTest, AProbeMayCloseAfterInitializeResponse) {
  for (int i = 0; i < 50; ++i) {
    HislipConnected sync(port);
    sync.put(kInitialize, 0, 0x02000000, "hislip1");
    EXPECT_EQ(sync.next().type, kInitializeResponse);
  }
  EXPECT_TRUE(eventually([](HislipServer& server) { return server.tcp().clients() == 0; }));
  EXPECT_EQ(HislipClient(port, "hislip1").query("SYST:ERR?"), "0,\"No error\"\n");
}

TEST_F(HislipTest, HalfAHandshakeIsBoundedInNumberAndTime) {
  on_server([](HislipServer& server) { server.registry().most_half_open = 2; });
  const auto begin = [](HislipConnected& sync) {
    sync.put(kInitialize, 0, 0x02000000, "hislip1");
    return sync.next();
  };
  HislipConnected first(port);
  HislipConnected second(port);
  EXPECT_EQ(begin(first).type, kInitializeResponse);
  const Got kept = begin(second);
  HislipConnected third(port);
  const Got refused = begin(third);
  EXPECT_EQ(refused.type, kFatalError);
  EXPECT_EQ(refused.control, 4U);
  HislipConnected async(port);
  async.put(kAsyncInitialize, 0, kept.parameter & 0xFFFFU);
  EXPECT_EQ(async.next().type, kAsyncInitializeResponse);
  on_server([](HislipServer& server) {
    server.registry().handshake_time = std::chrono::milliseconds(50);
  });
  HislipConnected fourth(port);
  Got late = begin(fourth);
  if (late.type == kInitializeResponse) {  // else this test took too long itself
    late = fourth.next();
  }
  EXPECT_EQ(late.type, kFatalError) << "it took too long";
  EXPECT_EQ(late.control, 3U);
  HislipConnected silent(port);
  EXPECT_EQ(silent.next().type, kFatalError) << "likewise";
  second.put(kDataEnd, 0, 0xFFFFFF00, "*OPC?");
  EXPECT_EQ(second.next().payload, "1\n") << "a whole session is not concerned";
}

TEST_F(HislipTest, AnswersCarryTheIdOfTheirQuestion) {
  HislipClient client(port, "hislip1");
  EXPECT_EQ(client.put("*IDN?\n"), 0xFFFFFF00U);
  EXPECT_THAT(client.get(), HasSubstr("Virtual Multimeter"));
  for (int i = 0; i < 200; ++i) {  // the ids wrap
    ASSERT_EQ(client.query("*OPC?"), "1\n");
  }
  EXPECT_LT(client.last_id, 0x1000U);
  client.put("*ID", false);
  client.put("N?");
  EXPECT_THAT(client.get(), HasSubstr("Virtual Multimeter"));
  client.put("*OPC?", false);
  client.put("");  // END alone
  EXPECT_EQ(client.get(), "1\n");
  EXPECT_EQ(client.query("SYST:ERR?"), "0,\"No error\"\n");
}

TEST_F(HislipTest, CutsAnswersAsBothSidesWantThem) {
  HislipClient own(port, "hislip3");
  own.put("*IDN?");
  std::vector<std::size_t> sizes;
  Got got = own.sync.next();
  while (got.type == kData) {
    EXPECT_EQ(got.parameter, own.last_id);
    sizes.push_back(got.payload.size());
    got = own.sync.next();
  }
  EXPECT_EQ(got.type, kDataEnd);
  EXPECT_EQ(got.payload, ",1\n") << "after A,B,1: five bytes at a time";
  EXPECT_EQ(sizes, std::vector<std::size_t>{5});
  HislipClient client(port, "hislip1");
  const Got size = client.ask(kMaximumSize, 0, 0, number_bytes(20, 8));
  EXPECT_EQ(size.type, kMaximumSizeResponse);
  EXPECT_EQ(bytes_number(size.payload), 1U << 20U);
  client.put("*OPC?;*OPC?;*OPC?");
  EXPECT_EQ(client.sync.next().payload, "1;1;") << "20 bytes with the header";
}

TEST_F(HislipTest, LargeTransfersGoBothWays) {
  HislipClient client(port, "hislip0");
  client.put("RECEIVE\n");
  std::string data(7 << 17, 'x');
  data.back() = '\n';
  for (std::size_t at = 0; at < data.size(); at += 1 << 17) {
    client.put(std::string_view(data).substr(at, 1 << 17), at + (1 << 17) == data.size());
  }
  EXPECT_TRUE(client.query("SEND\n") == data);
  HislipClient scope(port, "hislip2");
  EXPECT_EQ(scope.query("WAV:POIN 20000000;:CURV?").size(), 20000011U);
}

TEST_F(HislipTest, ALongAnswerInSmallMessagesLeavesOthersTheirTurn) {
  HislipClient slow(port, "hislip2");
  HislipClient other(port, "hislip1");
  slow.ask(kMaximumSize, 0, 0, number_bytes(1, 8));
  slow.put("WAV:POIN 30000;:CURV?");
  EXPECT_EQ(slow.sync.next().payload, "#");
  EXPECT_EQ(other.query("*OPC?"), "1\n");
  EXPECT_EQ(slow.get().size(), 30007U);
}

TEST_F(HislipTest, TooLargeAMessageIsAnErrorAndDiscarded) {
  HislipClient own(port, "hislip3");
  own.put("*ESE 5;" + std::string(100, ' '));
  Got got = own.sync.next();
  EXPECT_EQ(got.type, kError);
  EXPECT_EQ(got.control, 4U);
  EXPECT_EQ(own.query("*ESE?"), "0\n");
  got = own.ask(kLock, 1, 0, std::string(257, 'k'));
  EXPECT_EQ(got.type, kError);
  EXPECT_EQ(got.control, 4U);
  EXPECT_EQ(own.lock(0), 1U);
  own.sync.send(hislip_header(kDataEnd, 0, own.next_id, 1ULL << 63U));
  EXPECT_EQ(own.sync.next().control, 4U);
  for (int i = 0; i < 100; ++i) {  // none of it is kept
    ASSERT_TRUE(own.sync.send(std::string(1 << 16, 'z')));
  }
  EXPECT_EQ(own.ask(kLockInfo).type, kLockInfoResponse);
}

TEST_F(HislipTest, UnknownMessagesAreErrorsOnTheirChannel) {
  HislipClient client(port, "hislip1");
  const auto error = [](HislipConnected& channel, int type, unsigned control) {
    channel.put(type, control, 0, "payload");
    const Got got = channel.next();
    EXPECT_EQ(got.type, kError) << type;
    return got.control;
  };
  for (HislipConnected* const channel : {&client.sync, &client.async}) {
    EXPECT_EQ(error(*channel, 40, 0), 1U);
    EXPECT_EQ(error(*channel, 28, 0), 1U) << "StartTLS was not announced";
    EXPECT_EQ(error(*channel, 200, 0), 3U);
  }
  EXPECT_EQ(error(client.sync, kStatusQuery, 0), 1U);
  EXPECT_EQ(error(client.async, kDataEnd, 0), 1U);
  EXPECT_EQ(error(client.sync, kDataEnd, 2), 2U);
  EXPECT_EQ(error(client.async, kLock, 2), 2U);
  EXPECT_EQ(error(client.async, kRemoteLocal, 7), 2U);
  EXPECT_EQ(error(client.async, kMaximumSize, 0), 0U) << "seven bytes";
  EXPECT_EQ(error(client.sync, kClearComplete, 0), 0U) << "none is under way";
  client.sync.put(kError, 1, 0, "what was that?");  // of a client: not answered
  EXPECT_EQ(client.query("*OPC?"), "1\n");
}

TEST_F(HislipTest, DescriptorsComeWith2) {
  HislipClient two(port, "hislip1");
  EXPECT_EQ(two.ask(kGetDescriptors).type, kGetDescriptorsResponse);
  two.sync.put(kGetDescriptors, 0, 0);
  EXPECT_EQ(two.sync.next().type, kGetDescriptorsResponse);
  HislipClient one(port, "hislip1", {.version = 0x0100});
  const Got got = one.ask(kGetDescriptors);
  EXPECT_EQ(got.type, kError);
  EXPECT_EQ(got.control, 1U);
}

TEST_F(HislipTest, PoorlyFormedHeaderEndsBothChannels) {
  HislipClient client(port, "hislip1");
  client.sync.send("HX" + std::string(14, '\0'));
  for (HislipConnected* const channel : {&client.sync, &client.async}) {
    const Got got = channel->next();
    EXPECT_EQ(got.type, kFatalError);
    EXPECT_EQ(got.control, 1U);
    EXPECT_TRUE(channel->closed());
  }
  EXPECT_TRUE(eventually([](HislipServer& server) { return server.tcp().clients() == 0; }));
}

TEST_F(HislipTest, OneChannelGoneIsTheOtherGone) {
  for (const bool synchronous : {true, false}) {
    HislipClient client(port, "hislip1");
    (synchronous ? client.sync : client.async).finish_sending();
    EXPECT_TRUE((synchronous ? client.async : client.sync).closed());
  }
  HislipClient last(port, "hislip1");
  last.async.put(kFatalError, 0, 0, "had enough");
  EXPECT_TRUE(last.sync.closed());
  EXPECT_TRUE(eventually([](HislipServer& server) { return server.tcp().clients() == 0; }));
}

TEST_F(HislipTest, DeviceClearTakesBackWhatIsUnderWay) {
  HislipClient client(port, "hislip3");
  client.put("LATE?");
  client.put("half a mess", false);
  EXPECT_EQ(client.clear(0), 0U);
  EXPECT_EQ(client.proposed, 0U);
  EXPECT_EQ(client.query("*OPC?"), "1\n");
  EXPECT_EQ(client.last_id, 0xFFFFFF00U) << "the ids begin anew";
}

TEST_F(HislipTest, DeviceClearDropsInputUntilItIsComplete) {
  HislipClient client(port, "hislip1");
  client.async.put(kAsyncClear, 0, 0);
  EXPECT_EQ(client.async.next().type, kAsyncClearAcknowledge);
  client.put("*ESE 5");
  client.sync.put(200, 0, 0, "no error now");
  client.sync.put(kClearComplete, 0, 0, "reserved in 2.0");
  EXPECT_EQ(client.sync.next().type, kClearAcknowledge);
  client.next_id = client.kFirst;
  EXPECT_EQ(client.query("*ESE?"), "0\n");
}

TEST_F(HislipTest, DeviceClearEndsALargeAnswer) {
  HislipClient client(port, "hislip2", {.receive_buffer = 4096});
  client.put("WAV:POIN 60000000;:CURV?");
  EXPECT_EQ(client.sync.header().type, kData);
  client.async.put(kAsyncClear, 0, 0);
  EXPECT_EQ(client.async.next().type, kAsyncClearAcknowledge);
  client.sync.put(kClearComplete, 0, 0);
  client.sync.receive((1 << 20) - 16);
  std::size_t messages = 1;
  Got got = client.sync.next();
  for (; got.type == kData; got = client.sync.next()) {
    EXPECT_EQ(got.payload.size(), (1U << 20U) - 16U) << "none is cut";
    ++messages;
  }
  EXPECT_EQ(got.type, kClearAcknowledge);
  EXPECT_LT(messages, 40U) << "what had not begun does not come";
}

TEST_F(HislipTest, DeviceClearChangesTheModeWhereTheInstrumentCan) {
  HislipClient client(port, "hislip1");
  EXPECT_EQ(client.clear(1), 1U);
  client.put("*OPC?");
  client.put("*ESE?");
  EXPECT_EQ(client.get(), "1\n");
  EXPECT_EQ(client.get(), "0\n");
  EXPECT_EQ(client.clear(0), 0U);
  EXPECT_EQ(client.query("*OPC?"), "1\n");
  HislipClient lapped(port, "hislip4");
  EXPECT_EQ(lapped.clear(0), 0U);
  EXPECT_EQ(lapped.proposed, 1U);
  EXPECT_EQ(lapped.query("*OPC?"), "1\n");
  EXPECT_EQ(HislipClient(port, "hisliponly").clear(0), 1U);
  EXPECT_EQ(HislipClient(port, "hislip5").clear(1), 0U);
  EXPECT_EQ(HislipClient(port, "hislip1").hello.control, 0U) << "of one session alone";
}

TEST_F(HislipTest, OverlapModeAnswersEverythingInOrder) {
  HislipClient client(port, "hislip4");
  client.overlapped = true;
  for (int i = 0; i < 100; ++i) {
    client.put("*ESE " + std::to_string(i) + ";*ESE?");
  }
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(client.get(), std::to_string(i) + "\n");
  }
  client.put("LATE?");
  client.put("*OPC?");
  EXPECT_EQ(client.get(), "late\n");
  EXPECT_EQ(client.get(), "1\n");
}

TEST_F(HislipTest, OverlapModeStopsAClientThatDoesNotRead) {
  HislipClient client(port, "hislip4", {.receive_buffer = 4096});
  client.overlapped = true;
  client.put("TEXT \"" + std::string(60000, 't') + "\"");
  for (int i = 0; i < 40; ++i) {
    client.put("TEXT?");
  }
  for (int i = 0; i < 40; ++i) {
    ASSERT_EQ(client.get().size(), 60003U);
  }
}

}  // namespace
}  // namespace visa::sim
