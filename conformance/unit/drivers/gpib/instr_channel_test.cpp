// SPDX-License-Identifier: MIT
// A session on a device: transfers, status, and the attributes that its driver keeps.
#include "drivers/gpib/instr_channel.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "conformance/unit/drivers/support/channel_probe.h"
#include "conformance/unit/drivers/support/open_gpib.h"
#include "lib/model/attribute_table.h"

namespace visa::drivers::gpib {
namespace {

constexpr Address kDmm{5};
constexpr Address kScope{9, 2};

class InstrChannelTest : public testing::Test {
 protected:
  InstrChannelTest() {
    bus_.board.devices[kDmm];
    bus_.board.devices[kScope];
  }
  FakeDevice& dmm() { return bus_.board.devices[kDmm]; }

  FakeBus bus_;
  Call call_{Deadline::after(std::chrono::seconds(5))};
};

TEST_F(InstrChannelTest, AsksAndAnswers) {
  auto session = bus_.open(kDmm);
  dmm().answers = {"1.5\n"};
  EXPECT_EQ(session.write("READ?"), Status::success);
  const auto answer = session.read(100);
  EXPECT_EQ(answer.status, Status::success);
  EXPECT_EQ(answer.reason, spi::StopReason::end);
  EXPECT_EQ(answer.data, "1.5\n");
  EXPECT_EQ(dmm().messages, std::vector<std::string>{"READ?"});
  EXPECT_EQ(bus_.board.begun, bus_.board.ended);
}

// 6.1.4
TEST_F(InstrChannelTest, ReadsOnAfterEndWhereItIsSuppressed) {
  auto session = bus_.open(kDmm);
  dmm().answers = {"ab", "cd"};
  const auto answer = session.read(4, {.suppress_end = true});
  EXPECT_EQ(answer.status, Status::success);
  EXPECT_EQ(answer.reason, spi::StopReason::count);
  EXPECT_EQ(answer.data, "abcd");
}

TEST_F(InstrChannelTest, ATerminationCharacterWithEndEndsAReadWhoseEndIsSuppressed) {
  auto session = bus_.open(kDmm);
  dmm().answers = {"ab", "c\n", "d"};
  const auto answer = session.read(10, {.suppress_end = true, .termchar_enabled = true});
  EXPECT_EQ(answer.status, Status::success);
  EXPECT_EQ(answer.reason, spi::StopReason::termchar);
  EXPECT_EQ(answer.data, "abc\n");
}

TEST_F(InstrChannelTest, ExplainsATimeoutAndAMissingListener) {
  auto session = bus_.open(kDmm);
  EXPECT_EQ(session.read(10).status, Status::error_tmo);
  EXPECT_NE(session.detail, "");
  auto nobody = bus_.open(Address{17});
  EXPECT_EQ(nobody.write("Q"), Status::error_nlisteners);
}

TEST_F(InstrChannelTest, ReadsAnEmptyBufferWithoutTheBus) {
  auto session = bus_.open(kDmm);
  EXPECT_EQ(session.read(0).status, Status::success);
  EXPECT_EQ(bus_.board.log, "");
}

TEST_F(InstrChannelTest, ReportsABoardThatAnotherProcessHas) {
  auto session = bus_.open(kDmm);
  bus_.board.begin_status = Status::error_tmo;
  EXPECT_EQ(session.write("Q"), Status::error_tmo);
  EXPECT_EQ(session.read(5).status, Status::error_tmo);
  EXPECT_EQ(session.channel->clear(call_), Status::error_tmo);
  bus_.board.begin_status = Status::success;
  EXPECT_EQ(session.write("Q"), Status::success);
}

TEST_F(InstrChannelTest, SaysWhenTheAdapterIsGone) {
  auto session = bus_.open(kDmm);
  bus_.board.is_gone = true;
  EXPECT_EQ(session.write("Q"), Status::error_conn_lost);
  EXPECT_EQ(session.read(5).status, Status::error_conn_lost);
  EXPECT_EQ(session.channel->read_status_byte(call_).status(), Status::error_conn_lost);
}

TEST_F(InstrChannelTest, PollsClearsAndTriggers) {
  auto session = bus_.open(kDmm);
  dmm().status = 0x10;
  const auto status = session.channel->read_status_byte(call_);
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(*status, 0x10);
  EXPECT_EQ(session.channel->clear(call_), Status::success);
  EXPECT_EQ(session.channel->trigger(spi::TriggerProtocol{VI_TRIG_PROT_DEFAULT}, call_),
            Status::success);
  EXPECT_EQ(session.channel->trigger(spi::TriggerProtocol{VI_TRIG_PROT_SYNC}, call_),
            Status::error_inv_prot);
  EXPECT_EQ(dmm().clears, 1U);
  EXPECT_EQ(dmm().triggers, 1U);
}

TEST_F(InstrChannelTest, ControlsRemote) {
  auto session = bus_.open(kDmm);
  auto* facet = session.channel->facets().remote_local;
  ASSERT_NE(facet, nullptr);
  EXPECT_EQ(facet->control_ren(spi::RenMode::assert_address, call_), Status::success);
  EXPECT_TRUE(bus_.board.ren);
  EXPECT_EQ(test::number_of(*session.channel, VI_ATTR_GPIB_REN_STATE), 1U);
  EXPECT_EQ(facet->control_ren(spi::RenMode::deassert, call_), Status::success);
  EXPECT_EQ(test::number_of(*session.channel, VI_ATTR_GPIB_REN_STATE), 0U);
}

TEST_F(InstrChannelTest, AddressesAsItsAttributesSay) {
  auto session = bus_.open(kDmm);
  using model::AttributeValue;
  EXPECT_EQ(session.channel->set_attribute(VI_ATTR_GPIB_READDR_EN, AttributeValue(0U), call_),
            Status::success);
  EXPECT_EQ(session.channel->set_attribute(VI_ATTR_GPIB_UNADDR_EN, AttributeValue(1U), call_),
            Status::success);
  EXPECT_EQ(session.write("Q"), Status::success);
  EXPECT_EQ(bus_.board.log, "C403F25 W1e C3F5F ");
  EXPECT_EQ(test::number_of(*session.channel, VI_ATTR_GPIB_READDR_EN), 0U);
  EXPECT_EQ(test::number_of(*session.channel, VI_ATTR_GPIB_UNADDR_EN), 1U);
}

// VISA's secondary address 0 is an address.
TEST_F(InstrChannelTest, TellsItsAddress) {
  auto plain = bus_.open(kDmm);
  EXPECT_EQ(test::number_of(*plain.channel, VI_ATTR_GPIB_PRIMARY_ADDR), 5U);
  EXPECT_EQ(test::number_of(*plain.channel, VI_ATTR_GPIB_SECONDARY_ADDR), VI_NO_SEC_ADDR);
  auto second = bus_.open(Address{9, 0});
  EXPECT_EQ(test::number_of(*second.channel, VI_ATTR_GPIB_SECONDARY_ADDR), 0U);
}

TEST_F(InstrChannelTest, AnswersEveryAttributeOfItsKind) {
  std::set<ViAttr> bound;
  for (const auto& one : InstrChannel::bindings()) bound.insert(one.id);
  std::set<ViAttr> expected;
  for (const auto& row : model::attribute_table()) {
    if (row.kinds.contains(model::Kind::gpib_instr) && row.home == model::Home::driver) {
      expected.insert(row.id);
    }
  }
  EXPECT_EQ(bound, expected);
}

}  // namespace
}  // namespace visa::drivers::gpib
