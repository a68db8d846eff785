// SPDX-License-Identifier: MIT
// Each kind of fault, by the requests of the control socket, and that the session works on where
// the fault lets it.
#include "tools/sim/hislip/hislip_faults.h"

#include <gmock/gmock.h>

#include "conformance/unit/tools/sim/hislip/hislip_fixture.h"

namespace visa::sim {
namespace {

using testing::HasSubstr;

// With a session to the multimeter.
class HislipFaultTest : public HislipTest {
 protected:
  HislipClient client{port, "hislip1"};

  Got answer_to(std::string_view question) {
    client.put(question);
    return client.sync.next();
  }
  static bool long_since(Clock::time_point begun, int milliseconds) {
    return Clock::now() - begun >= std::chrono::milliseconds(milliseconds);
  }
  // The next question gets its answer, after what a fault has left before it.
  void expect_in_step() {
    client.put("*OPC?");
    Got got = client.sync.next();
    while (got.type >= 0 && (got.type != kDataEnd || got.parameter != client.last_id)) {
      got = client.sync.next();
    }
    EXPECT_EQ(got.payload, "1\n");
    client.delivered = true;
  }
};

TEST_F(HislipFaultTest, SilenceLeavesAMessageUnexecuted) {
  fault(R"("kind":"hislip-silence","procedure":"data","count":1)");
  client.put("*ESE 5");
  expect_in_step();
  EXPECT_EQ(client.query("*ESE?"), "0\n");
  struct Step {
    const char* procedure;
    int type;
    std::string payload;
  };
  for (const Step& step : {Step{"async_maximum_message_size", kMaximumSize, number_bytes(1, 8)},
                           Step{"async_status_query", kStatusQuery, ""},
                           Step{"async_lock", kLock, ""}, Step{"async_lock_info", kLockInfo, ""},
                           Step{"async_remote_local_control", kRemoteLocal, ""},
                           Step{"async_device_clear", kAsyncClear, ""},
                           Step{"get_descriptors", kGetDescriptors, ""}}) {
    fault(R"("kind":"hislip-silence","count":1,"procedure":")" + std::string(step.procedure) +
          "\"");
    client.async.put(step.type, 0, 0, step.payload);
    EXPECT_EQ(client.ask(kStatusQuery, 0, client.last_id).type, kStatusResponse) << step.procedure;
  }
}

TEST_F(HislipFaultTest, SilenceMeetsEveryStepOfTheHandshakeAndOfAClear) {
  fault(R"("kind":"hislip-silence","procedure":"initialize","count":2)");
  HislipConnected sync(port);
  sync.put(kInitialize, 0, 0x02000000, "hislip1");
  EXPECT_FALSE(sync.readable(100));
  sync.put(kInitialize, 0, 0x02000000, "no such name");
  EXPECT_FALSE(sync.readable(100)) << "likewise a name that nobody has";
  sync.put(kInitialize, 0, 0x02000000, "hislip1");
  const Got hello = sync.next();
  EXPECT_EQ(hello.type, kInitializeResponse);
  fault(R"("kind":"hislip-silence","procedure":"async_initialize","count":1)");
  HislipConnected async(port);
  async.put(kAsyncInitialize, 0, hello.parameter & 0xFFFFU);
  EXPECT_FALSE(async.readable(100));
  async.put(kAsyncInitialize, 0, hello.parameter & 0xFFFFU);
  EXPECT_EQ(async.next().type, kAsyncInitializeResponse);
  fault(R"("kind":"hislip-silence","procedure":"device_clear_complete","count":1)");
  async.put(kAsyncClear, 0, 0);
  EXPECT_EQ(async.next().type, kAsyncClearAcknowledge);
  sync.put(kClearComplete, 0, 0);
  EXPECT_FALSE(sync.readable(100));
  sync.put(kClearComplete, 0, 0);
  EXPECT_EQ(sync.next().type, kClearAcknowledge);
}

TEST_F(HislipFaultTest, ErrorsStandInForAnswers) {
  fault(R"("kind":"hislip-error","procedure":"async_status_query","error":200,"count":1)");
  Got got = client.ask(kStatusQuery, 0, client.last_id);
  EXPECT_EQ(got.type, kError);
  EXPECT_EQ(got.control, 200U);
  fault(R"("kind":"hislip-fatal","procedure":"data","error":130,"count":1)");
  client.put("*OPC?");
  for (HislipConnected* const channel : {&client.sync, &client.async}) {
    got = channel->next();
    EXPECT_EQ(got.type, kFatalError);
    EXPECT_EQ(got.control, 130U);
    EXPECT_TRUE(channel->closed());
  }
  fault(R"("kind":"hislip-fatal","procedure":"initialize","error":4,"count":1)");
  HislipConnected sync(port);
  sync.put(kInitialize, 0, 0x02000000, "hislip1");
  EXPECT_EQ(sync.next().control, 4U);
}

TEST_F(HislipFaultTest, MessagesGetLostComeTwiceAndLate) {
  fault(R"("kind":"hislip-lost","procedure":"async_status_query","count":1)");
  client.async.put(kStatusQuery, 0, client.last_id);
  EXPECT_EQ(client.ask(kLockInfo).type, kLockInfoResponse);
  fault(R"("kind":"hislip-twice","count":1)");
  EXPECT_EQ(answer_to("*OPC?").payload, "1\n");
  EXPECT_EQ(client.sync.next().payload, "1\n");
  client.delivered = true;
  fault(R"("kind":"hislip-late","ms":80,"count":1)");
  const auto begun = Clock::now();
  EXPECT_EQ(client.query("*OPC?"), "1\n");
  EXPECT_TRUE(long_since(begun, 80));
  fault(R"("kind":"hislip-late","ms":3600000,"count":1)");
  client.put("*OPC?");
  EXPECT_EQ(client.clear(0), 0U) << "a clear does not wait for it";
  EXPECT_EQ(client.query("*ESE?"), "0\n");
}

TEST_F(HislipFaultTest, MessagesComeInPiecesOrInPart) {
  fault(R"("kind":"hislip-split","count":2)");
  EXPECT_EQ(client.query("*OPC?"), "1\n");
  EXPECT_EQ(client.ask(kLockInfo).type, kLockInfoResponse);
  fault(R"("kind":"hislip-split","bytes":5,"ms":2,"count":1)");
  EXPECT_EQ(client.query("*OPC?"), "1\n");
  fault(R"("kind":"hislip-stall","bytes":9,"count":1)");
  client.put("*OPC?");
  EXPECT_EQ(client.sync.receive(9).size(), 9U);
  EXPECT_FALSE(client.sync.readable(50));
  no_fault();
  EXPECT_EQ(client.sync.receive(9).substr(7), "1\n");
  client.delivered = true;
  fault(R"("kind":"hislip-stall","bytes":17,"ms":50,"count":1)");
  EXPECT_EQ(client.query("*OPC?"), "1\n");
  fault(R"("kind":"hislip-close","bytes":17,"count":1)");
  client.put("*OPC?");
  EXPECT_EQ(client.sync.receive(17).substr(16), "1");
  EXPECT_TRUE(client.sync.closed());
  EXPECT_TRUE(client.async.closed());
}

TEST_F(HislipFaultTest, ConnectionIsReset) {
  fault(R"("kind":"hislip-close","bytes":3,"reset":true,"procedure":"async_lock_info","count":1)");
  client.async.put(kLockInfo, 0, 0);
  EXPECT_EQ(client.async.next().type, -1);
  EXPECT_TRUE(client.sync.closed());
}

TEST_F(HislipFaultTest, FatalErrorStandsInTheMiddleOfAPayload) {
  fault(R"("kind":"hislip-fatal-inside","bytes":18,"error":129,"count":1)");
  client.put("*IDN?");
  EXPECT_EQ(client.sync.receive(18).substr(16), "Fr");
  Got got = client.sync.next();
  EXPECT_EQ(got.type, kFatalError);
  EXPECT_EQ(got.control, 129U);
  EXPECT_EQ(client.async.next().type, kFatalError);
}

TEST_F(HislipFaultTest, IdsAreWrong) {
  fault(R"("kind":"hislip-id","count":1)");
  Got got = answer_to("*OPC?");
  EXPECT_EQ(got.parameter, client.last_id + 0x1000);
  fault(R"("kind":"hislip-id","length":4294967294,"count":1)");
  got = answer_to("*OPC?");
  EXPECT_EQ(got.parameter, client.last_id - 2);
  expect_in_step();
  fault(R"("kind":"hislip-stale","count":1)");
  const Got old = answer_to("*OPC?");
  EXPECT_EQ(old.payload, "the answer before\n");
  EXPECT_EQ(old.parameter, client.last_id - 2);
  EXPECT_EQ(client.get(), "1\n");
  client.ask(kMaximumSize, 0, 0, number_bytes(26, 8));
  fault(R"("kind":"hislip-unknown-id")");
  got = answer_to("*IDN?");
  EXPECT_EQ(got.type, kData);
  EXPECT_EQ(got.parameter, 0xFFFFFFFFU);
  while (got.type == kData) {
    got = client.sync.next();
  }
  EXPECT_EQ(got.parameter, client.last_id) << "of the last one it is known";
}

TEST_F(HislipFaultTest, HeadersAreWrong) {
  fault(R"("kind":"hislip-length","procedure":"async_lock_info","count":1)");
  client.async.put(kLockInfo, 0, 0);
  EXPECT_EQ(client.async.header().length, 1ULL << 63U);
  fault(R"("kind":"hislip-length","length":77,"count":1)");
  client.put("*OPC?");
  EXPECT_EQ(client.sync.header().length, 77U);
  EXPECT_EQ(client.sync.receive(2), "1\n");
  fault(R"("kind":"hislip-control","error":9,"procedure":"async_status_query","count":1)");
  EXPECT_EQ(client.ask(kStatusQuery).control, 9U);
  fault(R"("kind":"hislip-type","error":99,"procedure":"async_status_query","count":1)");
  EXPECT_EQ(client.ask(kStatusQuery).type, 99);
  fault(R"("kind":"hislip-prologue","procedure":"async_lock_info","count":1)");
  client.async.put(kLockInfo, 0, 0);
  EXPECT_EQ(client.async.receive(16).substr(0, 2), "HX");
}

TEST_F(HislipFaultTest, ReservedResponsesHaveAPayload) {
  fault(R"("kind":"hislip-payload","procedure":"initialize","count":1)");
  fault(R"("kind":"hislip-payload","procedure":"async_initialize","bytes":300,"count":1)");
  fault(R"("kind":"hislip-payload","procedure":"async_device_clear","count":1)");
  fault(R"("kind":"hislip-payload","procedure":"device_clear_complete","count":1)");
  HislipClient other(port, "hislip1");
  EXPECT_EQ(other.hello.payload, std::string(16, 'r'));
  EXPECT_EQ(other.async_hello.payload, std::string(300, 'r'));
  EXPECT_EQ(other.clear(0), 0U);
  EXPECT_EQ(other.query("*OPC?"), "1\n");
  EXPECT_THAT(control(R"({"op":"faults","instrument":"dmm"})"),
              testing::Not(HasSubstr("\"applied\":0")));
}

TEST_F(HislipFaultTest, OtherMessagesComeBetween) {
  fault(R"("kind":"hislip-extra","procedure":"async_status_query","bytes":4,"count":1)");
  Got got = client.ask(kStatusQuery, 0, client.last_id);
  EXPECT_EQ(got.type, 128);
  EXPECT_EQ(got.payload, "vvvv");
  EXPECT_EQ(client.async.next().type, kStatusResponse);
  // A service request between a question and its answer.
  fault(R"("kind":"hislip-extra","error":20,"count":1)");
  EXPECT_EQ(client.query("*OPC?"), "1\n");
  EXPECT_EQ(client.async.next().type, kServiceRequest);
  fault(R"("kind":"hislip-extra","error":77,"count":1)");
  EXPECT_EQ(answer_to("*OPC?").type, 77);
  EXPECT_EQ(client.get(), "1\n");
}

TEST_F(HislipFaultTest, ServiceRequestsAreMetByName) {
  fault(R"("kind":"hislip-lost")");
  client.put("*SRE 32;*ESE 1;*OPC");
  const Got got = client.async.next();
  EXPECT_EQ(got.type, kServiceRequest) << "a fault without a name is none of its";
  no_fault();
  client.status();
  fault(R"("kind":"hislip-twice","procedure":"async_service_request","count":1)");
  client.query("*ESR?");
  client.put("*OPC");
  EXPECT_EQ(client.async.next().type, kServiceRequest);
  EXPECT_EQ(client.async.next().type, kServiceRequest);
}

TEST_F(HislipFaultTest, AnswersHaveNoEnd) {
  fault(R"("kind":"hislip-no-end","count":1)");
  EXPECT_EQ(answer_to("*OPC?").type, kData);
  client.put("*OPC?");
  EXPECT_EQ(client.sync.next().type, kInterrupted) << "the answer was not complete";
  EXPECT_EQ(client.async.next().type, kAsyncInterrupted);
  EXPECT_EQ(client.get(), "1\n");
}

TEST_F(HislipFaultTest, AnswerGoesOnForEverUntilItsFaultIsOff) {
  fault(R"("kind":"endless","count":1)");
  client.put("*IDN?");
  for (int i = 0; i < 500; ++i) {
    const Got got = client.sync.next();
    ASSERT_EQ(got.type, kData);
    ASSERT_EQ(got.parameter, client.last_id);
    ASSERT_FALSE(got.payload.empty());
  }
  HislipClient other(port, "hislip1");
  EXPECT_EQ(other.query("*OPC?"), "1\n") << "others have their turn";
  EXPECT_EQ(client.ask(kStatusQuery, 0, client.last_id).control & 0x10U, 0x10U);
  no_fault();
  Got got = client.sync.next();
  while (got.type == kData) {
    got = client.sync.next();
  }
  EXPECT_EQ(got.type, kDataEnd);
  client.delivered = true;
  EXPECT_EQ(client.query("*OPC?"), "1\n");
}

TEST_F(HislipFaultTest, AnswerWithoutEndIsEndedByAClearOrAMessage) {
  fault(R"("kind":"endless","count":1)");
  client.put("*IDN?");
  EXPECT_EQ(client.sync.next().type, kData);
  EXPECT_EQ(client.clear(0), 0U);
  EXPECT_EQ(client.query("*OPC?"), "1\n");
  fault(R"("kind":"endless","count":1)");
  client.put("*IDN?");
  EXPECT_EQ(client.sync.next().type, kData);
  client.put("*OPC?");
  EXPECT_EQ(client.async.next().type, kAsyncInterrupted);
  Got got = client.sync.next();
  while (got.type == kData) {
    got = client.sync.next();
  }
  EXPECT_EQ(got.type, kInterrupted);
  EXPECT_EQ(client.get(), "1\n");
}

TEST_F(HislipFaultTest, InterruptedMessagesRace) {
  fault(R"("kind":"hislip-interrupted","count":3)");
  fault(R"("kind":"hislip-late","procedure":"async_interrupted","ms":60,"count":1)");
  auto begun = Clock::now();
  client.put("*OPC?");
  EXPECT_EQ(client.sync.next().type, kInterrupted);
  EXPECT_TRUE(!client.async.readable(0) || long_since(begun, 60)) << "the other is late";
  Got got = client.async.next();
  EXPECT_EQ(got.type, kAsyncInterrupted);
  EXPECT_TRUE(long_since(begun, 60));
  EXPECT_EQ(got.parameter, client.last_id);
  fault(R"("kind":"hislip-late","procedure":"interrupted","ms":60,"count":1)");
  begun = Clock::now();
  client.put("*OPC?");
  EXPECT_EQ(client.async.next().type, kAsyncInterrupted);
  EXPECT_TRUE(!client.sync.readable(0) || long_since(begun, 60));
  EXPECT_EQ(client.sync.next().type, kInterrupted);
  EXPECT_TRUE(long_since(begun, 60));
  fault(R"("kind":"hislip-lost","procedure":"interrupted","count":1)");
  client.put("*OPC?");
  EXPECT_EQ(client.async.next().type, kAsyncInterrupted);
  EXPECT_EQ(client.query("*ESE?"), "0\n");
}

TEST_F(HislipFaultTest, FaultsOfAnswersMeetWhatTheInstrumentSays) {
  fault(R"("kind":"late","ms":60,"count":1)");
  EXPECT_EQ(client.query("*OPC?"), "1\n");
  fault(R"("kind":"truncate","bytes":3,"count":1)");
  const Got part = answer_to("*IDN?");
  EXPECT_EQ(part.type, kData);
  EXPECT_EQ(part.payload, "Fre");
  EXPECT_EQ(client.clear(0), 0U);
  fault(R"("kind":"split","pieces":3,"ms":5,"count":1)");
  EXPECT_THAT(client.query("*IDN?"), HasSubstr("Virtual Multimeter"));
  fault(R"("kind":"stall","count":1)");
  client.put("*OPC?");
  EXPECT_EQ(client.clear(0), 0U);
  EXPECT_EQ(client.query("*OPC?"), "1\n");
  fault(R"("kind":"drop","bytes":2,"count":1)");
  client.put("*IDN?");
  EXPECT_EQ(client.sync.next().payload, "Fr");
  EXPECT_TRUE(client.sync.closed());
  EXPECT_TRUE(client.async.closed());
}

TEST_F(HislipFaultTest, ClientIsDroppedByRequest) {
  EXPECT_THAT(control(R"({"op":"drop","instrument":"dmm"})"), HasSubstr("\"dropped\":1"));
  EXPECT_TRUE(client.sync.closed());
  EXPECT_TRUE(client.async.closed());
}

TEST_F(HislipFaultTest, FaultsOfOtherWiresChangeNothing) {
  fault(R"("kind":"rpc-silence")");
  fault(R"("kind":"rpc-stall")");
  HislipClient other(port, "hislip1");
  EXPECT_EQ(other.query("*OPC?"), "1\n");
  EXPECT_EQ(other.clear(0), 0U);
}

TEST_F(HislipFaultTest, OneClientMayBeMeant) {
  HislipClient other(port, "hislip1");
  fault(R"("kind":"hislip-id","client":1)");
  EXPECT_EQ(other.query("*OPC?"), "1\n");
  const Got got = answer_to("*OPC?");
  EXPECT_EQ(got.parameter, client.last_id + 0x1000);
}

TEST_F(HislipFaultTest, AnOpenTimeLimitMeetsAClientThatDoesNotReadItsFatalError) {
  HislipClient other(port, "hislip2", {.receive_buffer = 4096});
  other.put("WAV:POIN 60000000;:CURV?");
  EXPECT_TRUE(other.sync.readable(10000));
  other.async.send("no header at all");
  EXPECT_EQ(other.async.next().type, kFatalError);
  EXPECT_TRUE(eventually([](HislipServer& server) { return server.tcp().clients() == 2; }))
      << "the one that does not read is gone, too";
}

}  // namespace
}  // namespace visa::sim
