// SPDX-License-Identifier: MIT
// Descriptors as devices send them, and as no honest device sends them.
#include "drivers/libusb/usb_descriptors.h"

#include <gtest/gtest.h>

#include "conformance/unit/drivers/support/tmc_model.h"

namespace visa::test {
namespace {

using drivers::usb::EndpointType;
using drivers::usb::InterfaceInfo;
using drivers::usb::read_interfaces;

std::vector<InterfaceInfo> read(const Bytes& bytes, std::uint8_t configuration = 1) {
  return read_interfaces(std::as_bytes(std::span(bytes)), configuration);
}

TEST(UsbDescriptors, UsbtmcInterface) {
  TmcModel model;
  model.interface = 2;
  const auto interfaces = read(model.configuration());
  ASSERT_EQ(interfaces.size(), 1U);
  const InterfaceInfo& one = interfaces[0];
  EXPECT_EQ(one.number, 2);
  EXPECT_EQ(one.protocol, 1);
  EXPECT_TRUE(one.is_usbtmc());
  EXPECT_FALSE(one.is_vendor_specific());
  ASSERT_NE(one.first(EndpointType::bulk, true), nullptr);
  EXPECT_EQ(one.first(EndpointType::bulk, true)->address, 0x82);
  EXPECT_EQ(one.first(EndpointType::bulk, true)->packet, 512);
  EXPECT_EQ(one.first(EndpointType::bulk, false)->address, 0x01);
  EXPECT_EQ(one.first(EndpointType::interrupt, true)->address, 0x83);
  EXPECT_EQ(one.first(EndpointType::interrupt, false), nullptr);
}

TEST(UsbDescriptors, ConfigurationInUseIsChosenElseTheFirst) {
  const Bytes both{9, 2, 18, 0, 1, 1, 0, 0x80, 50, 9, 4, 0, 0, 0, 0xFE, 3, 1, 0,
                   9, 2, 18, 0, 1, 2, 0, 0x80, 50, 9, 4, 5, 0, 0, 0xFF, 0, 0, 0};
  EXPECT_EQ(read(both, 1).at(0).number, 0);
  EXPECT_EQ(read(both, 2).at(0).number, 5);
  EXPECT_EQ(read(both, 0).at(0).number, 0);
  EXPECT_EQ(read(both, 9).size(), 1U);
}

TEST(UsbDescriptors, WhatDoesNotFitIsLeftOut) {
  const Bytes good = TmcModel().configuration();
  for (std::size_t size = 0; size < good.size(); ++size) {
    const Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_LE(read(cut).size(), 1U);
  }
  EXPECT_TRUE(read({0, 2}).empty());
  EXPECT_TRUE(read({1, 2, 3}).empty());
  EXPECT_TRUE(read({9, 4, 0, 0, 0, 0xFE, 3, 1, 0}).empty());  // outside of a configuration
  Bytes zero = good;
  zero[good.size() - 3] = 0;  // the packet size of the last endpoint
  EXPECT_EQ(read(zero).at(0).endpoints.size(), 2U);
}

TEST(UsbDescriptors, EndpointsAreBounded) {
  Bytes many{9, 2, 0, 0, 1, 1, 0, 0x80, 50, 9, 4, 0, 0, 0, 0xFE, 3, 1, 0};
  for (int i = 0; i < 1000; ++i) {
    for (const int byte : {7, 5, 0x81, 2, 64, 0, 0})
      many.push_back(static_cast<std::uint8_t>(byte));
  }
  EXPECT_EQ(read(many).at(0).endpoints.size(), 32U);
}

}  // namespace
}  // namespace visa::test
