// SPDX-License-Identifier: MIT
#include "drivers/gpib/gateway/gateway_back_end.h"

#include <gtest/gtest.h>

#include <string>

#include "conformance/unit/drivers/support/fake_gateway.h"

namespace visa::drivers::gpib::gateway {
namespace {

class GatewayBackEnd : public testing::Test {
 protected:
  BoardRequest request(std::string target, spi::Wires* wires = nullptr) {
    return {1, std::move(target), settings, wires};
  }
  spi::Settings settings;
  Call call{Deadline::infinite()};
};

TEST_F(GatewayBackEnd, ATargetIsAHostAndAnInterface) {
  EXPECT_EQ(read_target(request("10.0.0.7"), call)->interface, "gpib0");
  EXPECT_EQ(read_target(request("lab.lan/hpib"), call)->interface, "hpib");
  EXPECT_EQ(read_target(request("lab.lan/hpib"), call)->host, "lab.lan");
  EXPECT_EQ(*kBackEnd.identify(request("lab.lan/hpib"), call), "vxi11 lab.lan hpib");
  for (const char* text : {"", "/gpib0", "host/", "host/gpib0,5", "host/a/b", "user@host"}) {
    EXPECT_EQ(read_target(request(text), call).status(), Status::error_inv_setup) << text;
    EXPECT_NE(call.detail.find("GPIB1"), std::string::npos);
  }
}

TEST_F(GatewayBackEnd, OpensOverTheOtherWire) {
  test::FakeGateway wire;
  wire.devices["gpib0,5"];
  EXPECT_EQ(kBackEnd.open(request("host"), call).status(), Status::error_library_nfound);
  auto board = kBackEnd.open(request("host", &wire), call);
  ASSERT_TRUE(board);
  EXPECT_EQ((*board)->attach({5}, call), Status::success);
  EXPECT_EQ((*board)->attach({6}, call), Status::error_rsrc_nfound);
  (*board)->close(call);
}

TEST_F(GatewayBackEnd, AHostThatIsNoneIsReported) {
  test::FakeGateway wire;
  auto board = kBackEnd.open(request("no host", &wire), call);
  ASSERT_TRUE(board);
  EXPECT_TRUE(failed((*board)->attach({5}, call)));
}

}  // namespace
}  // namespace visa::drivers::gpib::gateway
