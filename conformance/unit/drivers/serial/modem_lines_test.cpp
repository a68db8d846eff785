// SPDX-License-Identifier: MIT
#include "drivers/serial/modem_lines.h"

#include <gtest/gtest.h>

#include "conformance/unit/drivers/support/fake_uart.h"
#include "conformance/unit/drivers/support/open_serial.h"

namespace visa::test {
namespace {

constexpr ViAttr kInputs[] = {VI_ATTR_ASRL_CTS_STATE, VI_ATTR_ASRL_DSR_STATE,
                              VI_ATTR_ASRL_DCD_STATE, VI_ATTR_ASRL_RI_STATE};

TEST(ModemLines, InputsAreThoseOfThePort) {
  FakeUart chip;
  chip.set_lines(0);
  const OpenSerial port;
  const std::pair<ViAttr, int> lines[] = {{VI_ATTR_ASRL_CTS_STATE, TIOCM_CTS},
                                          {VI_ATTR_ASRL_DSR_STATE, TIOCM_DSR},
                                          {VI_ATTR_ASRL_DCD_STATE, TIOCM_CAR},
                                          {VI_ATTR_ASRL_RI_STATE, TIOCM_RNG}};
  for (const auto& [attribute, bit] : lines) {
    chip.set_lines(bit);
    for (const ViAttr one : kInputs) {
      EXPECT_EQ(port.get(one), one == attribute ? VI_STATE_ASSERTED : VI_STATE_UNASSERTED);
    }
    EXPECT_EQ(port.set(attribute, 1), Status::error_attr_readonly);
  }
}

TEST(ModemLines, OpenAssertsRtsAndDtr) {
  FakeUart chip;
  chip.set_lines(0);
  const OpenSerial port;
  EXPECT_EQ(chip.lines(), TIOCM_RTS | TIOCM_DTR);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_DTR_STATE), VI_STATE_ASSERTED);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_RTS_STATE), VI_STATE_ASSERTED);
}

TEST(ModemLines, OutputsAreSetOneByOne) {
  FakeUart chip;
  chip.set_lines(TIOCM_CTS);
  const OpenSerial port;
  EXPECT_EQ(port.set(VI_ATTR_ASRL_DTR_STATE, VI_STATE_UNASSERTED), Status::success);
  EXPECT_EQ(chip.lines(), TIOCM_CTS | TIOCM_RTS);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_RTS_STATE, VI_STATE_UNASSERTED), Status::success);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_DTR_STATE, VI_STATE_ASSERTED), Status::success);
  EXPECT_EQ(chip.lines(), TIOCM_CTS | TIOCM_DTR);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_RTS_STATE), VI_STATE_UNASSERTED);
}

// User pain 38: opening resets boards by DTR.
TEST(ModemLines, AreLeftAloneIfTheSettingSaysSo) {
  FakeUart chip;
  chip.set_lines(0);
  const PtyMaster master;
  termios2 before = master.state();
  before.c_cflag |= HUPCL;
  ASSERT_EQ(::ioctl(master.fd(), TCSETS2, &before), 0);
  SerialSession port(master.node(), {{"keep_lines", true}});
  EXPECT_EQ(chip.lines(), 0);
  EXPECT_EQ(chip.state()->c_cflag & HUPCL, 0u);
  port.close();
  EXPECT_EQ(chip.state()->c_cflag & HUPCL, 0u) << "the kernel would drop DTR at the close";
}

TEST(ModemLines, LineThatFlowControlDrivesIsUnknownAndNotSet) {
  FakeUart chip;
  chip.set_lines(0);
  const OpenSerial port;
  ASSERT_EQ(port.set(VI_ATTR_ASRL_FLOW_CNTRL, VI_ASRL_FLOW_RTS_CTS), Status::success);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_RTS_STATE), VI_STATE_UNKNOWN);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_RTS_STATE, 1), Status::error_nsup_attr_state);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_DTR_STATE), VI_STATE_ASSERTED);
}

TEST(ModemLines, PortWithoutLinesKnowsNone) {
  const OpenSerial port;
  for (const ViAttr one : kInputs) EXPECT_EQ(port.get(one), VI_STATE_UNKNOWN);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_DTR_STATE), VI_STATE_UNKNOWN);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_DTR_STATE, 1), Status::error_nsup_attr_state);
}

TEST(ModemLines, PulledOutConverterIsLost) {
  FakeUart chip;
  chip.set_lines(0);
  const OpenSerial port;
  chip.break_down(EIO);
  Call call(Deadline::after(kLong));
  EXPECT_EQ(port.channel->get_attribute(VI_ATTR_ASRL_CTS_STATE, call).status(),
            Status::error_conn_lost);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_CONNECTED), 0);
}

}  // namespace
}  // namespace visa::test
