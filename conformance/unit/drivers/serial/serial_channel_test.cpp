// SPDX-License-Identifier: MIT
// Attributes against the table, viClear, and what the channel says of itself.
#include "drivers/serial/serial_channel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "conformance/unit/drivers/support/fake_uart.h"
#include "conformance/unit/drivers/support/open_serial.h"
#include "lib/model/attribute_table.h"

namespace visa::test {
namespace {

using drivers::serial::SerialChannel;
using testing::ElementsAre;

TEST(SerialChannel, BindsTheAttributesOfTheTableThatADriverHas) {
  std::set<ViAttr> wanted;
  for (const auto& row : model::attribute_table()) {
    if (row.kinds.contains(model::Kind::asrl_instr) && row.home == model::Home::driver) {
      wanted.insert(row.id);
    }
  }
  std::set<ViAttr> bound;
  for (const auto& binding : SerialChannel::bindings()) {
    EXPECT_TRUE(bound.insert(binding.id).second);
    const auto* row = model::find_attribute(binding.id, model::Kind::asrl_instr);
    ASSERT_NE(row, nullptr);
    EXPECT_EQ(binding.set != nullptr, model::writable(*row)) << row->name;
  }
  EXPECT_EQ(bound, wanted);
}

TEST(SerialChannel, EveryAttributeHasItsDefaultAfterOpen) {
  FakeUart chip;
  chip.set_lines(0);
  const OpenSerial port;
  for (const auto& binding : SerialChannel::bindings()) {
    const auto* row = model::find_attribute(binding.id, model::Kind::asrl_instr);
    ASSERT_NE(row, nullptr);
    const auto value = port.get(binding.id);
    if (!row->has_default) continue;
    EXPECT_EQ(value, static_cast<std::int64_t>(row->default_value)) << row->name;
  }
}

TEST(SerialChannel, IsADuplexStreamWhoseFormattedBuffersGoThrough) {
  const OpenSerial port;
  const auto traits = port.channel->traits();
  EXPECT_TRUE(traits.duplex);
  EXPECT_TRUE(traits.stream);
  EXPECT_TRUE(traits.flush_through);
  EXPECT_FALSE(traits.ends_messages);
  Call call(Deadline::after(kLong));
  EXPECT_EQ(port.channel->read_status_byte(call).status(), Status::error_nsup_oper);
  EXPECT_EQ(port.channel->trigger(spi::TriggerProtocol{0}, call), Status::error_nsup_oper);
}

TEST(SerialChannel, ClearDropsBothBuffersAndSendsABreak) {
  FakeUart chip;
  OpenSerial port;
  ASSERT_EQ(port.set(VI_ATTR_ASRL_BREAK_LEN, 20), Status::success);
  port.instrument.send("one\nkept\n");
  EXPECT_EQ(port.read(100, line_rule()).data, "one\n");
  port.instrument.send("arrived\n");
  chip.set_unsent(7);
  Call call(Deadline::after(kLong));
  EXPECT_EQ(port.channel->clear(call), Status::success);
  EXPECT_THAT(chip.diary(), ElementsAre("flush out", "break on", "break off"));
  EXPECT_EQ(port.get(VI_ATTR_ASRL_AVAIL_NUM), 0);
  port.instrument.send("new\n");
  EXPECT_EQ(port.read(100, line_rule()).data, "new\n");
}

TEST(SerialChannel, ClearKeepsItsDeadline) {
  FakeUart chip;
  const OpenSerial port;
  const auto begin = std::chrono::steady_clock::now();
  Call call(Deadline::after(std::chrono::milliseconds(50)));
  EXPECT_EQ(port.channel->clear(call), Status::success) << "with a shorter break";
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  EXPECT_THAT(chip.diary(), ElementsAre("break on", "break off"));
}

TEST(SerialChannel, BreakLengthIsOfTheSession) {
  const OpenSerial port;
  const SerialSession other(port.instrument.node());
  EXPECT_EQ(port.set(VI_ATTR_ASRL_BREAK_LEN, 10), Status::success);
  EXPECT_EQ(other.get(VI_ATTR_ASRL_BREAK_LEN), 250);
}

}  // namespace
}  // namespace visa::test
