// SPDX-License-Identifier: MIT
// Which devices are such adapters, their endpoints, and an adapter that cannot be opened.
#include "drivers/gpib/xyphro/xyphro_board.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <tuple>

#include "conformance/unit/drivers/support/plugged_dongles.h"
#include "conformance/unit/support/temp_folder.h"
#include "drivers/gpib/xyphro/xyphro_family.h"

namespace visa::test {
namespace {

using namespace drivers::gpib;
using drivers::usb::EndpointType;
using drivers::usb::UsbDeviceInfo;

dongle::Dongle adapter(const UsbDeviceInfo& device) {
  const auto found = dongle::dongle_of(xyphro::kFamily, device);
  EXPECT_TRUE(found.has_value());
  return found.value_or(dongle::Dongle{device, &xyphro::kFamily, &xyphro::kFamily.models.front()});
}

TEST(XyphroBoardTest, TheClassTellsAnAdapterFromAUsbInstrument) {
  for (const auto& [vendor, product, name] :
       {std::tuple{0x03EB, 0x2065, "Xyphro UsbGpib"}, std::tuple{0x16D0, 0x1466, "GPIBee"}}) {
    auto device = plugged(static_cast<std::uint16_t>(vendor), static_cast<std::uint16_t>(product),
                          "S1", "1-3");
    EXPECT_EQ(adapter(device).name(), std::string(name) + " S1 at USB port 1-3");
    EXPECT_EQ(adapter(device).model->stage, dongle::Stage::ready);
    device.interfaces.front().interface_class = 0xFE;
    EXPECT_FALSE(dongle::dongle_of(xyphro::kFamily, device).has_value()) << "USBTMC";
    device.interfaces.clear();
    EXPECT_FALSE(dongle::dongle_of(xyphro::kFamily, device).has_value());
  }
  EXPECT_FALSE(dongle::dongle_of(xyphro::kFamily, plugged(0x03EB, 0x2066, "", "1-3")).has_value());
}

TEST(XyphroBoardTest, EndpointsAreThoseThatTheAdapterNames) {
  auto device = plugged(0x03EB, 0x2065, "S1", "1-3");
  const auto usual = xyphro::endpoints_of(adapter(device));
  EXPECT_EQ(usual.out, 0x03) << "those of the model, where the adapter names none";
  EXPECT_EQ(usual.in, 0x82);
  EXPECT_EQ(usual.packet, 64U);
  device.interfaces.front().endpoints = {{0x81, EndpointType::interrupt, 2},
                                         {0x05, EndpointType::bulk, 64},
                                         {0x86, EndpointType::bulk, 512}};
  const auto own = xyphro::endpoints_of(adapter(device));
  EXPECT_EQ(own.interface, 0);
  EXPECT_EQ(own.out, 0x05);
  EXPECT_EQ(own.in, 0x86);
  EXPECT_EQ(own.packet, 512U);
}

// An answer begins with a head of 12 bytes, which has to fit into a packet with some data.
TEST(XyphroBoardTest, APacketThatCannotBeIsNotBelieved) {
  for (const unsigned size : {0U, 8U, 12U}) {
    auto device = plugged(0x03EB, 0x2065, "S1", "1-3");
    device.interfaces.front().endpoints = {
        {0x82, EndpointType::bulk, static_cast<std::uint16_t>(size)}};
    EXPECT_EQ(xyphro::endpoints_of(adapter(device)).packet, 64U) << size;
  }
}

TEST(XyphroBoardTest, AnAdapterThatCannotBeOpenedIsNamed) {
  const TempFolder sysfs;
  auto device = plugged(0x16D0, 0x1466, "S1", "1-3");
  device.folder = sysfs.path();
  device.bus = 250;  // there is no such bus
  const spi::Settings settings;
  Call call(Deadline::after(std::chrono::seconds(20)));
  const auto opened = xyphro::kFamily.open(adapter(device), {0, "", settings}, call);
  EXPECT_TRUE(failed(opened.status()));
  EXPECT_EQ(call.detail.rfind("GPIBee S1 at USB port 1-3: ", 0), 0U) << call.detail;
}

}  // namespace
}  // namespace visa::test
