// SPDX-License-Identifier: MIT
// A session on a board: command bytes, raw data, lines, and what an adapter does not have.
#include "drivers/gpib/intfc_channel.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

#include "conformance/unit/drivers/support/channel_probe.h"
#include "conformance/unit/drivers/support/open_gpib.h"
#include "lib/model/attribute_table.h"

namespace visa::drivers::gpib {
namespace {

constexpr Address kDmm{5};

class IntfcChannelTest : public testing::Test {
 protected:
  IntfcChannelTest() { bus_.board.devices[kDmm]; }

  spi::GpibBusFacet& gpib() { return *session_.channel->facets().gpib; }
  std::int64_t state(ViAttr id) {
    return static_cast<std::int64_t>(test::number_of(*session_.channel, id));
  }

  FakeBus bus_;
  GpibSession<IntfcChannel> session_ = bus_.open_board();
  Call call_{Deadline::after(std::chrono::seconds(5))};
};

TEST_F(IntfcChannelTest, MovesDataBetweenDevicesThatTheProgramAddressed) {
  bus_.board.devices[kDmm].answers = {"12345"};
  const std::array<std::byte, 3> listen{std::byte{kUnl}, std::byte{kTad}, std::byte{kLad + 5}};
  EXPECT_EQ(gpib().command(listen, call_).count, 3U);
  EXPECT_EQ(session_.write("Q"), Status::success);
  const std::array<std::byte, 3> talk{std::byte{kUnl}, std::byte{kLad}, std::byte{kTad + 5}};
  EXPECT_EQ(gpib().command(talk, call_).count, 3U);
  EXPECT_EQ(session_.read(3).reason, spi::StopReason::count);
  const auto rest = session_.read(10);
  EXPECT_EQ(rest.data, "45");
  EXPECT_EQ(rest.reason, spi::StopReason::end);
}

TEST_F(IntfcChannelTest, TriggersThoseThatListen) {
  const std::array<std::byte, 2> listen{std::byte{kTad}, std::byte{kLad + 5}};
  EXPECT_EQ(gpib().command(listen, call_).count, 2U);
  EXPECT_EQ(session_.channel->trigger(spi::TriggerProtocol{VI_TRIG_PROT_DEFAULT}, call_),
            Status::success);
  EXPECT_EQ(bus_.board.devices[kDmm].triggers, 1U);
  EXPECT_EQ(session_.channel->trigger(spi::TriggerProtocol{VI_TRIG_PROT_ON}, call_),
            Status::error_inv_prot);
}

TEST_F(IntfcChannelTest, ControlsTheLines) {
  EXPECT_EQ(gpib().control_atn(VI_GPIB_ATN_ASSERT, call_), Status::success);
  EXPECT_EQ(state(VI_ATTR_GPIB_ATN_STATE), 1);
  EXPECT_EQ(gpib().control_atn(VI_GPIB_ATN_DEASSERT, call_), Status::success);
  EXPECT_EQ(state(VI_ATTR_GPIB_ATN_STATE), 0);
  EXPECT_EQ(gpib().control_atn(9, call_), Status::error_inv_mode);
  EXPECT_EQ(gpib().send_ifc(call_), Status::success);
  auto& ren = *session_.channel->facets().remote_local;
  EXPECT_EQ(ren.control_ren(spi::RenMode::assert_ren, call_), Status::success);
  EXPECT_EQ(state(VI_ATTR_GPIB_REN_STATE), 1);
  EXPECT_EQ(ren.control_ren(spi::RenMode::assert_llo, call_), Status::success);
  EXPECT_TRUE(bus_.board.devices[kDmm].lockout);
  EXPECT_EQ(ren.control_ren(spi::RenMode::assert_address, call_), Status::error_inv_mode);
  EXPECT_EQ(ren.control_ren(spi::RenMode::deassert, call_), Status::success);
  EXPECT_EQ(state(VI_ATTR_GPIB_REN_STATE), 0);
}

TEST_F(IntfcChannelTest, PassesControlToAnAddress) {
  EXPECT_EQ(gpib().pass_control(5, VI_NO_SEC_ADDR, call_), Status::success);
  EXPECT_EQ(gpib().pass_control(5, 2, call_), Status::success);
  EXPECT_EQ(bus_.board.log, "C3F4509 C3F456209 ");
  EXPECT_EQ(gpib().pass_control(31, VI_NO_SEC_ADDR, call_), Status::error_inv_parameter);
  EXPECT_EQ(gpib().pass_control(5, 31, call_), Status::error_inv_parameter);
}

TEST_F(IntfcChannelTest, TellsItsStates) {
  EXPECT_EQ(state(VI_ATTR_GPIB_CIC_STATE), VI_TRUE);
  EXPECT_EQ(state(VI_ATTR_GPIB_SYS_CNTRL_STATE), VI_TRUE);
  EXPECT_EQ(state(VI_ATTR_GPIB_ADDR_STATE), VI_GPIB_UNADDRESSED);
  EXPECT_EQ(state(VI_ATTR_GPIB_PRIMARY_ADDR), 0);
  EXPECT_EQ(state(VI_ATTR_GPIB_SECONDARY_ADDR), VI_NO_SEC_ADDR);
  EXPECT_EQ(state(VI_ATTR_GPIB_SRQ_STATE), 0);
  bus_.board.devices[kDmm].status = 0x40;
  EXPECT_EQ(state(VI_ATTR_GPIB_SRQ_STATE), 1);
  bus_.board.reads_ndac = false;
  EXPECT_EQ(state(VI_ATTR_GPIB_NDAC_STATE), VI_STATE_UNKNOWN);
  EXPECT_EQ(state(VI_ATTR_GPIB_HS488_CBL_LEN), VI_GPIB_HS488_NIMPL);
}

TEST_F(IntfcChannelTest, RefusesToSetWhatTheAdapterHasNot) {
  for (const auto id :
       {VI_ATTR_GPIB_PRIMARY_ADDR, VI_ATTR_GPIB_SECONDARY_ADDR, VI_ATTR_DEV_STATUS_BYTE,
        VI_ATTR_GPIB_SYS_CNTRL_STATE, VI_ATTR_GPIB_HS488_CBL_LEN}) {
    EXPECT_EQ(
        session_.channel->set_attribute(static_cast<ViAttr>(id), model::AttributeValue(1U), call_),
        Status::error_nsup_attr_state);
  }
  EXPECT_EQ(
      session_.channel->set_attribute(VI_ATTR_GPIB_CIC_STATE, model::AttributeValue(1U), call_),
      Status::error_attr_readonly);
}

TEST_F(IntfcChannelTest, HasNoStatusByteAndNoClear) {
  EXPECT_EQ(session_.channel->clear(call_), Status::error_nsup_oper);
  EXPECT_EQ(session_.channel->read_status_byte(call_).status(), Status::error_nsup_oper);
}

TEST_F(IntfcChannelTest, AnswersEveryAttributeOfItsKind) {
  std::set<ViAttr> bound;
  for (const auto& one : IntfcChannel::bindings()) bound.insert(one.id);
  std::set<ViAttr> expected;
  for (const auto& row : model::attribute_table()) {
    if (row.kinds.contains(model::Kind::gpib_intfc) && row.home == model::Home::driver) {
      expected.insert(row.id);
    }
  }
  EXPECT_EQ(bound, expected);
}

}  // namespace
}  // namespace visa::drivers::gpib
