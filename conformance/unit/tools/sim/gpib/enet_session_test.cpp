// SPDX-License-Identifier: MIT
// The bench's GPIB-ENET/100, judged by what others have read off the wire of a real one.
#include "tools/sim/gpib/enet_session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

#include "conformance/unit/tools/sim/gpib/noting_instrument.h"
#include "tools/sim/base/event_loop.h"
#include "tools/sim/gpib/gpib_faults.h"

namespace visa::sim {
namespace {

using namespace std::string_literals;

/// A request: its first bytes, the rest is zero.
std::string frame(std::string text) {
  text.resize(kEnetFrame, '\0');
  return text;
}
std::string address(char primary, char secondary = 0, char code = 5) {
  return frame("\x07\x02\x00\x01"s + primary + secondary + "\x00\x00"s + code + "\x00\x04"s);
}
std::string write(std::string_view data) {
  return frame("\x62\x00\x00\x00\x00\x00\x00"s + static_cast<char>(data.size())) +
         std::string(data);
}
std::string read(char milliseconds) {
  return frame("\x16\x00\x00\x00\x00\x00\x00"s + milliseconds);
}
/// With an hour, which say() lets pass.
const std::string kLongRead = frame("\x16\x00\x00\x00\x00\x36\xEE\x80"s);
std::string ok(std::uint16_t state = 0, std::uint32_t count = 0) {
  return enet_chunk(enet_status(state, count));
}
std::string timed_out(std::uint32_t count = 0) {
  return enet_chunk(enet_failure(EnetFailure::aborted, kEnetTimedOut, count));
}

/// A client on its main connection.
class Client : public GpibConversation::Carrier {
 public:
  Client(EnetBox& box, std::uint16_t port) : session(box, port, *this) {}
  /// Sends, and returns what comes back until the session waits for no time.
  std::string say(std::string_view text) {
    session.receive(text);
    while (const auto due = session.due()) session.go_on(std::max(*due, Clock::now()));
    return take();
  }
  std::string take() {
    std::string out;
    while (!session.output().empty()) out += session.output().take(1000).bytes;
    return out;
  }
  void on_adapter_changed() override { ++woken; }

  unsigned woken = 0;
  EnetSession session;
};

class EnetSessionTest : public testing::Test {
 protected:
  EnetSessionTest() {
    bus.add(dmm, GpibPlace{5});
    bus.add(scope, GpibPlace{9, 2});
  }
  void fault(const FaultKind& kind, const WireOperation* operation) {
    dmm.faults().add(
        {.kind = &kind, .delay = std::chrono::milliseconds(1), .count = 1, .operation = operation});
  }

  EventLoop loop;
  NotingInstrument dmm;
  NotingInstrument scope;
  GpibBus bus{loop};
  EnetBox box{bus};
  Client client{box, 4000};
};

TEST_F(EnetSessionTest, AStatusIsAChunkOfTwelveBytes) {
  EXPECT_EQ(client.say(address(5)),
            "\x00\x00\x00\x0C\x01\x00\xFF\xFF\x00\x00\x00\x00\x00\x00\x00\x00"s);
}

TEST_F(EnetSessionTest, AnswersWithDataBetweenTwoStatuses) {
  client.say(address(5));
  EXPECT_EQ(client.say(write("A?")), ok(0, 2));
  EXPECT_EQ(dmm.take_seen(), "<A?>");
  EXPECT_EQ(client.say(read(100)),
            ok() + enet_chunk("answer") + "\x00\x01\x00\x00"s + ok(kEnetEnd, 6));
  EXPECT_EQ(client.say(address(9, 0x62) + write("B")), ok() + ok(0, 1));
  EXPECT_EQ(scope.take_seen(), "<B>");
}

TEST_F(EnetSessionTest, TakesRequestsInAnyPortions) {
  const std::string all = address(5) + write("A?") + read(100);
  std::string said;
  for (const char one : all) said += client.say({&one, 1});
  EXPECT_EQ(dmm.take_seen(), "<A?>");
  EXPECT_EQ(said,
            ok() + ok(0, 2) + ok() + enet_chunk("answer") + "\x00\x01\x00\x00"s + ok(kEnetEnd, 6));
}

TEST_F(EnetSessionTest, LongAnswersComeInChunks) {
  dmm.answer = std::string(2000, 'x');
  client.say(address(5) + write("A?"));
  EXPECT_EQ(client.say(read(100)), ok() + enet_chunk(std::string(1456, 'x')) +
                                       enet_chunk(std::string(544, 'x')) + "\x00\x01\x00\x00"s +
                                       ok(kEnetEnd, 2000));
}

TEST_F(EnetSessionTest, AReadEndsAtItsTime) {
  client.say(address(5));
  EXPECT_EQ(client.say(read(1)), ok() + timed_out());
  EXPECT_EQ(dmm.take_seen(), "(unterminated)");
  EXPECT_EQ(client.say(address(7) + read(0)), ok() + ok() + timed_out());
}

TEST_F(EnetSessionTest, NamesWhatIsWrong) {
  const auto failed = [](EnetFailure why) { return enet_chunk(enet_failure(why)); };
  EXPECT_EQ(client.say(write("A")), failed(EnetFailure::argument));  // no address yet
  EXPECT_EQ(client.say(read(1)), failed(EnetFailure::argument));
  EXPECT_EQ(client.say(address(31)), failed(EnetFailure::argument));
  EXPECT_EQ(client.say(address(5, 2)), failed(EnetFailure::argument));
  EXPECT_EQ(client.say(frame("\x63")), failed(EnetFailure::argument));
  EXPECT_EQ(box.unknown(), 1U);
  EXPECT_EQ(client.say(address(7) + write("AB")), ok() + failed(EnetFailure::no_listener));
  // What follows is a request, not the data of the refused write.
  EXPECT_EQ(client.say(address(5) + write("C")), ok() + ok(0, 1));
  EXPECT_EQ(dmm.take_seen(), "<C>");
}

TEST_F(EnetSessionTest, PollsClearsAndTriggers) {
  dmm.status = 0x12;
  client.say(address(5));
  bus.find({5})->link().request_service();
  EXPECT_EQ(client.say(frame("\x19")), enet_chunk(enet_status(0) + "\x52"));
  EXPECT_EQ(client.say(frame("\x04") + frame("\x20") + frame("\x10")), ok() + ok() + ok());
  EXPECT_EQ(dmm.take_seen(), "(clear)(trigger)");
  EXPECT_EQ(client.say(address(7) + frame("\x19")),
            ok() + enet_chunk(enet_failure(EnetFailure::aborted, kEnetTimedOut) + "\0"s));
  EXPECT_EQ(client.say(address(0) + frame("\x19")),
            ok() + enet_chunk(enet_failure(EnetFailure::argument) + "\0"s));
}

TEST_F(EnetSessionTest, MeetsFaults) {
  client.say(address(5));
  fault(kGpibAbsentFault, &kGpibWrite);
  EXPECT_EQ(client.say(write("A")), enet_chunk(enet_failure(EnetFailure::no_listener)));
  fault(kGpibStuckFault, nullptr);
  EXPECT_EQ(client.say(write("A")), timed_out());
  fault(kGpibLostFault, &kGpibPoll);
  EXPECT_EQ(client.say(frame("\x19")), "");
  fault(kGpibLateFault, &kGpibRead);
  EXPECT_EQ(client.say(write("A?") + read(1)),
            ok(0, 2) + ok() + enet_chunk("answer") + "\x00\x01\x00\x00"s + ok(kEnetEnd, 6));
  EXPECT_EQ(dmm.take_seen(), "<A?>");
  dmm.faults().add(
      {.kind = &kGpibDropFault, .bytes = 20, .reset = true, .count = 1, .operation = &kGpibRead});
  EXPECT_EQ(client.say(write("A?") + read(1)).size(), 16U + 20U);
  EXPECT_TRUE(client.session.ending());
  EXPECT_TRUE(client.session.ends_by_reset());
}

TEST_F(EnetSessionTest, OneClientAtATimeHasTheBus) {
  Client other(box, 4001);
  client.say(address(5));
  other.say(address(9, 0x62));
  client.session.receive(kLongRead);  // waits for the instrument
  EXPECT_EQ(client.take(), ok());
  other.session.receive(write("A"));
  EXPECT_EQ(other.take(), "");
  const unsigned before = other.woken;
  client.say("");
  EXPECT_GT(other.woken, before);
  other.session.go_on(Clock::now());
  EXPECT_EQ(other.take(), ok(0, 1));
  EXPECT_EQ(box.of_port(4001), &other.session);
}

TEST_F(EnetSessionTest, AClientThatGoesGivesTheBusBack) {
  Client other(box, 4001);
  other.say(address(9, 0x62));
  {
    Client gone(box, 4002);
    gone.say(address(5));
    gone.session.receive(kLongRead);
  }
  EXPECT_EQ(box.of_port(4002), nullptr);
  EXPECT_EQ(other.say(write("A")), ok(0, 1));
}

// 20 MB of an answer that never ends: the box holds a part of it until the client has read.
TEST_F(EnetSessionTest, HoldsABoundedPartOfWhatTheClientDoesNotRead) {
  dmm.faults().add({.kind = &kEndlessFault});
  client.say(address(5) + write("A?"));
  client.session.receive(read(100));
  client.session.go_on(Clock::now() + std::chrono::seconds(1));
  EXPECT_LT(client.session.output().size(), std::size_t{1} << 20);
  EXPECT_FALSE(client.session.due());
}

}  // namespace
}  // namespace visa::sim
