// SPDX-License-Identifier: MIT
// The numbers, sizes and bytes of VXI-11.2, appendix B.
#include "drivers/gpib/gateway/gateway_commands.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "conformance/unit/drivers/support/fake_gateway.h"
#include "conformance/unit/support/patience.h"

namespace visa::drivers::gpib::gateway {
namespace {

using test::FakeGateway;
using test::kPatience;

/// A channel of a wire without device_docmd.
class PlainChannel final : public spi::Channel {
 public:
  void close(Call&) noexcept override {}
  spi::Traits traits() const noexcept override { return {}; }
  void wake() noexcept override {}
  spi::ReadResult read(std::span<std::byte>, const spi::EndRule&, Call&) override { return {}; }
  spi::WriteResult write(std::span<const std::byte>, const spi::WriteRule&, Call&) override {
    return {};
  }
};

class GatewayCommandsTest : public testing::Test {
 protected:
  GatewayCommandsTest() { wire.devices["gpib0"]; }
  std::string last() { return wire.diary().back(); }

  FakeGateway wire;
  test::FakeGatewayChannel channel{wire, "gpib0"};
  GatewayCommands of{channel};
  Call call{Deadline::after(kPatience)};
};

TEST_F(GatewayCommandsTest, EachHasItsNumberAndTheSizeOfItsItem) {
  EXPECT_EQ(of.set_attention(true, call), Status::success);
  EXPECT_EQ(last(), "gpib0 cmd 20002 0001");
  EXPECT_EQ(of.set_attention(false, call), Status::success);
  EXPECT_EQ(last(), "gpib0 cmd 20002 0000");
  EXPECT_EQ(of.set_remote(true, call), Status::success);
  EXPECT_EQ(last(), "gpib0 cmd 20003 0001");
  EXPECT_EQ(of.pass_control(9, call), Status::success);
  EXPECT_EQ(last(), "gpib0 cmd 20004 00000009");
  EXPECT_EQ(of.set_address(21, call), Status::success);
  EXPECT_EQ(last(), "gpib0 cmd 2000A 00000015");
  EXPECT_EQ(of.clear_interface(call), Status::success);
  EXPECT_EQ(last(), "gpib0 cmd 20010 ");
}

TEST_F(GatewayCommandsTest, EachQuestionHasItsNumber) {
  for (std::uint16_t number = 1; number <= 8; ++number) {
    wire.lines[number] = static_cast<std::uint16_t>(0x0100 + number);
    EXPECT_EQ(*of.ask(static_cast<BusQuestion>(number), call), 0x0100 + number);
    EXPECT_EQ(last(), "gpib0 cmd 20001 000" + std::to_string(number));
  }
}

TEST_F(GatewayCommandsTest, CommandBytesGoInPiecesThatTheGatewayTakes) {
  const std::size_t most = spi::DeviceCommandFacet::kMostData;
  const std::vector<std::byte> bytes(most + 3, std::byte{0x3F});
  const auto sent = of.send(bytes, call);
  EXPECT_EQ(sent.status, Status::success);
  EXPECT_EQ(sent.count, bytes.size());
  EXPECT_EQ(wire.diary().size(), 2U);
  EXPECT_EQ(last(), "gpib0 cmd 20000 3F3F3F");
  EXPECT_EQ(of.send({}, call).count, 0U);
  EXPECT_EQ(wire.diary().size(), 2U);  // nothing was asked
}

TEST_F(GatewayCommandsTest, FailuresArePassedOn) {
  wire.devices["gpib0"].next = Status::error_tmo;
  EXPECT_EQ(of.set_remote(true, call), Status::error_tmo);
  wire.devices["gpib0"].next = Status::error_conn_lost;
  EXPECT_EQ(of.ask(BusQuestion::ndac, call).status(), Status::error_conn_lost);
  wire.devices["gpib0"].next = Status::error_nlisteners;
  const std::byte unlisten{0x3F};
  const auto sent = of.send({&unlisten, 1}, call);
  EXPECT_EQ(sent.status, Status::error_nlisteners);
  EXPECT_EQ(sent.count, 0U);
}

TEST_F(GatewayCommandsTest, AWireWithoutThemHasNone) {
  PlainChannel plain;
  const GatewayCommands none(plain);
  EXPECT_EQ(none.clear_interface(call), Status::error_nsup_oper);
  EXPECT_EQ(none.ask(BusQuestion::ndac, call).status(), Status::error_nsup_oper);
}

}  // namespace
}  // namespace visa::drivers::gpib::gateway
