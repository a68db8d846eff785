// SPDX-License-Identifier: MIT
// Device clear and the change of mode, with data under way and with an instrument that takes its
// time.
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "conformance/unit/drivers/support/channel_probe.h"
#include "conformance/unit/drivers/support/open_hislip.h"

namespace visa::test {
namespace {

TEST(DeviceClear, IsFourMessagesAndBeginsTheIdsAnew) {
  OpenHislip device;
  const std::uint32_t id = device.ask();
  device.answer(id, "answered\n");
  EXPECT_EQ(device.read().data, "answered\n");
  device.acknowledge_clear();
  EXPECT_EQ(device.clear(), Status::success);
  EXPECT_EQ(take(device.ends.async).type, MessageType::async_device_clear);
  const Message complete = take(device.ends.sync);
  EXPECT_EQ(complete.type, MessageType::device_clear_complete);
  EXPECT_EQ(complete.control, 0) << "the mode stays";
  EXPECT_EQ(device.poll().parameter, kNone);
  EXPECT_EQ(device.poll().control, 0) << "the flag begins anew as well";
  EXPECT_EQ(device.ask(), kFirst);
}

TEST(DeviceClear, DropsWhatIsUnderWayOnBothConnections) {
  OpenHislip device;
  const std::uint32_t id = device.ask();
  device.answer(id, std::string(3000, 'x'));
  EXPECT_EQ(device.read(10).data, "xxxxxxxxxx");
  device.answer(id, "more\n");
  put(device.ends.sync, {MessageType::interrupted, 0, id});
  put(device.ends.sync, {MessageType::error, 1, 0, "stale"});
  put(device.ends.async, {MessageType::async_interrupted, 0, id});
  put(device.ends.async, {MessageType::async_service_request, 0x40});
  put(device.ends.async, {MessageType::async_status_response, 0x10});
  device.acknowledge_clear();
  EXPECT_EQ(device.clear(), Status::success);
  take(device.ends.sync);
  const std::uint32_t next = device.ask();
  device.answer(next, "right\n");
  EXPECT_EQ(device.read().data, "right\n");
}

TEST(DeviceClear, FinishesAMessageThatWasSentInPart) {
  OpenHislip device;
  const auto sent = device.write(std::string(std::size_t{32} << 20U, 'b'), kShort);
  EXPECT_EQ(sent.status, Status::error_tmo);
  std::thread peer([&] {
    EXPECT_EQ(take(device.ends.async).type, MessageType::async_device_clear);
    put(device.ends.async, {MessageType::async_device_clear_acknowledge});
    for (;;) {
      const Message message = take(device.ends.sync);
      if (message.type == MessageType::device_clear_complete) break;
      EXPECT_EQ(message.type, MessageType::data);
    }
    put(device.ends.sync, {MessageType::device_clear_acknowledge});
  });
  EXPECT_EQ(device.clear(), Status::success);
  peer.join();
}

TEST(DeviceClear, GetsThroughToAnInstrumentThatIsBusySendingAnAnswer) {
  OpenHislip device;
  const std::uint32_t id = device.ask();
  std::thread peer([&] {
    device.answer(id, std::string(std::size_t{16} << 20U, 'a'));
    EXPECT_EQ(take(device.ends.async).type, MessageType::async_device_clear);
    device.acknowledge_clear();
    EXPECT_EQ(take(device.ends.sync).type, MessageType::device_clear_complete);
  });
  EXPECT_EQ(device.clear(), Status::success);
  peer.join();
}

TEST(DeviceClear, ThatTheDeadlineEndsIsContinuedByTheNextOperation) {
  OpenHislip device;
  EXPECT_EQ(device.clear(kShort), Status::error_tmo);
  EXPECT_EQ(device.clear(kShort), Status::error_tmo) << "asked once";
  EXPECT_EQ(device.write("A\n", kShort).status, Status::error_tmo);
  put(device.ends.async, {MessageType::async_device_clear_acknowledge});
  EXPECT_EQ(device.read(10, {}, kShort).status, Status::error_tmo);
  EXPECT_EQ(take(device.ends.sync).type, MessageType::device_clear_complete);
  put(device.ends.sync, {MessageType::device_clear_acknowledge});
  EXPECT_EQ(device.ask(), kFirst);
  EXPECT_EQ(take(device.ends.async).type, MessageType::async_device_clear);
  EXPECT_EQ(device.poll().type, MessageType::async_status_query) << "no second clear";
}

// HiSLIP 2.0 reserves the payload.
TEST(DeviceClear, AnAcknowledgeThatTheDeadlineCutsCounts) {
  OpenHislip device;
  put(device.ends.async, {MessageType::async_device_clear_acknowledge});
  const std::string end = wire({MessageType::device_clear_acknowledge, 0, 0, "reserved"});
  device.ends.sync.send(end.substr(0, 18));
  EXPECT_EQ(device.clear(kShort), Status::error_tmo);
  EXPECT_EQ(take(device.ends.sync).type, MessageType::device_clear_complete);
  device.ends.sync.send(end.substr(18));
  EXPECT_EQ(device.write("A\n", milliseconds(5000)).status, Status::success);
  EXPECT_EQ(take(device.ends.sync).parameter, kFirst);
}

TEST(DeviceClear, WithoutATimeWaitsForAMoment) {
  OpenHislip device;
  device.acknowledge_clear();
  Call call(Deadline::immediate());
  EXPECT_EQ(device.channel->clear(call), Status::success);
}

TEST(DeviceClear, RefusedByAnErrorLeavesTheSessionAsItWas) {
  OpenHislip device;
  put(device.ends.async, {MessageType::error, 1, 0, "no clear here"});
  Call call(Deadline::after(kLong));
  EXPECT_EQ(device.channel->clear(call), Status::error_io);
  EXPECT_NE(call.detail.find("no clear here"), std::string::npos) << call.detail;
  EXPECT_EQ(device.ask(), kFirst);
}

TEST(DeviceClear, EndsAQuestionThatAnotherThreadWaitsFor) {
  OpenHislip device;
  Call query(Deadline::infinite());
  auto polling = std::async(std::launch::async,
                            [&] { return device.channel->read_status_byte(query).status(); });
  EXPECT_EQ(take(device.ends.async).type, MessageType::async_status_query);
  auto clearing = std::async(std::launch::async, [&] { return device.clear(); });
  EXPECT_EQ(take(device.ends.async).type, MessageType::async_device_clear);
  device.acknowledge_clear();
  EXPECT_EQ(clearing.get(), Status::success);
  EXPECT_EQ(polling.get(), Status::error_abort);
  device.poll();
}

class Mode : public testing::TestWithParam<bool> {};

TEST_P(Mode, ChangesByADeviceClearThatAsksForTheWantedOne) {
  const bool wanted = GetParam();
  OpenHislip device({.features = static_cast<std::uint8_t>(wanted ? 0 : 1)});
  // The instrument proposes the other mode; what it answers at the end is what holds.
  put(device.ends.async,
      {MessageType::async_device_clear_acknowledge, static_cast<std::uint8_t>(wanted ? 0 : 1)});
  put(device.ends.sync,
      {MessageType::device_clear_acknowledge, static_cast<std::uint8_t>(wanted ? 1 : 0)});
  Call call(Deadline::after(kLong));
  const model::AttributeValue value = std::uint64_t{wanted ? 1u : 0u};
  EXPECT_EQ(device.channel->set_attribute(VI_ATTR_TCPIP_HISLIP_OVERLAP_EN, value, call),
            Status::success);
  EXPECT_EQ(take(device.ends.sync).control, wanted ? 1 : 0);
  EXPECT_EQ(device.channel->traits().duplex, wanted);
  EXPECT_EQ(number_of(*device.channel, VI_ATTR_TCPIP_HISLIP_OVERLAP_EN), wanted ? 1u : 0u);
  // The same again is no change.
  EXPECT_EQ(device.channel->set_attribute(VI_ATTR_TCPIP_HISLIP_OVERLAP_EN, value, call),
            Status::success);
  EXPECT_EQ(device.ask(), kFirst);
}

INSTANTIATE_TEST_SUITE_P(Both, Mode, testing::Bool());

TEST(DeviceClear, AModeThatIsRefusedReadsBackAsItIs) {
  OpenHislip device;
  device.acknowledge_clear(0);
  Call call(Deadline::after(kLong));
  EXPECT_EQ(device.channel->set_attribute(VI_ATTR_TCPIP_HISLIP_OVERLAP_EN, std::uint64_t{1}, call),
            Status::error_nsup_attr_state);
  EXPECT_EQ(number_of(*device.channel, VI_ATTR_TCPIP_HISLIP_OVERLAP_EN), 0u);
}

TEST(DeviceClear, OfAnOverlappedSessionAsksForOverlap) {
  OpenHislip device({.features = 1});
  device.ask();
  device.answer(kFirst, "part of an answer");
  EXPECT_EQ(device.read(4).data, "part");
  device.acknowledge_clear(1);
  EXPECT_EQ(device.clear(), Status::success);
  EXPECT_EQ(take(device.ends.sync).control, 1);
  device.ask();
  device.answer(kFirst, "new\n");
  EXPECT_EQ(device.read().data, "new\n");
}

}  // namespace
}  // namespace visa::test
