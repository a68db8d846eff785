// SPDX-License-Identifier: MIT
// The attributes of a session. Transfers, control, events and recovery go through the channel too:
// vxi11_transfer_test, vxi11_control_test, interrupt_service_test, vxi11_recovery_test.
#include "drivers/vxi11/vxi11_channel.h"

#include <gtest/gtest.h>
#include <netinet/tcp.h>

#include <set>

#include "conformance/unit/drivers/support/channel_probe.h"
#include "conformance/unit/drivers/support/open_vxi11.h"
#include "lib/model/attribute.h"
#include "lib/model/attribute_table.h"

namespace visa::test {
namespace {

using drivers::vxi11::Vxi11Channel;

TEST(Vxi11Channel, BindsExactlyTheAttributesTheTableGivesToTheDriver) {
  std::set<ViAttr> wanted;
  for (const model::Attribute& row : model::attribute_table()) {
    if (row.kinds.contains(model::Kind::tcpip_vxi11) && row.home == model::Home::driver) {
      wanted.insert(row.id);
    }
  }
  std::set<ViAttr> bound;
  for (const auto& binding : Vxi11Channel::bindings()) {
    EXPECT_TRUE(bound.insert(binding.id).second);
    const auto* row = model::find_attribute(binding.id, model::Kind::tcpip_vxi11);
    ASSERT_NE(row, nullptr);
    EXPECT_EQ(binding.set != nullptr, model::writable(*row));
  }
  EXPECT_EQ(bound, wanted);
}

class NoSink final : public spi::EventSink {
 public:
  void post(spi::EventRecord) override {}
};

// The interrupt channel is destroyed after device_enable_srq has failed; what comes of that is not
// the reason.
TEST(Vxi11Channel, FailedEnableSaysWhatFailedFirst) {
  OpenVxi11 device;
  device.instrument.next(kEnableSrq, {.words = {8}});
  device.instrument.next(kDestroyIntrChan, {.words = {17}});
  NoSink sink;
  Call call(Deadline::after(kLong));
  EXPECT_EQ(device.channel->enable_event(VI_EVENT_SERVICE_REQ, sink, call),
            Status::error_nsup_mech);
  EXPECT_TRUE(device.instrument.wait_for(kDestroyIntrChan));
  EXPECT_NE(call.detail.find("error 8"), std::string::npos) << call.detail;
  EXPECT_EQ(call.detail.find("error 17"), std::string::npos) << call.detail;
}

TEST(Vxi11Channel, SessionKnowsAddressAndDevice) {
  OpenVxi11 device;
  EXPECT_EQ(text_of(*device.channel, VI_ATTR_TCPIP_ADDR), "127.0.0.1");
  EXPECT_EQ(text_of(*device.channel, VI_ATTR_TCPIP_HOSTNAME), "");
  EXPECT_EQ(text_of(*device.channel, VI_ATTR_TCPIP_DEVICE_NAME), "inst0");
  EXPECT_EQ(number_of(*device.channel, VI_ATTR_TCPIP_IS_HISLIP), 0u);
  Call call(Deadline::after(kLong));
  EXPECT_EQ(device.channel->get_attribute(VI_ATTR_TCPIP_PORT, call).status(),
            Status::error_nsup_attr);
}

TEST(Vxi11Channel, KeepaliveAndNodelayAreOnUntilTheAttributesSayOtherwise) {  // pain 32
  OpenVxi11 device;
  const std::uint16_t port = device.instrument.core_port();
  EXPECT_EQ(number_of(*device.channel, VI_ATTR_TCPIP_KEEPALIVE), 1u);
  EXPECT_EQ(number_of(*device.channel, VI_ATTR_TCPIP_NODELAY), 1u);
  EXPECT_EQ(option_of(port, SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option_of(port, IPPROTO_TCP, TCP_KEEPIDLE), 60);
  EXPECT_NE(option_of(port, IPPROTO_TCP, TCP_NODELAY), 0);
  Call call(Deadline::after(kLong));
  EXPECT_EQ(device.channel->set_attribute(VI_ATTR_TCPIP_KEEPALIVE, std::uint64_t{0}, call),
            Status::success);
  EXPECT_EQ(device.channel->set_attribute(VI_ATTR_TCPIP_NODELAY, std::uint64_t{0}, call),
            Status::success);
  EXPECT_EQ(option_of(port, SOL_SOCKET, SO_KEEPALIVE), 0);
  EXPECT_EQ(option_of(port, IPPROTO_TCP, TCP_NODELAY), 0);
  EXPECT_EQ(number_of(*device.channel, VI_ATTR_TCPIP_KEEPALIVE), 0u);
  EXPECT_EQ(number_of(*device.channel, VI_ATTR_TCPIP_NODELAY), 0u);
}

TEST(Vxi11Channel, ReadOnlyAndForeignAttributesAreRefused) {
  OpenVxi11 device;
  Call call(Deadline::after(kLong));
  EXPECT_EQ(device.channel->set_attribute(VI_ATTR_TCPIP_ADDR, std::string("x"), call),
            Status::error_attr_readonly);
  EXPECT_EQ(device.channel->set_attribute(VI_ATTR_ASRL_BAUD, std::uint64_t{9600}, call),
            Status::error_nsup_attr);
}

// The text was that of the tidying up.
TEST(Vxi11Channel, ReasonIsThatOfTheFailureWhateverElseFailsAfterIt) {
  OpenVxi11 device;
  class : public spi::EventSink {
    void post(spi::EventRecord) override {}
  } sink;
  Call call(Deadline::after(kLong));
  device.instrument.next(kEnableSrq, {.words = {17}});
  device.instrument.next(kDestroyIntrChan, {.words = {21}});
  EXPECT_EQ(device.channel->enable_event(VI_EVENT_SERVICE_REQ, sink, call), Status::error_io);
  EXPECT_NE(call.detail.find("error 17"), std::string::npos) << call.detail;
  ASSERT_EQ(device.channel->enable_event(VI_EVENT_SERVICE_REQ, sink, call), Status::success);
  device.instrument.next(kEnableSrq, {.words = {17}});
  device.instrument.next(kDestroyIntrChan, {.words = {21}});
  EXPECT_EQ(device.channel->disable_event(VI_EVENT_SERVICE_REQ, call), Status::error_io);
  EXPECT_NE(call.detail.find("error 17"), std::string::npos) << call.detail;
}

}  // namespace
}  // namespace visa::test
