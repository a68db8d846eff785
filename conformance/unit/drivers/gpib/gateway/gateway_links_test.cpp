// SPDX-License-Identifier: MIT
// When a link is made, shared, ended and made anew.
#include "drivers/gpib/gateway/gateway_links.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "conformance/unit/drivers/support/fake_gateway.h"
#include "conformance/unit/support/patience.h"

namespace visa::drivers::gpib::gateway {
namespace {

using test::FakeGateway;
using test::kPatience;
using Lines = std::vector<std::string>;

class NoSink final : public spi::EventSink {
 public:
  void post(spi::EventRecord) override {}
};

class GatewayLinksTest : public testing::Test {
 protected:
  GatewayLinksTest() {
    for (const char* name : {"hpib", "hpib,5", "hpib,9,2"}) wire.devices[name];
  }
  FakeGateway wire;
  GatewayLinks links{{"192.0.2.1", "hpib"}, {}, wire};
  Call call{Deadline::after(kPatience)};
  NoSink sink;
};

TEST_F(GatewayLinksTest, ADeviceHasOneLinkByItsName) {
  const auto five = links.device({5}, call);
  ASSERT_TRUE(five.has_value());
  EXPECT_EQ(*links.device({5}, call), *five);
  ASSERT_TRUE(links.device({9, 2}, call).has_value());
  ASSERT_TRUE(links.board(call).has_value());
  EXPECT_EQ(*links.board(call), *links.board(call));
  EXPECT_EQ(wire.diary(), (Lines{"hpib,5 open", "hpib,9,2 open", "hpib open"}));
  EXPECT_EQ(links.devices().size(), 2U);
  EXPECT_EQ(links.addresses(), (std::vector<Address>{{5}, {9, 2}}));
}

TEST_F(GatewayLinksTest, WhatIsRefusedLeavesNothing) {
  EXPECT_EQ(links.device({7}, call).status(), Status::error_rsrc_nfound);
  EXPECT_TRUE(links.addresses().empty());
  GatewayLinks nowhere({"no host", "gpib0"}, {}, wire);
  EXPECT_EQ(nowhere.board(call).status(), Status::error_inv_setup);
  EXPECT_NE(call.detail.find("vxi11://HOST"), std::string::npos) << call.detail;
}

TEST_F(GatewayLinksTest, ALinkThatIsDroppedIsMadeAnew) {
  const auto first = *links.device({5}, call);
  links.drop(first, call);
  EXPECT_EQ(wire.times("hpib,5 close"), 1U);
  const auto second = *links.device({5}, call);
  EXPECT_NE(second, first);
  links.drop(first, call);  // by another thread, that was inside it too
  EXPECT_EQ(*links.device({5}, call), second);
  EXPECT_EQ(wire.times("hpib,5 close"), 1U);
}

TEST_F(GatewayLinksTest, AnEndedLinkTakesNoEventsAndClosesOnce) {
  const auto link = *links.device({5}, call);
  EXPECT_EQ(link->enable(sink, call), Status::success);
  EXPECT_EQ(link->enable(sink, call), Status::success);
  EXPECT_EQ(wire.times("hpib,5 enable"), 1U);
  links.end({5}, call);
  links.end({5}, call);
  EXPECT_EQ(wire.diary(),
            (Lines{"hpib,5 open", "hpib,5 enable", "hpib,5 disable", "hpib,5 close"}));
  EXPECT_EQ(link->enable(sink, call), Status::error_inv_object);
}

TEST_F(GatewayLinksTest, AGatewayWithoutInterruptsIsAskedAgain) {
  const auto link = *links.device({5}, call);
  wire.devices["hpib,5"].enabling = Status::error_nsup_oper;
  EXPECT_EQ(link->enable(sink, call), Status::error_nsup_oper);
  wire.devices["hpib,5"].enabling = Status::success;
  EXPECT_EQ(link->enable(sink, call), Status::success);
  EXPECT_EQ(wire.times("hpib,5 enable"), 2U);
}

// Another thread may be inside the link of the interface when it is found to be lost.
TEST_F(GatewayLinksTest, TheLinkOfTheInterfaceEndsWithItsLastUser) {
  auto board = *links.board(call);
  links.drop(board, call);
  links.drop(board, call);
  EXPECT_EQ(wire.times("hpib close"), 0U);
  EXPECT_NE(*links.board(call), board);
}

TEST_F(GatewayLinksTest, CloseEndsAll) {
  ASSERT_TRUE(links.device({5}, call).has_value());
  ASSERT_TRUE(links.board(call).has_value());
  links.close(call);
  EXPECT_EQ(wire.times("hpib,5 close"), 1U);
  EXPECT_EQ(wire.times("hpib close"), 1U);
  EXPECT_TRUE(links.devices().empty());
}

}  // namespace
}  // namespace visa::drivers::gpib::gateway
