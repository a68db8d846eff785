// SPDX-License-Identifier: MIT
// What opening and closing a port do to it, and in which order.
#include "drivers/serial/serial_port.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "conformance/unit/drivers/support/fake_uart.h"
#include "conformance/unit/drivers/support/open_serial.h"

namespace visa::test {
namespace {

using namespace drivers::serial;

Result<std::unique_ptr<SerialPort>> open(const std::string& path, const LineSettings& settings,
                                         bool keep_lines = false) {
  Call call(Deadline::after(kLong));
  return SerialPort::open(path, settings, keep_lines, call);
}

void close(SerialPort& port) {
  Call call(Deadline::after(kLong));
  port.close(call);
}

TEST(SerialPort, HasItsSettingsFromTheBeginAndGivesTheOldOnesBack) {
  const PtyMaster master;
  const termios2 before = master.state();
  auto port = open(master.node(), {.baud = 57600, .flow = VI_ASRL_FLOW_XON_XOFF});
  ASSERT_TRUE(port);
  EXPECT_EQ(master.state().c_ospeed, 57600U);
  EXPECT_NE(master.state().c_iflag & IXON, 0U);
  close(**port);
  EXPECT_EQ(master.state().c_ospeed, before.c_ospeed);
  EXPECT_EQ(master.state().c_iflag, before.c_iflag);
  EXPECT_EQ(master.state().c_lflag, before.c_lflag);
}

TEST(SerialPort, LinesAreAssertedUnlessTheyAreKept) {
  FakeUart chip;
  const PtyMaster master;
  for (const bool keep : {false, true}) {
    chip.set_lines(0);
    auto port = open(master.node(), {}, keep);
    ASSERT_TRUE(port);
    EXPECT_EQ(chip.lines(), keep ? 0 : TIOCM_RTS | TIOCM_DTR) << keep;
    close(**port);
  }
}

TEST(SerialPort, SettingsThatItCannotHaveLeaveItAsItWasAndFree) {
  const PtyMaster master;
  const termios2 before = master.state();
  EXPECT_EQ(open(master.node(), {.data_bits = 7}).status(), Status::error_nsup_attr_state);
  EXPECT_EQ(master.state().c_iflag, before.c_iflag);
  EXPECT_EQ(master.state().c_cflag, before.c_cflag);
  auto port = open(master.node(), {});
  ASSERT_TRUE(port) << "no lock is left";
  close(**port);
}

TEST(SerialPort, ClosedIsFreeForTheNext) {
  const PtyMaster master;
  auto first = open(master.node(), {});
  ASSERT_TRUE(first);
  EXPECT_EQ(open(master.node(), {}).status(), Status::error_rsrc_busy);
  close(**first);
  auto second = open(master.node(), {});
  ASSERT_TRUE(second);
  close(**second);
}

}  // namespace
}  // namespace visa::test
