// SPDX-License-Identifier: MIT
#include "drivers/serial/port_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "conformance/unit/drivers/support/open_serial.h"
#include "conformance/unit/support/temp_folder.h"

namespace visa::test {
namespace {

using drivers::serial::device_of;
using drivers::serial::identity_of;
using drivers::serial::listed_name;
using drivers::serial::PortDescription;
using testing::HasSubstr;

std::string device(const char* name, const std::string& configured = "") {
  Call call(Deadline::after(kLong));
  const auto path = device_of(*model::parse_resource_name(name), configured, call);
  return path ? *path : call.detail;
}

PortDescription port_at(const std::string& node, const std::string& by_id = "") {
  PortDescription port;
  port.node = node;
  port.by_id = by_id;
  return port;
}

TEST(PortNames, NumbersMeanTheUartsInTheirOrder) {
  EXPECT_EQ(device("ASRL1::INSTR"), "/dev/ttyS0");
  EXPECT_EQ(device("asrl4"), "/dev/ttyS3");
  EXPECT_EQ(device("ASRL256::INSTR"), "/dev/ttyS255");
}

TEST(PortNames, ConfiguredDeviceComesFirst) {
  EXPECT_EQ(device("ASRL1::INSTR", "/dev/ttyUSB3"), "/dev/ttyUSB3");
  EXPECT_EQ(device("ASRL0::INSTR", "/dev/ttyUSB3"), "/dev/ttyUSB3");
  EXPECT_EQ(device("ASRL/dev/ttyACM0::INSTR", "/dev/ttyUSB3"), "/dev/ttyACM0");
}

TEST(PortNames, NumberWithoutAPortSaysHowToConfigureIt) {
  Call call(Deadline::after(kLong));
  EXPECT_EQ(device_of(*model::parse_resource_name("ASRL0::INSTR"), "", call).status(),
            Status::error_intf_num_nconfig);
  EXPECT_THAT(call.detail, HasSubstr("[[interface]]"));
  EXPECT_EQ(device_of(*model::parse_resource_name("ASRL300::INSTR"), "", call).status(),
            Status::error_intf_num_nconfig);
}

TEST(PortNames, PortsOfOtherHostsAreRefused) {
  EXPECT_THAT(device("ASRL0::host::1::INSTR"), HasSubstr("SOCKET"));
}

// User pain 39: a number, a node and a link by id are one port.
TEST(PortNames, EveryNameOfAPortHasOneIdentity) {
  const PtyMaster port;
  const PtyMaster other;
  const TempFolder folder;
  ASSERT_EQ(::symlink(port.node().c_str(), folder.file("usb-A_B_C-if00").c_str()), 0);
  Call call(Deadline::after(kLong));
  const auto node = identity_of(port.node(), call);
  const auto link = identity_of(folder.file("usb-A_B_C-if00"), call);
  ASSERT_TRUE(node && link) << call.detail;
  EXPECT_EQ(node->key, link->key);
  EXPECT_EQ(link->interface_name, "Serial port (" + port.node() + ")");
  EXPECT_NE(identity_of(other.node(), call)->key, node->key);
}

TEST(PortNames, WhatIsNoPortIsNotFound) {
  Call call(Deadline::after(kLong));
  EXPECT_EQ(identity_of("/dev/ttyNone", call).status(), Status::error_rsrc_nfound);
  EXPECT_THAT(call.detail, HasSubstr("/dev/ttyNone"));
  EXPECT_EQ(identity_of("/etc/passwd", call).status(), Status::error_rsrc_nfound);
}

TEST(PortNames, PortsAreListedByNamesThatStay) {
  const spi::BoardSettings none;
  const auto listed = [&](const char* node, const char* by_id = "") {
    return listed_name(port_at(node, by_id), none);
  };
  EXPECT_EQ(listed("/dev/ttyS0"), "ASRL1::INSTR");
  EXPECT_EQ(listed("/dev/ttyS11"), "ASRL12::INSTR");
  EXPECT_EQ(listed("/dev/ttyUSB0", "/dev/serial/by-id/usb-A"),
            "ASRL/dev/serial/by-id/usb-A::INSTR");
  EXPECT_EQ(listed("/dev/ttyAMA0"), "ASRL/dev/ttyAMA0::INSTR");
  EXPECT_EQ(listed("/dev/ttyS999"), "ASRL/dev/ttyS999::INSTR");
}

TEST(PortNames, ConfiguredNumberIsListed) {
  const PtyMaster port;
  const TempFolder folder;
  ASSERT_EQ(::symlink(port.node().c_str(), folder.file("link").c_str()), 0);
  spi::BoardSettings boards;
  boards[5]["device"] = folder.file("link");
  EXPECT_EQ(listed_name(port_at(port.node()), boards), "ASRL5::INSTR");
  boards[1]["device"] = std::string("/dev/ttyUSB9");
  EXPECT_EQ(listed_name(port_at("/dev/ttyS0"), boards), "ASRL/dev/ttyS0::INSTR")
      << "ASRL1 means another port";
  boards[1].clear();
  EXPECT_EQ(listed_name(port_at("/dev/ttyS0"), boards), "ASRL1::INSTR");
}

}  // namespace
}  // namespace visa::test
