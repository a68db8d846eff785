// SPDX-License-Identifier: MIT
// What the attributes do to the line, seen from its other side.
#include "drivers/serial/line_control.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/unit/drivers/support/fake_uart.h"
#include "conformance/unit/drivers/support/open_serial.h"

namespace visa::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

tcflag_t flags(FakeUart& chip) {
  return chip.state()->c_cflag;
}

TEST(LineControl, OpenGivesTheStandardsSettings) {
  const OpenSerial port;
  const termios2 state = port.instrument.state();
  EXPECT_EQ(state.c_ospeed, 9600u);
  EXPECT_EQ(state.c_cflag & (CSIZE | PARENB | CSTOPB | CRTSCTS), tcflag_t{CS8});
  EXPECT_EQ(state.c_lflag, 0u);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_BAUD), 9600);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_DATA_BITS), 8);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_PARITY), VI_ASRL_PAR_NONE);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_STOP_BITS), VI_ASRL_STOP_ONE);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_FLOW_CNTRL), VI_ASRL_FLOW_NONE);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_XON_CHAR), 0x11);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_XOFF_CHAR), 0x13);
}

TEST(LineControl, AnyBaudRateReachesThePort) {
  const OpenSerial port;
  for (const unsigned baud : {300u, 115200u, 31250u, 250000u, 3000000u}) {
    EXPECT_EQ(port.set(VI_ATTR_ASRL_BAUD, baud), Status::success);
    EXPECT_EQ(port.instrument.state().c_ospeed, baud);
    EXPECT_EQ(port.instrument.state().c_ispeed, baud);
    EXPECT_EQ(port.get(VI_ATTR_ASRL_BAUD), baud);
  }
}

TEST(LineControl, RateThePortCannotDoIsRefusedAndTheOldOneStays) {
  FakeUart chip;
  const OpenSerial port;
  chip.set_baud(9600);  // whatever is asked for
  Call call(Deadline::after(kLong));
  EXPECT_EQ(port.channel->set_attribute(VI_ATTR_ASRL_BAUD, std::uint64_t{12345}, call),
            Status::error_nsup_attr_state);
  EXPECT_THAT(call.detail, HasSubstr("12345"));
  EXPECT_THAT(call.detail, HasSubstr("9600"));
  EXPECT_EQ(port.get(VI_ATTR_ASRL_BAUD), 9600);
  chip.set_baud(19000);  // near enough
  EXPECT_EQ(port.set(VI_ATTR_ASRL_BAUD, 19200), Status::success);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_BAUD), 19200);
}

TEST(LineControl, BaudRateOfZeroIsRefused) {
  const OpenSerial port;
  EXPECT_EQ(port.set(VI_ATTR_ASRL_BAUD, 0), Status::error_nsup_attr_state);
}

TEST(LineControl, DataBitsAndParityReachAChip) {
  FakeUart chip;
  const OpenSerial port;
  EXPECT_EQ(port.set(VI_ATTR_ASRL_DATA_BITS, 7), Status::success);
  EXPECT_EQ(flags(chip) & CSIZE, tcflag_t{CS7});
  EXPECT_EQ(port.set(VI_ATTR_ASRL_PARITY, VI_ASRL_PAR_MARK), Status::success);
  EXPECT_EQ(flags(chip) & (PARENB | PARODD | CMSPAR), tcflag_t{PARENB | PARODD | CMSPAR});
  EXPECT_EQ(port.get(VI_ATTR_ASRL_DATA_BITS), 7);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_PARITY), VI_ASRL_PAR_MARK);
}

// A pseudo-terminal always has 8 bits without parity, and the kernel says success all the same.
TEST(LineControl, WhatAPseudoTerminalCannotDoIsRefused) {
  const OpenSerial port;
  EXPECT_EQ(port.set(VI_ATTR_ASRL_DATA_BITS, 7), Status::error_nsup_attr_state);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_PARITY, VI_ASRL_PAR_ODD), Status::error_nsup_attr_state);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_DATA_BITS), 8);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_PARITY), VI_ASRL_PAR_NONE);
  EXPECT_EQ(port.write("works on").status, Status::success);
}

TEST(LineControl, StopBitsFitTheDataBits) {
  FakeUart chip;
  const OpenSerial port;
  EXPECT_EQ(port.set(VI_ATTR_ASRL_STOP_BITS, VI_ASRL_STOP_ONE5), Status::error_nsup_attr_state);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_STOP_BITS, VI_ASRL_STOP_TWO), Status::success);
  EXPECT_NE(flags(chip) & CSTOPB, 0u);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_DATA_BITS, 5), Status::error_nsup_attr_state);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_STOP_BITS, VI_ASRL_STOP_ONE), Status::success);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_DATA_BITS, 5), Status::success);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_STOP_BITS, VI_ASRL_STOP_ONE5), Status::success);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_STOP_BITS), VI_ASRL_STOP_ONE5);
}

// User pain 38: flow control 0 rejected, DTR/DSR wrong.
TEST(LineControl, FlowControl) {
  const OpenSerial port;
  EXPECT_EQ(port.set(VI_ATTR_ASRL_FLOW_CNTRL, VI_ASRL_FLOW_NONE), Status::success);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_FLOW_CNTRL, VI_ASRL_FLOW_XON_XOFF), Status::success);
  EXPECT_EQ(port.instrument.state().c_iflag & (IXON | IXOFF | IXANY), tcflag_t{IXON | IXOFF});
  EXPECT_EQ(port.set(VI_ATTR_ASRL_FLOW_CNTRL, VI_ASRL_FLOW_RTS_CTS), Status::success);
  EXPECT_EQ(port.instrument.state().c_iflag & (IXON | IXOFF), 0u);
  EXPECT_NE(port.instrument.state().c_cflag & CRTSCTS, 0u);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_FLOW_CNTRL, VI_ASRL_FLOW_DTR_DSR), Status::error_nsup_attr_state);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_FLOW_CNTRL), VI_ASRL_FLOW_RTS_CTS);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_FLOW_CNTRL, VI_ASRL_FLOW_NONE), Status::success);
  EXPECT_EQ(port.instrument.state().c_cflag & CRTSCTS, 0u);
}

TEST(LineControl, XoffFromTheInstrumentStopsTheOutput) {
  OpenSerial port;
  ASSERT_EQ(port.set(VI_ATTR_ASRL_XOFF_CHAR, '!'), Status::success);
  ASSERT_EQ(port.set(VI_ATTR_ASRL_XON_CHAR, '?'), Status::success);
  ASSERT_EQ(port.set(VI_ATTR_ASRL_FLOW_CNTRL, VI_ASRL_FLOW_XON_XOFF), Status::success);
  EXPECT_EQ(port.instrument.state().c_cc[VSTOP], '!');
  port.instrument.send("a!\n");
  EXPECT_EQ(port.read(100, line_rule()).data, "a\n") << "the character is no data";
  EXPECT_EQ(port.write("held", spi::WriteEnd::none, kShort).status, Status::error_tmo);
  port.instrument.send("?b\n");
  EXPECT_EQ(port.read(100, line_rule()).data, "b\n");
  EXPECT_EQ(port.write("free").status, Status::success);
  EXPECT_EQ(port.instrument.receive(4), "free");
}

TEST(LineControl, SettingsWaitForTheOutput) {
  FakeUart chip;
  const OpenSerial port;
  chip.set_unsent(10);
  Call call(Deadline::after(kShort));
  EXPECT_EQ(port.channel->set_attribute(VI_ATTR_ASRL_BAUD, std::uint64_t{300}, call),
            Status::error_tmo);
  EXPECT_EQ(chip.state()->c_ospeed, 9600u);
  chip.set_unsent(0);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_BAUD, 300), Status::success);
}

// The chip has bytes when the kernel has none: other settings would damage them.
TEST(LineControl, SettingsWaitForTheChip) {
  FakeUart chip;
  const OpenSerial port;
  ASSERT_EQ(port.set(VI_ATTR_ASRL_BAUD, 300), Status::success);
  chip.set_empty(false);
  ASSERT_EQ(port.write("x").status, Status::success);
  Call call(Deadline::after(kShort));
  EXPECT_EQ(port.channel->set_attribute(VI_ATTR_ASRL_BAUD, std::uint64_t{19200}, call),
            Status::error_tmo);
  chip.set_empty(true);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_BAUD, 19200), Status::success);
}

// QEMU's converter is such a chip.
TEST(LineControl, ChipThatIsNeverEmptyIsWaitedForNoLongerThanItCanBeBusy) {
  FakeUart chip;
  chip.set_empty(false);
  const OpenSerial port;
  EXPECT_EQ(port.set(VI_ATTR_ASRL_BAUD, 4000000), Status::success) << "nothing was sent";
  ASSERT_EQ(port.write("x").status, Status::success);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_BAUD, 9600), Status::success);
}

TEST(LineControl, BreakIsHeldUntilItIsReleased) {
  FakeUart chip;
  const OpenSerial port;
  EXPECT_EQ(port.get(VI_ATTR_ASRL_BREAK_STATE), VI_STATE_UNASSERTED);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_BREAK_STATE, VI_STATE_ASSERTED), Status::success);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_BREAK_STATE), VI_STATE_ASSERTED);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_BREAK_STATE, VI_STATE_UNASSERTED), Status::success);
  EXPECT_THAT(chip.diary(), ElementsAre("break on", "break off"));
}

TEST(LineControl, TransmissionIsStoppedWithXonXoffOnly) {
  FakeUart chip;
  const OpenSerial port;
  EXPECT_EQ(port.get(VI_ATTR_ASRL_ALLOW_TRANSMIT), 1);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_ALLOW_TRANSMIT, 0), Status::error_nsup_attr_state);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_ALLOW_TRANSMIT, 1), Status::success);
  ASSERT_EQ(port.set(VI_ATTR_ASRL_FLOW_CNTRL, VI_ASRL_FLOW_XON_XOFF), Status::success);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_ALLOW_TRANSMIT, 0), Status::success);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_ALLOW_TRANSMIT), 0);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_FLOW_CNTRL, VI_ASRL_FLOW_NONE), Status::success);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_ALLOW_TRANSMIT), 1) << "nothing could start it otherwise";
  EXPECT_THAT(chip.diary(), ElementsAre("stop", "go"));
}

TEST(LineControl, WireModesAreThoseOfThePort) {
  FakeUart chip;
  const OpenSerial port;
  EXPECT_EQ(port.get(VI_ATTR_ASRL_WIRE_MODE), VI_ASRL_WIRE_232_DTE);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_WIRE_MODE, VI_ASRL_WIRE_232_DTE), Status::success);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_WIRE_MODE, VI_ASRL_WIRE_485_2_AUTO),
            Status::error_nsup_attr_state);
  chip.set_rs485(0);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_WIRE_MODE, VI_ASRL_WIRE_485_2_AUTO), Status::success);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_WIRE_MODE), VI_ASRL_WIRE_485_2_AUTO);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_WIRE_MODE, VI_ASRL_WIRE_485_4), Status::success);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_WIRE_MODE), VI_ASRL_WIRE_485_4);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_WIRE_MODE, VI_ASRL_WIRE_485_2_DTR_CTRL),
            Status::error_nsup_attr_state);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_WIRE_MODE, VI_ASRL_WIRE_232_DCE), Status::error_nsup_attr_state);
}

TEST(LineControl, LastCloseGivesEverythingBack) {
  const PtyMaster master;
  termios2 before = master.state();
  before.c_cflag = (before.c_cflag & ~tcflag_t{CBAUD}) | BOTHER;
  before.c_ospeed = before.c_ispeed = 4800;
  before.c_lflag |= ECHO;
  ASSERT_EQ(::ioctl(master.fd(), TCSETS2, &before), 0);
  SerialSession first(master.node());
  SerialSession second(master.node());
  ASSERT_EQ(first.set(VI_ATTR_ASRL_BAUD, 115200), Status::success);
  first.close();
  EXPECT_EQ(master.state().c_ospeed, 115200u) << "another session has the port";
  second.close();
  const termios2 after = master.state();
  EXPECT_EQ(after.c_ospeed, 4800u);
  EXPECT_EQ(after.c_lflag, before.c_lflag);
  EXPECT_EQ(after.c_iflag, before.c_iflag);
  EXPECT_EQ(after.c_oflag, before.c_oflag);
}

TEST(LineControl, LastCloseEndsBreakStopAndRs485) {
  FakeUart chip;
  chip.set_rs485(SER_RS485_RTS_ON_SEND);
  const PtyMaster master;
  SerialSession port(master.node());
  ASSERT_EQ(port.set(VI_ATTR_ASRL_FLOW_CNTRL, VI_ASRL_FLOW_XON_XOFF), Status::success);
  ASSERT_EQ(port.set(VI_ATTR_ASRL_WIRE_MODE, VI_ASRL_WIRE_485_4), Status::success);
  ASSERT_EQ(port.set(VI_ATTR_ASRL_BREAK_STATE, VI_STATE_ASSERTED), Status::success);
  ASSERT_EQ(port.set(VI_ATTR_ASRL_ALLOW_TRANSMIT, 0), Status::success);
  port.close();
  EXPECT_THAT(chip.diary(), Contains("break off"));
  EXPECT_THAT(chip.diary(), Contains("go"));
  EXPECT_EQ(chip.diary().back(), "rs485 " + std::to_string(SER_RS485_RTS_ON_SEND));
}

}  // namespace
}  // namespace visa::test
