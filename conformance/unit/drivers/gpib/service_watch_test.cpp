// SPDX-License-Identifier: MIT
// One SRQ line, several devices, several sessions.
#include "drivers/gpib/service_watch.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "conformance/unit/drivers/support/open_gpib.h"

namespace visa::drivers::gpib {
namespace {

constexpr Address kOne{1};
constexpr Address kTwo{2};
constexpr Address kThree{3, 0};

class ServiceWatchTest : public testing::Test {
 protected:
  ServiceWatchTest() {
    for (const Address& one : {kOne, kTwo, kThree}) bus_.board.devices[one];
  }
  /// The test's thread is on the bus, so that the watch is not.
  template <class Action>
  void on_bus(GpibSession<InstrChannel>& session, Action&& action) {
    static_cast<void>(session);
    Call call(Deadline::after(std::chrono::seconds(30)));
    const std::lock_guard lock(bus_.board.mutex);
    action();
  }
  static Status enable(spi::Channel& channel, RecordingSink& sink,
                       ViEventType type = VI_EVENT_SERVICE_REQ) {
    Call call(Deadline::after(std::chrono::seconds(30)));
    return channel.enable_event(type, sink, call);
  }
  static Status disable(spi::Channel& channel, ViEventType type = VI_EVENT_SERVICE_REQ) {
    Call call(Deadline::after(std::chrono::seconds(30)));
    return channel.disable_event(type, call);
  }
  static std::uint8_t status_of(GpibSession<InstrChannel>& session) {
    Call call(Deadline::after(std::chrono::seconds(30)));
    const auto status = session.channel->read_status_byte(call);
    EXPECT_TRUE(status.has_value()) << call.detail;
    return status ? *status : std::uint8_t{0};
  }

  FakeBus bus_;
};

TEST_F(ServiceWatchTest, ThreeRequestsAtOnceReachThreeSessions) {
  auto one = bus_.open(kOne);
  auto two = bus_.open(kTwo);
  auto three = bus_.open(kThree);
  RecordingSink sinks[3];
  ASSERT_EQ(enable(*one.channel, sinks[0]), Status::success);
  ASSERT_EQ(enable(*two.channel, sinks[1]), Status::success);
  ASSERT_EQ(enable(*three.channel, sinks[2]), Status::success);
  on_bus(one, [&] {
    bus_.board.devices[kOne].status = 0x41;
    bus_.board.devices[kTwo].status = 0x42;
    bus_.board.devices[kThree].status = 0x44;
  });
  for (auto& sink : sinks) EXPECT_TRUE(sink.wait_for(1));
  // The poll ended the requests; each session still gets the byte with RQS, once.
  EXPECT_EQ(status_of(one), 0x41);
  EXPECT_EQ(status_of(two), 0x42);
  EXPECT_EQ(status_of(three), 0x44);
  EXPECT_EQ(status_of(one), 0x01);
  EXPECT_EQ(disable(*two.channel), Status::success);
  EXPECT_EQ(disable(*one.channel), Status::success);
  EXPECT_EQ(disable(*three.channel), Status::success);
  for (auto& sink : sinks) EXPECT_EQ(sink.records().size(), 1U);
}

TEST_F(ServiceWatchTest, EachSessionOfADeviceGetsTheRequest) {
  auto one = bus_.open(kOne);
  auto same = bus_.open(kOne);
  RecordingSink sinks[2];
  ASSERT_EQ(enable(*one.channel, sinks[0]), Status::success);
  ASSERT_EQ(enable(*same.channel, sinks[1]), Status::success);
  on_bus(one, [&] { bus_.board.devices[kOne].status = 0x50; });
  EXPECT_TRUE(sinks[0].wait_for(1));
  EXPECT_TRUE(sinks[1].wait_for(1));
  EXPECT_EQ(status_of(one), 0x50);
  EXPECT_EQ(status_of(same), 0x50);
  disable(*one.channel);
  disable(*same.channel);
}

TEST_F(ServiceWatchTest, ADeadDeviceDoesNotKeepTheOthersFromTheirRequests) {
  auto one = bus_.open(kOne);
  auto two = bus_.open(kTwo);
  bus_.board.devices[kOne].answers_poll = false;
  RecordingSink sinks[2];
  ASSERT_EQ(enable(*one.channel, sinks[0]), Status::success);
  ASSERT_EQ(enable(*two.channel, sinks[1]), Status::success);
  for (std::size_t times = 1; times <= 3; ++times) {
    on_bus(two, [&] { bus_.board.devices[kTwo].status = 0x40; });
    EXPECT_TRUE(sinks[1].wait_for(times));
  }
  disable(*one.channel);
  disable(*two.channel);
  EXPECT_TRUE(sinks[0].records().empty());
}

// A device without a session holds SRQ: that must not hide the others.
TEST_F(ServiceWatchTest, ARequestOfAnUnknownDeviceDoesNotHideOthers) {
  auto two = bus_.open(kTwo);
  RecordingSink sink;
  on_bus(two, [&] { bus_.board.devices[kOne].status = 0x40; });
  ASSERT_EQ(enable(*two.channel, sink), Status::success);
  on_bus(two, [&] { bus_.board.devices[kTwo].status = 0x48; });
  EXPECT_TRUE(sink.wait_for(1));
  EXPECT_EQ(status_of(two), 0x48);
  disable(*two.channel);
}

TEST_F(ServiceWatchTest, APollOfOneSessionTellsTheOthers) {
  auto one = bus_.open(kOne);
  auto same = bus_.open(kOne);
  RecordingSink sink;
  bus_.board.tells = false;  // the line is not looked at
  bus_.board.awaited = BusEvents::service;
  ASSERT_EQ(enable(*one.channel, sink), Status::success);
  on_bus(one, [&] { bus_.board.devices[kOne].status = 0x60; });
  EXPECT_EQ(status_of(same), 0x60);
  EXPECT_TRUE(sink.wait_for(1));
  EXPECT_EQ(status_of(one), 0x60);
  disable(*one.channel);
}

TEST_F(ServiceWatchTest, TheBoardHearsOfEachRequestAndOfOtherEvents) {
  auto board = bus_.open_board();
  RecordingSink requests;
  RecordingSink others;
  bus_.board.awaited = BusEvents::controller | BusEvents::talk;
  ASSERT_EQ(enable(*board.channel, requests), Status::success);
  ASSERT_EQ(enable(*board.channel, others, VI_EVENT_GPIB_CIC), Status::success);
  bus_.board.raise(BusEvents::controller);
  EXPECT_TRUE(others.wait_for(1));
  auto one = bus_.open(kOne);
  on_bus(one, [&] { bus_.board.devices[kOne].status = 0x40; });
  EXPECT_TRUE(requests.wait_for(1));
  EXPECT_EQ(status_of(one), 0x40);
  EXPECT_EQ(disable(*board.channel), Status::success);
  EXPECT_EQ(disable(*board.channel, VI_EVENT_GPIB_CIC), Status::success);
  const auto record = others.records().front();
  EXPECT_EQ(record.type, static_cast<ViEventType>(VI_EVENT_GPIB_CIC));
  ASSERT_EQ(record.attributes.size(), 1U);
  EXPECT_EQ(record.attributes.front().first, static_cast<ViAttr>(VI_ATTR_GPIB_RECV_CIC_STATE));
}

TEST_F(ServiceWatchTest, RefusesWhatTheAdapterDoesNotTell) {
  auto board = bus_.open_board();
  auto one = bus_.open(kOne);
  RecordingSink sink;
  EXPECT_EQ(enable(*board.channel, sink, VI_EVENT_GPIB_TALK), Status::error_inv_event);
  EXPECT_EQ(enable(*one.channel, sink, VI_EVENT_TRIG), Status::error_inv_event);
  bus_.board.tells = false;
  EXPECT_EQ(enable(*one.channel, sink), Status::error_inv_event);
  EXPECT_EQ(disable(*one.channel), Status::error_inv_event);
}

// What may pass does not keep a session from enabling.
TEST_F(ServiceWatchTest, RefusesWhereTheAdapterFindsThatItCannotTell) {
  auto one = bus_.open(kOne);
  RecordingSink sink;
  for (const Status status : {Status::success, Status::error_tmo, Status::error_io}) {
    bus_.board.service = status;
    EXPECT_EQ(enable(*one.channel, sink), Status::success);
    EXPECT_EQ(disable(*one.channel), Status::success);
  }
  bus_.board.service = Status::error_nsup_mech;
  Call call(Deadline::after(std::chrono::seconds(30)));
  EXPECT_EQ(one.channel->enable_event(VI_EVENT_SERVICE_REQ, sink, call), Status::error_nsup_mech);
  EXPECT_EQ(call.detail, "board: no SRQ");
  EXPECT_EQ(disable(*one.channel), Status::error_inv_event);
}

// An adapter that does not answer must not keep the sessions from the bus for long.
TEST_F(ServiceWatchTest, TheLineIsAskedForWithLittleTime) {
  auto one = bus_.open(kOne);
  RecordingSink sink;
  ASSERT_EQ(enable(*one.channel, sink), Status::success);
  on_bus(one, [&] { bus_.board.devices[kOne].status = 0x40; });
  EXPECT_TRUE(sink.wait_for(1));
  EXPECT_GT(bus_.board.looks, 0U);
  EXPECT_EQ(bus_.board.long_looks, 0U);
  disable(*one.channel);
}

TEST_F(ServiceWatchTest, AnotherThreadMaySubscribeWhileTheLastOneLeaves) {
  auto one = bus_.open(kOne);
  auto two = bus_.open(kTwo);
  const auto turns = [](spi::Channel& channel) {
    for (int i = 0; i < 50; ++i) {
      RecordingSink sink;
      EXPECT_EQ(enable(channel, sink), Status::success);
      EXPECT_EQ(disable(channel), Status::success);
    }
  };
  std::thread other([&] { turns(*one.channel); });
  turns(*two.channel);
  other.join();
  RecordingSink sink;
  ASSERT_EQ(enable(*two.channel, sink), Status::success);
  on_bus(two, [&] { bus_.board.devices[kTwo].status = 0x40; });
  EXPECT_TRUE(sink.wait_for(1));
  disable(*two.channel);
}

TEST_F(ServiceWatchTest, AClearVoidsWhatWasKept) {
  auto one = bus_.open(kOne);
  RecordingSink sink;
  ASSERT_EQ(enable(*one.channel, sink), Status::success);
  on_bus(one, [&] { bus_.board.devices[kOne].status = 0x40; });
  EXPECT_TRUE(sink.wait_for(1));
  Call call(Deadline::after(std::chrono::seconds(30)));
  EXPECT_EQ(one.channel->clear(call), Status::success);
  EXPECT_EQ(status_of(one), 0x00);
  disable(*one.channel);
}

}  // namespace
}  // namespace visa::drivers::gpib
